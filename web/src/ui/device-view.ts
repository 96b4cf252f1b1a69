// SPDX-License-Identifier: ISC
// Card 1: connecting, and who is connected.

import type { Platform } from '../app/explain.ts';
import type { State } from '../app/state.ts';
import type { DfuTarget } from '../dfu/device.ts';
import type { DeviceHandle } from '../usb/transport.ts';
import { byId, element, onClick, setText, showFacts } from './dom.ts';
import { bcd, bytes, usbId } from './format.ts';

/** A virtual board on offer. */
export interface BoardOffer {
  readonly name: string;
  readonly choose: () => void;
}

export interface DeviceActions {
  connect(): void;
  choose(handle: DeviceHandle): void;
  disconnect(): void;
  useTarget(target: DfuTarget): void;
}

export class DeviceView {
  private offers_: readonly BoardOffer[] = [];
  private drawn_ = '';
  private onTable_ = false;
  private targets_: readonly DfuTarget[] = [];

  constructor(private readonly actions_: DeviceActions) {
    onClick('connect', () => actions_.connect());
    onClick('disconnect', () => actions_.disconnect());
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
    const text = 'Nothing was chosen. If your board was not in the list, it is not in its bootloader, or not connected:';
    setText(byId('chooser-hint'), text);
    byId<HTMLDetailsElement>('bootloader-help').open = true;
    byId('snap-help').hidden = platform !== 'linux';
  }

  render(state: State): void {
    const { device } = state;
    if (device || state.connecting) setText(byId('chooser-hint'), '');
    // Without USB and without a virtual board there is nothing that could be connected.
    byId('device-card').hidden = state.unsupported !== undefined && this.offers_.length === 0;
    byId('device-absent').hidden = device !== undefined;
    byId('device-present').hidden = device === undefined;
    byId('connect-row').hidden = state.unsupported !== undefined || this.onTable_;
    byId('bootloader-help').hidden = state.unsupported !== undefined || this.onTable_;
    setText(byId('device-lead'), this.lead(state));
    const connect = byId<HTMLButtonElement>('connect');
    connect.disabled = state.connecting;
    setText(connect, state.connecting ? 'Connecting…' : 'Connect a device');
    byId<HTMLButtonElement>('disconnect').disabled = state.job !== undefined;
    this.renderChoices(state);
    if (device) this.renderDevice(device);
  }

  private lead(state: State): string {
    if (state.unsupported && !this.onTable_) return 'A virtual board can be tried here:';
    if (!this.onTable_) return 'Plug the board in, in bootloader mode, and connect it.';
    return state.connecting ? 'Connecting…' : 'The virtual board connects by itself when its bootloader runs.';
  }

  /** Devices that need no chooser: permitted before, or virtual. Drawn anew only when they change: focus stays. */
  private renderChoices(state: State): void {
    const permitted = state.available.filter((handle) => handle.kind === 'usb');
    const signature = JSON.stringify([permitted, this.offers_.map((one) => one.name), state.unsupported === undefined, state.outcome?.about]);
    if (signature === this.drawn_) return;
    this.drawn_ = signature;
    if (this.onTable_ && !state.outcome?.about) {
      byId('available').replaceChildren();
      return;
    }
    const usb = state.unsupported || this.onTable_ ? [] : permitted;
    byId('available').replaceChildren(
      ...usb.map((handle) =>
        this.choice(handle.product || 'USB device', `serial ${handle.serial || 'none'}`, () => this.actions_.choose(handle)),
      ),
      ...this.offers_.map((one) => this.choice(one.name, 'a simulated board, no hardware needed', one.choose)),
    );
  }

  private choice(name: string, detail: string, act: () => void): HTMLElement {
    const button = element('button', 'choice', element('span', '', name), element('small', '', detail));
    button.type = 'button';
    button.addEventListener('click', act);
    return button;
  }

  private renderDevice(device: NonNullable<State['device']>): void {
    const { facts, target, capacity } = device;
    const { functional } = target;
    setText(byId('device-name'), facts.product || 'USB device');
    setText(byId('device-serial'), facts.serial ? `Serial number ${facts.serial}` : 'No serial number');
    this.renderTargets(facts.targets, target);
    const abilities = [
      functional.canDownload ? 'receive firmware' : '',
      functional.canUpload ? 'send it back' : '',
      functional.willDetach ? 'start it by itself' : '',
    ].filter((one) => one !== '');
    showFacts(byId('device-facts'), [
      ['USB id', usbId(facts.vendorId, facts.productId)],
      ['Protocol', `DFU ${bcd(functional.version)}`],
      ['Block size', `${functional.transferSize} bytes`],
      ...(capacity === undefined ? [] : [['Room', bytes(capacity)] as const]),
      ['It can', abilities.join(', ') || 'nothing that this page needs', 'wide'],
    ]);
  }

  /** A device with one alternate setting leaves nothing to choose. */
  private renderTargets(targets: readonly DfuTarget[], current: DfuTarget): void {
    byId('target-row').hidden = targets.length < 2;
    const select = byId<HTMLSelectElement>('target');
    if (targets !== this.targets_) {
      this.targets_ = targets;
      select.replaceChildren(
        ...targets.map((one) => element('option', '', `${one.interface.alternate}: ${one.name || 'no name'}`)),
      );
    }
    select.selectedIndex = targets.indexOf(current);
  }
}
