// SPDX-License-Identifier: ISC
// A chip as the installer sees it: flash that takes only what real flash takes, and behind USART1 the ROM loader, strict
// about order and checksums, late, and with the faults that wires have.

import { WayError } from '../../src/install/line.ts';
import type { SerialLine } from '../../src/install/line.ts';

export const FLASH = 0x08000000;

export interface ChipOptions {
  id?: number;
  flashKib?: number;
  pageSize?: number;
  protected?: boolean;
  /** This byte of flash never takes a write. */
  worn?: number;
}

export class FakeChip {
  readonly id: number;
  readonly flashKib: number;
  readonly pageSize: number;
  readonly flash: Uint8Array;
  protected_: boolean;
  started = false;
  /** What was erased and written, in order: "erase 0", "write 1024". */
  readonly history: string[] = [];

  constructor(private readonly options_: ChipOptions = {}) {
    this.id = options_.id ?? 0x410;
    this.flashKib = options_.flashKib ?? 64;
    this.pageSize = options_.pageSize ?? 1024;
    this.protected_ = options_.protected ?? false;
    this.flash = Uint8Array.from({ length: this.flashKib * 1024 }, (_, i) => (i * 31) & 0xff);
  }

  erasePage(page: number): void {
    this.history.push(`erase ${page}`);
    this.flash.fill(0xff, page * this.pageSize, (page + 1) * this.pageSize);
  }

  massErase(): void {
    this.history.push('mass erase');
    this.flash.fill(0xff);
    this.protected_ = false;
  }

  /** False where flash refuses: a half-word that is not erased (PM0075 section 2.3.3). */
  program(address: number, data: Uint8Array): boolean {
    const at = address - FLASH;
    if (at % 2 !== 0 || data.length % 2 !== 0 || at < 0 || at + data.length > this.flash.length) return false;
    this.history.push(`write ${at}`);
    for (let i = 0; i < data.length; i += 2) {
      if (this.flash[at + i] !== 0xff || this.flash[at + i + 1] !== 0xff) return false;
      this.flash.set(data.subarray(i, i + 2), at + i);
    }
    if (this.options_.worn !== undefined) this.flash[this.options_.worn]! |= 1;
    return true;
  }

  read(address: number, length: number): Uint8Array | undefined {
    if (address === 0x1ffff7e0)
      return Uint8Array.of(this.flashKib & 255, this.flashKib >> 8, 0xff, 0xff).slice(0, length);
    const at = address - FLASH;
    return at >= 0 && at + length <= this.flash.length ? this.flash.slice(at, at + length) : undefined;
  }
}

export interface WireOptions {
  fault?: 'echo' | 'silent' | 'noise';
  /** The adapter leaves after this many bytes were sent to it. */
  goneAfter?: number;
  /** An old loader without the extended erase command. */
  oldErase?: boolean;
}

const ACK = 0x79;
const NACK = 0x1f;

/** USART1 and the loader in system memory behind it (AN3155). Reads that would wait end at once as silent. */
export class FakeRomLine implements SerialLine {
  opened = 0;
  private out_: number[] = [];
  private in_: number[] = [];
  private sent_ = 0;
  private synchronised_ = false;
  private expect_: ((bytes: number[]) => boolean) | undefined;

  constructor(
    readonly chip: FakeChip,
    private readonly options_: WireOptions = {},
  ) {}

  open(baud: number): Promise<void> {
    this.opened = baud;
    return Promise.resolve();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await Promise.resolve();
    if (!this.opened) throw new WayError('failed', 'sending', 'not open');
    this.sent_ += bytes.length;
    if (this.options_.goneAfter !== undefined && this.sent_ > this.options_.goneAfter)
      throw new WayError('gone', 'sending');
    if (this.options_.fault === 'echo') this.out_.push(...bytes);
    else if (!this.options_.fault) {
      this.in_.push(...bytes);
      this.work();
    }
  }

