// SPDX-License-Identifier: ISC
// What happened, line by line, for a person to copy into a report.

export class Log {
  private readonly lines_: string[] = [];
  private watcher_: ((line: string) => void) | undefined;

  constructor(private readonly now_: () => Date = () => new Date()) {}

  add(line: string): void {
    const stamped = `${this.now_().toISOString().slice(11, 23)}  ${line}`;
    this.lines_.push(stamped);
    this.watcher_?.(stamped);
  }

  watch(watcher: (line: string) => void): void {
    this.watcher_ = watcher;
  }

  text(): string {
    return this.lines_.join('\n');
  }
}
