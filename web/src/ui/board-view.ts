// SPDX-License-Identifier: ISC
// The drawn Blue Pill: its lamps, jumper, reset button and cable, live.

import type { BoardLink, BoardState } from '../usb/board-link.ts';
import { byId, onClick, setText } from './dom.ts';

export class BoardView {
  private link_: BoardLink | undefined;
  private unwatch_: () => void = () => undefined;

  /** `leave` is called when the person puts the board away, or its server is gone. */
  constructor(private readonly leave_: () => void) {
    const toggleBoot1 = (): void => this.act('boot1', (state) => !state.boot1);
    const reset = (): void => void this.link_?.ask({ do: 'press-reset' }).catch(() => undefined);
    onClick('board-boot1', toggleBoot1);
    onClick('pill-jumpers', toggleBoot1);
    onClick('board-reset', reset);
    onClick('pill-reset', reset);
    onClick('board-power', () => this.act('power', (state) => !state.powered));
    onClick('board-leave', () => leave_());
  }

  show(link: BoardLink): void {
    this.unwatch_();
    this.link_ = link;
    this.unwatch_ = link.watch((state) => this.render(state));
    byId('board-card').hidden = false;
    this.render(link.state);
  }

  hide(): void {
    this.unwatch_();
    this.link_ = undefined;
    byId('board-card').hidden = true;
  }

  private act(what: 'boot1' | 'power', value: (state: BoardState) => boolean): void {
    const state = this.link_?.state;
    if (state) void this.link_?.ask({ do: what, value: value(state) }).catch(() => undefined);
  }

  private render(state: BoardState | undefined): void {
    if (!state) {
      this.leave_();
      return;
    }
    setText(byId('board-title'), state.name);
    // Only the Blue Pill is drawn; other boards have its buttons, not its looks.
    const pill = isPill(state);
    document.querySelector<SVGElement>('.pill')?.toggleAttribute('hidden', !pill);
    byId('pill-led').classList.toggle('is-lit', state.led);
    byId('pill-glow').classList.toggle('is-lit', state.led);
    byId('pill-power').classList.toggle('is-lit', state.powered);
    byId('pill-boot1').classList.toggle('is-one', state.boot1);
    byId('pill-cable').classList.toggle('is-out', !state.powered);
    byId('board-boot1').setAttribute('aria-checked', String(state.boot1));
    setText(byId('board-boot1'), pill ? `BOOT1 jumper at ${state.boot1 ? 1 : 0}` : 'Hold the button');
    setText(byId('board-power'), state.powered ? 'Unplug the cable' : 'Plug the cable in');
    byId<HTMLButtonElement>('board-reset').disabled = !state.powered;
    setText(byId('board-state'), describe(state));
  }
}

function isPill(state: BoardState): boolean {
  return /Blue Pill$|Blue Pill \d/.test(state.name);
}

function describe(state: BoardState): string {
  if (state.halted) return `The chip stands still: ${state.halted}`;
  if (!state.powered) return 'No power.';
  if (!state.device && !isPill(state)) {
    return 'An application is running. For the bootloader, hold the button and press reset.';
  }
  if (!state.device) {
    return state.boot1
      ? 'An application is running. BOOT1 is at 1: press reset, and the board enters its bootloader.'
      : 'An application is running. For the bootloader, move BOOT1 to 1 and press reset.';
  }
  return `On the bus as “${state.device.product}”.`;
}
