// SPDX-License-Identifier: ISC
// Step 3: the one big action, its progress, and what it came to.

import type { Explanation } from '../app/explain.ts';
import { isInstaller } from '../app/replace.ts';
import type { Job, Outcome, State } from '../app/state.ts';
import { texts } from '../texts/index.ts';
import { byId, copyBox, drawnTick, element, onClick, setText } from './dom.ts';

const { update: words } = texts.ui;
const { bytes, duration, percent } = texts.numbers;

export interface UpdateActions {
  write(): void;
  verify(): void;
  save(): void;
  start(): void;
  stop(): void;
  another(): void;
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
    onClick('another', () => actions_.another());
  }

  render(state: State): void {
    const { device, image, verdict, job, outcome } = state;
    const functional = device?.target.functional;
    const writable = device !== undefined && image !== undefined && verdict !== undefined && verdict.kind !== 'refused';
    const written = isMoment(outcome);
    byId('update-card').hidden = !device && !job && !written && !image;
    byId('actions').hidden = job !== undefined || written || outcome?.kind === 'interrupted';
    byId('another').hidden = job !== undefined || !written;
    setText(byId('another'), isInstaller(image) ? texts.install.next : words.another);
    byId('more').hidden = job !== undefined || (!device && !written);
    for (const id of ['verify', 'save', 'start']) byId(id).hidden = device === undefined;
    byId<HTMLButtonElement>('write').disabled = !writable;
    byId<HTMLButtonElement>('verify').disabled = !image || !functional?.canUpload;
    byId<HTMLButtonElement>('save').disabled = !functional?.canUpload;
    setText(byId('write'), verdict?.kind === 'doubtful' ? words.writeAnyway : words.write);
    setText(byId('write-hint'), hint(state));
    // Why it cannot be pressed stands in sight already, beside what has to be changed.
    byId('write-hint').classList.toggle('unseen', !writable);
    this.renderJob(job);
    this.renderOutcome(state);
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
    setText(byId('job-percent'), share === undefined ? '' : percent(share));
    setText(byId('job-numbers'), numbers(job));
    bar.classList.toggle('is-open', share === undefined);
    if (share === undefined) {
      bar.removeAttribute('aria-valuenow');
    } else {
      bar.setAttribute('aria-valuenow', String(Math.floor(share * 100)));
      byId('bar-fill').style.setProperty('--share', String(share));
    }
    // Spoken at each quarter, not at each block.
    const quarter = share === undefined ? '' : words.percent(Math.floor(share * 4) * 25);
    this.announce(`${job.step}${quarter}`);
  }

  private renderOutcome(state: State): void {
    const { outcome } = state;
    if (outcome === this.outcome_) return;
    const again = isMoment(this.outcome_) && isMoment(outcome);
    this.outcome_ = outcome;
    for (const id of ['outcome', 'device-outcome']) {
      byId(id).hidden = true;
      byId(id).replaceChildren();
    }
    if (!outcome) return;
    const box = byId('about' in outcome && outcome.about ? 'device-outcome' : 'outcome');
    box.hidden = false;
    if (outcome.kind === 'done') this.celebrate(box, outcome, state);
    else this.sayProblem(box, outcome);
    // The tick draws itself once.
    box.classList.toggle('again', again);
  }

  private celebrate(box: HTMLElement, outcome: Extract<Outcome, { kind: 'done' }>, state: State): void {
    const moment = isMoment(outcome);
    box.className = `outcome good${moment ? ' moment' : ''}`;
    if (moment) box.append(drawnTick());
    box.append(
      element(moment ? 'h2' : 'p', moment ? 'says-title title' : 'says-title', outcome.title),
      element('p', '', outcome.text),
    );
    if (outcome.returned) box.append(advice(outcome.returned, 'doubtful'));
    else if (moment && !isInstaller(state.image) && state.known?.handle.kind === 'usb')
      box.append(element('p', 'hint', words.boot1));
    this.announce(`${outcome.title}. ${outcome.text} ${outcome.returned?.next ?? ''}`);
  }

  private sayProblem(box: HTMLElement, outcome: Exclude<Outcome, { kind: 'done' }>): void {
    const looks = { problem: 'refused', interrupted: 'doubtful', note: 'note' }[outcome.kind];
    box.className = `outcome ${looks}`;
    box.append(
      element('p', 'says-title', outcome.title),
      element('p', '', outcome.cause),
      element('p', '', outcome.next),
    );
    if (outcome.kind === 'interrupted') {
      const buttons = element('div', 'row');
      if (outcome.asks) buttons.append(button('', words.goOn, () => this.actions_.write()));
      buttons.append(button('quiet', words.doNotGoOn, () => this.actions_.stop()));
      box.append(buttons);
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

function isMoment(outcome: Outcome | undefined): boolean {
  return outcome?.kind === 'done' && outcome.written === true;
}

function advice(one: Explanation, looks: string): HTMLElement {
  return element('div', `verdict ${looks}`, element('p', 'says-title', one.title), element('p', '', one.next));
}

function button(looks: string, text: string, act: () => void): HTMLButtonElement {
  const made = element('button', looks, text);
  made.type = 'button';
  made.addEventListener('click', act);
  return made;
}

function numbers(job: Job): string {
  if (job.done === 0 && !job.total) return '';
  const parts = [job.total === undefined ? bytes(job.done) : words.of(bytes(job.done), bytes(job.total))];
  if (job.rate) parts.push(words.perSecond(bytes(job.rate.bytesPerSecond)));
  if (job.rate?.secondsLeft !== undefined && job.done !== job.total)
    parts.push(words.left(duration(job.rate.secondsLeft)));
  return parts.join(' · ');
}

function hint(state: State): string {
  if (!state.device) return words.connectFirst;
  if (!state.image) return words.chooseFirst;
  if (state.verdict?.kind === 'refused') return words.cannot;
  return state.device.target.functional.willDetach ? words.startsItself : words.stays;
}
