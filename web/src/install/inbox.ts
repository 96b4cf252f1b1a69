// SPDX-License-Identifier: ISC
// What has come over a serial line, for a reader who knows how much he waits for.

import { WayError } from './line.ts';

export class Inbox {
  private waiting_: number[] = [];
  private fault_: WayError | undefined;
  private wake_: () => void = () => undefined;

  put(bytes: Iterable<number>): void {
    this.waiting_.push(...bytes);
    this.wake_();
  }

  /** The line failed: whoever waits, or asks for more than there is, is told. */
  fail(fault: WayError): void {
    this.fault_ = fault;
    this.wake_();
  }

  get fault(): WayError | undefined {
    return this.fault_;
  }

  /** What came before a question is no answer to it. */
  clear(): void {
    this.waiting_ = [];
    this.fault_ = undefined;
  }

  /** Exactly `length` bytes; throws WayError, `silent` after this many milliseconds without the last of them. */
  async take(length: number, milliseconds: number): Promise<Uint8Array> {
    const end = performance.now() + milliseconds;
    while (this.waiting_.length < length) {
      if (this.fault_) throw this.fault_;
      const left = end - performance.now();
      if (left <= 0) throw new WayError('silent', 'waiting for an answer');
      await this.something(left);
    }
    return Uint8Array.from(this.waiting_.splice(0, length));
  }

  private something(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake_ = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