  async read(length: number): Promise<Uint8Array> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.options_.fault === 'noise') throw new WayError('noise', 'receiving', 'FramingError');
    if (this.out_.length < length) throw new WayError('silent', 'waiting for an answer');
    return Uint8Array.from(this.out_.splice(0, length));
  }

  /** Everything that was not read yet, for streams that push. */
  drain(): Uint8Array {
    return Uint8Array.from(this.out_.splice(0));
  }

  close(): Promise<void> {
    this.opened = 0;
    return Promise.resolve();
  }

  private work(): void {
    while (this.in_.length > 0) {
      if (!this.synchronised_) {
        const first = this.in_.shift();
        if (first === 0x7f) {
          this.synchronised_ = true;
          this.out_.push(ACK);
        }
        continue;
      }
      if (this.expect_) {
        if (!this.expect_(this.in_)) return;
        continue;
      }
      if (this.in_.length < 2) return;
      const [command, complement] = this.in_.splice(0, 2) as [number, number];
      if ((command ^ complement) !== 0xff) this.out_.push(NACK);
      else this.command(command);
    }
  }

  private command(command: number): void {
    const erase = this.options_.oldErase ? 0x43 : 0x44;
    switch (command) {
      case 0x00:
        this.out_.push(ACK, 8, 0x22, 0x00, 0x01, 0x02, 0x11, 0x21, 0x31, erase, 0x92, ACK);
        break;
      case 0x02:
        this.out_.push(ACK, 1, this.chip.id >> 8, this.chip.id & 255, ACK);
        break;
      case 0x11:
        this.guarded(() => this.address((at) => this.count(at)));
        break;
      case 0x21:
        this.guarded(() => this.address(() => (this.chip.started = true)));
        break;
      case 0x31:
        this.guarded(() => this.address((at) => this.data(at)));
        break;
      case erase:
        this.guarded(() => this.pages(command === 0x44 ? 2 : 1));
        break;
      case 0x73:
      case 0x92:
        this.out_.push(ACK, ACK);
        if (command === 0x92) this.chip.massErase();
        this.synchronised_ = false; // the chip resets
        break;
      default:
        this.out_.push(NACK);
    }
  }

  private guarded(act: () => void): void {
    if (this.chip.protected_) {
      this.out_.push(NACK);
      return;
    }
    this.out_.push(ACK);
    act();
  }

  private address(then: (address: number) => void): void {
    this.expect_ = (bytes) => {
      if (bytes.length < 5) return false;
      const [a, b, c, d, sum] = bytes.splice(0, 5) as [number, number, number, number, number];
      this.expect_ = undefined;
      if ((a ^ b ^ c ^ d) !== sum) this.out_.push(NACK);
      else {
        this.out_.push(ACK);
        then(((a << 24) | (b << 16) | (c << 8) | d) >>> 0);
      }
      return true;
    };
  }

  private count(address: number): void {
    this.expect_ = (bytes) => {
      if (bytes.length < 2) return false;
      const [count, complement] = bytes.splice(0, 2) as [number, number];
      this.expect_ = undefined;
      const content = (count ^ complement) === 0xff ? this.chip.read(address, count + 1) : undefined;
      this.out_.push(...(content ? [ACK, ...content] : [NACK]));
      return true;
    };
  }

  private data(address: number): void {
    this.expect_ = (bytes) => {
      const length = (bytes[0] ?? 0) + 1;
      if (bytes.length < length + 2) return false;
      const taken = bytes.splice(0, length + 2);
      this.expect_ = undefined;
      const good =
        taken.reduce((sum, one) => sum ^ one, 0) === 0 &&
        this.chip.program(address, Uint8Array.from(taken.slice(1, -1)));
      this.out_.push(good ? ACK : NACK);
      return true;
    };
  }

  private pages(width: number): void {
    this.expect_ = (bytes) => {
      const numbers = (count: number): number[] =>
        Array.from({ length: count }, (_, i) => (width === 1 ? bytes[i]! : (bytes[i * 2]! << 8) | bytes[i * 2 + 1]!));
      if (bytes.length < width) return false;
      const count = numbers(1)[0]! + 1;
      const whole = (count + 1) * width + 1;
      if (bytes.length < whole) return false;
      const pages = numbers(count + 1).slice(1);
      const good = bytes.splice(0, whole).reduce((sum, one) => sum ^ one, 0) === 0;
      this.expect_ = undefined;
      if (good) for (const page of pages) this.chip.erasePage(page);
      this.out_.push(good ? ACK : NACK);
      return true;
    };
  }
}
