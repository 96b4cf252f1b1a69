// SPDX-License-Identifier: ISC
// Step 1: connecting, and who is connected, folded into one line.

import type { Platform } from '../app/explain.ts';
import type { ConnectedDevice, State } from '../app/state.ts';
import type { DfuTarget } from '../dfu/device.ts';
import { texts } from '../texts/index.ts';
import { bcd, hex, usbId } from '../texts/numbers.ts';
import type { DeviceHandle } from '../usb/transport.ts';
import { byId, choice, element, onClick, setText, showFacts } from './dom.ts';

const { device: words, start } = texts.ui;

/** A virtual board on offer. */
export interface BoardOffer {
  readonly name: string;
  readonly choose: () => void;
}

export interface DeviceActions {
  connect(): void;
  choose(handle: DeviceHandle): void;
  disconnect(): void;
  forget(): void;
  useTarget(target: DfuTarget): void;
}

export class DeviceView {
  private offers_: readonly BoardOffer[] = [];
  private drawn_ = '';
  private others_ = '';
  private onTable_ = false;
  private targets_: readonly DfuTarget[] = [];

  constructor(private readonly actions_: DeviceActions) {
    onClick('connect', () => actions_.connect());
    onClick('disconnect', () => actions_.disconnect());
    onClick('forget', () => actions_.forget());
    byId<HTMLSelectElement>('target').addEventListener('change', (event) => {
      const chosen = this.targets_[(event.target as HTMLSelectElement).selectedIndex];
      if (chosen) actions_.useTarget(chosen);
    });
  }

  offer(offers: readonly BoardOffer[]): void {
    this.offers_ = offers;
    this.drawn_ = '';
  }

  /** While a virtual board lies on the table, it is the one to connect: no other choice is in the way. */
  boardOnTable(onTable: boolean): void {
    this.onTable_ = onTable;
    this.drawn_ = '';
  }

  /** The chooser was closed, perhaps because it was empty: browsers do not say which. */
  nothingChosen(platform: Platform): void {
    setText(byId('chooser-hint'), start.nothingChosen);
    byId<HTMLDetailsElement>('bootloader-help').open = true;
    byId('snap-help').hidden = platform !== 'linux';
  }

  render(state: State): void {
    const { device } = state;
    const over = state.outcome?.kind === 'done' && state.outcome.written === true;
    if (device || state.connecting) setText(byId('chooser-hint'), '');
    // Without USB and without a virtual board there is nothing that could be connected.
    const useless = state.unsupported !== undefined && this.offers_.length === 0;
    byId('device-absent').hidden = device !== undefined || over || useless || state.job !== undefined;
    // Who has been here already needs no greeting.
    byId('device-absent').classList.toggle(
      'is-brief',
      state.known !== undefined || state.outcome !== undefined || this.onTable_,
    );
    byId('device-present').hidden = device === undefined;
    byId('connect').hidden = state.unsupported !== undefined || this.onTable_;
    const waiting = state.outcome?.kind === 'interrupted';
    for (const id of ['device-lead', 'hero-title']) byId(id).hidden = waiting;
    byId('bootloader-help').hidden = state.unsupported !== undefined || this.onTable_ || waiting;
    setText(byId('device-lead'), this.lead(state));
    const connect = byId<HTMLButtonElement>('connect');
    connect.disabled = state.connecting;
    setText(connect, state.connecting ? start.connecting : start.connect);
    byId<HTMLButtonElement>('disconnect').disabled = state.job !== undefined;
    this.renderChoices(state);
    if (device) this.renderDevice(device);
    this.renderOthers(state);
  }

  private lead(state: State): string {
    if (state.unsupported && !this.onTable_) return start.virtualOnly;
    if (!this.onTable_) return start.lead;
    return state.connecting ? start.connecting : start.virtualWaits;
  }

  /** Devices that need no chooser: permitted before, or virtual. Drawn anew only when they change: focus stays. */
  private renderChoices(state: State): void {
    const usb = state.unsupported ? [] : state.available.filter((one) => one.kind === 'usb');
    const onTable = state.available.filter((one) => one.kind === 'virtual' && one.mode === 'application');
    const shown = this.onTable_ ? onTable : usb;
    const failed = state.outcome?.kind === 'problem' && state.outcome.about === 'device';
    const offers = this.onTable_ && !failed ? [] : this.offers_;
    const signature = JSON.stringify([shown, offers.map((one) => one.name)]);
    if (signature === this.drawn_) return;
    this.drawn_ = signature;
    const first = offers.length === 1 ? start.virtual : undefined;
    byId('available').replaceChildren(
      ...shown.map((handle) => this.handleChoice(handle)),
      ...offers.map((one) => choice(first ?? one.name, start.virtualDetail, one.choose)),
    );
  }

  private handleChoice(handle: DeviceHandle): HTMLElement {
    const act = (): void => this.actions_.choose(handle);
    const name = handle.product || start.usbDevice;
    return handle.mode === 'application' || handle.kind === 'virtual'
      ? choice(start.application(name), start.applicationDetail, act)
      : choice(name, start.permitted(handle.serial), act);
  }

  private renderDevice(device: ConnectedDevice): void {
    const { facts, target, placement } = device;
    const { functional } = target;
    setText(byId('device-name'), facts.product || start.usbDevice);
    setText(byId('device-room'), words.room(placement?.end === undefined ? undefined : placement.end - placement.base));
    setText(byId('device-serial'), words.serial(facts.serial));
    byId('forget').hidden = device.handle.forget === undefined;
    this.renderTargets(facts.targets, target);
    const abilities = [
      functional.canDownload ? words.receive : '',
      functional.canUpload ? words.send : '',
      functional.willDetach ? words.leave : '',
    ].filter((one) => one !== '');
    showFacts(byId('device-facts'), [
      [words.id, usbId(facts.vendorId, facts.productId)],
      [words.version, bcd(facts.release)],
      [words.protocol, `DFU ${bcd(functional.version)}`],
      [words.block, words.blockBytes(functional.transferSize)],
      ...(placement ? [[words.begins, `${hex(placement.base)} (${words.from[placement.from]})`] as const] : []),
      [words.can, abilities.join(', ') || words.nothing, 'wide'],
    ]);
  }

  /** Other boards that could be used instead. */
  private renderOthers(state: State): void {
    const { device, available, job } = state;
    const others =
      device && !job
        ? available.filter((one) => one.kind === 'usb' && !Object.is(one.attachment, device.handle.attachment))
        : [];
    const signature = JSON.stringify(others);
    if (signature === this.others_) return;
    this.others_ = signature;
    byId('others').replaceChildren(
      ...others
        .filter((one) => one.mode === 'bootloader')
        .map((one) =>
          choice(words.other(one.product || start.usbDevice), words.serial(one.serial), () =>
            this.actions_.choose(one),
          ),
        ),
    );
  }

  /** A device with one alternate setting leaves nothing to choose. */
  private renderTargets(targets: readonly DfuTarget[], current: DfuTarget): void {
    byId('target-row').hidden = targets.length < 2;
    const select = byId<HTMLSelectElement>('target');
    if (targets !== this.targets_) {
      this.targets_ = targets;
      select.replaceChildren(
        ...targets.map((one) => element('option', '', `${one.interface.alternate}: ${one.name || words.noName}`)),
      );
    }
    select.selectedIndex = targets.indexOf(current);
  }
}
