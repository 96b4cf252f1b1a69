// SPDX-License-Identifier: ISC
// The board in sight: a drawn Blue Pill that shows what is going on, and the controls of a virtual one, whose lamps,
// jumper, reset button and cable are live.

import type { State } from '../app/state.ts';
import { texts } from '../texts/index.ts';
import type { BoardLink, BoardState } from '../usb/board-link.ts';
import { byId, onClick, setText } from './dom.ts';

const { stage } = texts.ui;

export class StageView {
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

  get link(): BoardLink | undefined {
    return this.link_;
  }

  /** Whether a virtual Blue Pill lies on the table. */
  get showsPill(): boolean {
    return this.link_?.state !== undefined && isPill(this.link_.state);
  }

  /** Puts a virtual board on the table. */
  show(link: BoardLink): void {
    this.unwatch_();
    this.link_ = link;
    this.unwatch_ = link.watch((state) => this.renderTable(state));
    this.renderTable(link.state);
  }

  hide(): void {
    this.unwatch_();
    this.link_ = undefined;
    byId('board-controls').hidden = true;
    this.draw({ led: false, powered: false, boot1: false, pill: true });
  }

  /** What the drawing shows of the flow: a real board's lamps are not known here, and are not made up. */
  render(state: State): void {
    const done = state.outcome?.kind === 'done' && state.outcome.written === true;
    const at = state.job ? 'working' : done ? 'done' : state.device ? 'connected' : 'absent';
    byId('stage').dataset['at'] = at;
    const onTable = this.link_ !== undefined;
    byId('legend').hidden = onTable || at !== 'absent' || state.outcome?.kind === 'interrupted';
    setText(byId('mat-state'), stateOfJob(state) ?? stage.now[at]);
    if (!onTable) this.draw({ led: false, powered: at !== 'absent', boot1: at !== 'done', pill: true });
  }

  private act(what: 'boot1' | 'power', value: (state: BoardState) => boolean): void {
    const state = this.link_?.state;
    if (state) void this.link_?.ask({ do: what, value: value(state) }).catch(() => undefined);
  }

  private renderTable(state: BoardState | undefined): void {
    if (!state) {
      this.leave_();
      return;
    }
    const pill = isPill(state);
    byId('board-controls').hidden = false;
    byId('legend').hidden = true;
    setText(byId('board-title'), state.name);
    this.draw({ led: state.led, powered: state.powered, boot1: state.boot1, pill });
    byId('board-boot1').setAttribute('aria-checked', String(state.boot1));
    setText(byId('board-boot1'), pill ? stage.boot1(state.boot1) : stage.button);
    setText(byId('board-power'), state.powered ? stage.unplug : stage.plug);
    byId<HTMLButtonElement>('board-reset').disabled = !state.powered;
    setText(byId('board-state'), describe(state));
  }

  /** Other boards than the Blue Pill have its socket, lamps and reset button, but not its jumpers. */
  private draw(looks: { led: boolean; powered: boolean; boot1: boolean; pill: boolean }): void {
    document.querySelector('.pill')?.classList.toggle('is-other', !looks.pill);
    setText(byId('pill-title'), looks.pill ? stage.drawing : stage.otherDrawing);
    byId('pill-led').classList.toggle('is-lit', looks.led);
    byId('pill-glow').classList.toggle('is-lit', looks.led);
    byId('pill-power').classList.toggle('is-lit', looks.powered);
    byId('pill-boot1').classList.toggle('is-one', looks.boot1);
    byId('pill-cable').classList.toggle('is-out', !looks.powered);
  }
}

/** How far it is, as large as the board that it happens to. */
function stateOfJob({ job }: State): string | undefined {
  return job?.total ? texts.numbers.percent(job.done / job.total) : undefined;
}

function isPill(state: BoardState): boolean {
  return /Blue Pill$|Blue Pill \d/.test(state.name);
}

function describe(state: BoardState): string {
  if (state.halted) return stage.halted(state.halted);
  if (!state.powered) return stage.noPower;
  if (state.device) return /boot/i.test(state.device.product) ? stage.onBus : stage.running;
  if (!isPill(state)) return stage.enterByButton;
  return state.boot1 ? stage.jumperSet : stage.enterByJumper;
}
