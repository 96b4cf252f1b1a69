// SPDX-License-Identifier: ISC
// Card 3: the one big action, its progress, and what it came to.

import type { Job, Outcome, State } from '../app/state.ts';
import { byId, copyBox, element, onClick, setText } from './dom.ts';
import { bytes, duration } from './format.ts';

export interface UpdateActions {
  write(): void;
  verify(): void;
  save(): void;
  start(): void;
  stop(): void;
  copy(text: string): Promise<void>;
}

export class UpdateView {
  private outcome_: Outcome | undefined;
  private announced_ = '';
  private running_ = false;

  constructor(private readonly actions_: UpdateActions) {
    onClick('write', () => actions_.write());
    onClick('verify', () => actions_.verify());
    onClick('save', () => actions_.save());
    onClick('start', () => actions_.start());
    onClick('stop', () => actions_.stop());
  }

  render(state: State): void {
    const { device, image, verdict, job } = state;
    const functional = device?.target.functional;
    const writable = device !== undefined && image !== undefined && verdict !== undefined && verdict.kind !== 'refused';
    // The work is done and the device has left: nothing more to press here.
    const over = state.outcome?.kind === 'done' && !state.outcome.about && !device;
    byId('actions').hidden = job !== undefined || over || state.outcome?.kind === 'interrupted';
    byId('more').hidden = job !== undefined || device === undefined;
    byId<HTMLButtonElement>('write').disabled = !writable;
    byId<HTMLButtonElement>('verify').disabled = !image || !functional?.canUpload;
    byId<HTMLButtonElement>('save').disabled = !functional?.canUpload;
    setText(byId('write'), verdict?.kind === 'doubtful' ? 'Write firmware anyway' : 'Write firmware');
    setText(byId('write-hint'), hint(state));
    this.renderJob(job);
    this.renderOutcome(state.outcome);
    this.keepFocus(job !== undefined);
  }

  private renderJob(job: Job | undefined): void {
    byId('job').hidden = job === undefined;
    if (!job) {
      this.announced_ = '';
      return;
    }
    const bar = byId('bar');
    const share = job.total ? Math.min(job.done / job.total, 1) : undefined;
    setText(byId('job-step'), job.step);
    setText(byId('job-percent'), share === undefined ? '' : `${Math.floor(share * 100)} %`);
    setText(byId('job-numbers'), numbers(job));
    bar.classList.toggle('is-open', share === undefined);
    if (share === undefined) {
      bar.removeAttribute('aria-valuenow');
    } else {
      bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
      byId('bar-fill').style.setProperty('--share', String(share));
    }
    // Spoken at each quarter, not at each block.
    const quarter = share === undefined ? '' : `, ${Math.floor(share * 4) * 25} percent`;
    this.announce(`${job.step}${quarter}`);
  }

  private renderOutcome(outcome: Outcome | undefined): void {
    if (outcome === this.outcome_) return;
    this.outcome_ = outcome;
    for (const id of ['outcome', 'device-outcome']) {
      byId(id).hidden = true;
      byId(id).replaceChildren();
    }
    if (!outcome) return;
    const box = byId(outcome.about === 'device' ? 'device-outcome' : 'outcome');
    box.hidden = false;
    box.className = `outcome ${outcome.kind === 'done' ? 'good' : outcome.kind === 'interrupted' ? 'doubtful' : 'refused'}`;
    box.append(element('p', 'says-title', outcome.title));
    if (outcome.kind === 'done') {
      box.append(element('p', '', outcome.text));
      this.announce(`${outcome.title}. ${outcome.text}`);
      return;
    }
    box.append(element('p', '', outcome.cause), element('p', '', outcome.next));
    if (outcome.kind === 'interrupted') {
      const giveUp = element('button', 'quiet', 'Do not go on');
      giveUp.type = 'button';
      giveUp.addEventListener('click', () => this.actions_.stop());
      box.append(giveUp);
    }
    if (outcome.copy) box.append(copyBox(outcome.copy, (text) => this.actions_.copy(text)));
    this.announce(`${outcome.title}. ${outcome.cause} ${outcome.next}`);
  }

  /** A button that vanishes takes the focus with it; whoever works by keyboard goes on at what took its place. */
  private keepFocus(running: boolean): void {
    if (running === this.running_) return;
    this.running_ = running;
    const lost = document.activeElement === document.body || document.activeElement === byId('stop');
    if (lost) (running ? byId('stop') : byId('outcome')).focus({ preventScroll: true });
  }

  private announce(text: string): void {
    if (text === this.announced_) return;
    this.announced_ = text;
    setText(byId('announce'), text);
  }
}

function numbers(job: Job): string {
  const parts = [job.total === undefined ? bytes(job.done) : `${bytes(job.done)} of ${bytes(job.total)}`];
  if (job.done === 0 && !job.total) return '';
  if (job.rate) parts.push(`${bytes(job.rate.bytesPerSecond)}/s`);
  if (job.rate?.secondsLeft !== undefined && job.done !== job.total) parts.push(`${duration(job.rate.secondsLeft)} left`);
  return parts.join(' · ');
}

function hint(state: State): string {
  if (!state.device && !state.image) return 'Connect a device and choose a file first.';
  if (!state.device) return 'Connect a device first.';
  if (!state.image) return 'Choose a file first.';
  if (state.verdict?.kind === 'refused') return 'This file cannot be written to this device; see above.';
  return state.device.target.functional.willDetach
    ? 'The new application starts by itself when it is complete.'
    : 'The device stays in its bootloader afterwards.';
}
