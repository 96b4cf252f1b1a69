// SPDX-License-Identifier: ISC
// The batch: a switch, a counter, a sound, and the list as a file.

import type { Batch } from '../app/batch.ts';
import { texts } from '../texts/index.ts';
import { byId, element, onClick, setText } from './dom.ts';

const words = texts.ui.batch;

export class BatchView {
  private readonly count_ = element('p', 'batch-count');
  private readonly last_ = element('p', 'hint');
  private readonly switch_ = element('button', '', words.begin);
  private readonly save_ = element('button', 'quiet', words.save);
  private readonly sound_ = element('input', '');

  constructor(
    private readonly batch_: Batch,
    saveFile: (name: string, content: Uint8Array) => void,
  ) {
    this.sound_.type = 'checkbox';
    this.sound_.checked = true;
    this.switch_.type = this.save_.type = 'button';
    this.switch_.id = 'batch-switch';
    this.save_.id = 'batch-save';
    this.switch_.setAttribute('aria-pressed', 'false');
    this.switch_.addEventListener('click', () => {
      if (batch_.on) batch_.end();
      else batch_.begin();
      this.render();
    });
    this.save_.addEventListener('click', () => saveFile('dapboot-batch.csv', new TextEncoder().encode(batch_.csv())));
    const title = element('h2', '', words.title);
    title.id = 'batch-title';
    this.last_.setAttribute('role', 'status');
    byId('batch').append(
      title,
      element('p', 'hint', words.what),
      this.count_,
      this.last_,
      element('label', '', this.sound_, words.sound),
      element('div', 'row', this.switch_, this.save_),
    );
    onClick('batch-open', () => {
      const open = byId('batch').hidden;
      byId('batch').hidden = !open;
      byId('batch-open').setAttribute('aria-expanded', String(open));
      if (open) byId('batch').scrollIntoView({ block: 'nearest' });
    });
    this.render();
  }

  /** A board has had its turn. */
  noted(good: boolean): void {
    if (this.sound_.checked) beep(good ? 880 : 220);
    this.render();
  }

  render(): void {
    const { rows, good, on } = this.batch_;
    setText(this.switch_, on ? words.end : words.begin);
    this.switch_.setAttribute('aria-pressed', String(on));
    setText(this.count_, words.count(good, rows.length - good));
    const last = rows.at(-1);
    setText(this.last_, last ? words.last(last.serial, last.result) : on ? words.waits : '');
    this.save_.disabled = rows.length === 0;
  }
}

/** A tone of this frequency in hertz, high for good and low for not. */
function beep(frequency: number): void {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0.15 });
  tone.connect(volume).connect(context.destination);
  tone.onended = () => void context.close();
  tone.start();
  tone.stop(context.currentTime + 0.18);
}
