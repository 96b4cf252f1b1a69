// SPDX-License-Identifier: ISC
// "Write every board that comes": over the flow, which connects boards in bootloader mode by itself. Each board is
// written once; an error is noted, and the next board is the next. What is not in bootloader mode never gets here.

import type { Flow } from './flow.ts';
import type { Outcome, State } from './state.ts';

export interface BatchRow {
  readonly at: Date;
  readonly serial: string;
  readonly file: string;
  readonly good: boolean;
  readonly result: string;
}

export interface BatchOptions {
  readonly now?: () => Date;
  /** A row was added. */
  readonly noted: (row: BatchRow) => void;
}

export class Batch {
  readonly rows: BatchRow[] = [];
  private on_ = false;
  /** Plug-ins, and serial numbers, that have had their turn. */
  private readonly done_ = new Set<unknown>();
  private noted_: Outcome | undefined;
  private current_: State['device'];

  constructor(
    private readonly flow_: Flow,
    private readonly options_: BatchOptions,
  ) {}

  get on(): boolean {
    return this.on_;
  }

  get good(): number {
    return this.rows.filter((one) => one.good).length;
  }

  /** What was written before the batch began is no part of it. */
  begin(): void {
    this.on_ = true;
    this.noted_ = this.flow_.state.outcome;
    this.look(this.flow_.state);
  }

  end(): void {
    this.on_ = false;
  }

  /** Called with every state of the flow. */
  look(state: State): void {
    if (!this.on_ || state.job) return;
    const { outcome, device, image, verdict } = state;
    const over = outcome && outcome !== this.noted_ && outcome.kind !== 'interrupted' && outcome.kind !== 'note';
    if (over && this.current_) this.note(state, outcome);
    if (!device || !image || !verdict || verdict.kind === 'refused') return;
    if (
      this.done_.has(device.handle.attachment) ||
      (device.facts.serial !== '' && this.done_.has(device.facts.serial))
    ) {
      // It stays in its bootloader, or came back: the next one cannot be connected before it is released.
      void this.flow_.disconnect();
      return;
    }
    if (outcome?.kind === 'interrupted') return;
    this.current_ = device;
    this.done_.add(device.handle.attachment);
    void this.flow_.write();
  }

  /** Comma-separated values (RFC 4180), with a line that names the columns. */
  csv(): string {
    const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const lines = this.rows.map((one) =>
      [one.at.toISOString(), one.serial, one.file, one.good ? 'good' : 'failed', one.result].map(quoted).join(','),
    );
    return ['time,serial,file,outcome,detail', ...lines, ''].join('\r\n');
  }

  private note(state: State, outcome: Outcome): void {
    this.noted_ = outcome;
    const board = this.current_!;
    this.current_ = undefined;
    const good = outcome.kind === 'done';
    if (good && board.facts.serial !== '') this.done_.add(board.facts.serial);
    const row = {
      at: (this.options_.now ?? (() => new Date()))(),
      serial: board.facts.serial,
      file: state.image?.name ?? '',
      good,
      result: outcome.kind === 'done' ? outcome.title : `${outcome.title}: ${outcome.cause}`,
    };
    this.rows.push(row);
    this.options_.noted(row);
  }
}
