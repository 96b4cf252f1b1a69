// SPDX-License-Identifier: ISC
// How fast a job goes and when it will end, from the last seconds of its progress.

export interface Rate {
  readonly bytesPerSecond: number;
  /** Undefined where the end is not known. */
  readonly secondsLeft: number | undefined;
}

const WINDOW_MS = 4000;
const FIRST_WORD_MS = 300;

export class RateMeter {
  private samples_: { at: number; done: number }[] = [];

  /** `now` in milliseconds; undefined until there is enough to go by. */
  update(now: number, done: number, total: number | undefined): Rate | undefined {
    this.samples_.push({ at: now, done });
    while (this.samples_.length > 2 && now - this.samples_[0]!.at > WINDOW_MS) this.samples_.shift();
    const first = this.samples_[0]!;
    const elapsed = now - first.at;
    if (elapsed < FIRST_WORD_MS || done <= first.done) return undefined;
    const bytesPerSecond = ((done - first.done) * 1000) / elapsed;
    return { bytesPerSecond, secondsLeft: total === undefined ? undefined : (total - done) / bytesPerSecond };
  }
}
