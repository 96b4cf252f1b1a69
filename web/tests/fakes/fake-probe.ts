// SPDX-License-Identifier: ISC
// An ST-Link V2 with a fake chip's flash interface behind it: it says no to what silicon would not take.

import { WayError } from '../../src/install/line.ts';
import type { ProbePipe, WayFault } from '../../src/install/line.ts';
import { FLASH } from './fake-chip.ts';
import type { FakeChip } from './fake-chip.ts';

export interface ProbeOptions {
  firmware?: number;
  /** The wires to the chip are not there. */
  noChip?: boolean;
  fault?: WayFault;
  goneAfter?: number;
}

/** An ST-Link V2 with the flash interface of the chip behind it; BSY stays set for a few looks. */
export class FakeProbe implements ProbePipe {
  private answer_: number[] = [];
  private data_: { address: number; length: number } | undefined;
  private locked_ = true;
  private optionsOpen_ = false;
  private keys_: number[] = [];
  private cr_ = 0;
  private ar_ = 0;
  private busy_ = 0;
  private error_ = 0;
  private status_ = 0x80;
  private entered_ = false;
  private halted_ = false;
  private commands_ = 0;

  constructor(
    readonly chip: FakeChip,
    private readonly options_: ProbeOptions = {},
  ) {}

  open(): Promise<void> {
    return this.options_.fault
      ? Promise.reject(new WayError(this.options_.fault, 'opening the probe'))
      : Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async send(bytes: Uint8Array): Promise<void> {
    await Promise.resolve();
    if (this.options_.goneAfter !== undefined && ++this.commands_ > this.options_.goneAfter)
      throw new WayError('gone', 'sending');
    if (this.data_) {
      const { address, length } = this.data_;
      this.data_ = undefined;
      if (bytes.length !== length) throw new Error(`${bytes.length} bytes of data, ${length} were announced`);
      this.halfWords(address, bytes);
      return;
    }
    if (bytes.length !== 16) throw new Error(`a command of ${bytes.length} bytes`);
    const word = (at: number): number =>
      (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
    if (bytes[0] === 0xf1) {
      const version = (2 << 12) | ((this.options_.firmware ?? 37) << 6) | 7;
      this.answer_ = [version >> 8, version & 255, 0x83, 0x04, 0x48, 0x37];
    } else if (bytes[0] === 0xf5) this.answer_ = [1, 0];
    else if (bytes[0] === 0xf2) this.debug(bytes[1]!, bytes[2]!, word(2), word(6), bytes[6]! | (bytes[7]! << 8));
  }

  async receive(length: number): Promise<Uint8Array> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.answer_.length < length) throw new Error(`${length} bytes are awaited, there are ${this.answer_.length}`);
    return Uint8Array.from(this.answer_.splice(0, length));
  }

  private debug(command: number, parameter: number, address: number, value: number, length: number): void {
    const ok = this.entered_ ? 0x80 : 0x09;
    switch (command) {
      case 0x21:
        this.entered_ = false;
        return;
      case 0x30:
        this.entered_ = parameter === 0xa3 && !this.options_.noChip;
        this.answer_ = [this.entered_ ? 0x80 : 0x09, 0];
        return;
      case 0x32:
        this.chip.started = true;
        this.answer_ = [ok, 0];
        return;
      case 0x35:
        if (this.entered_) this.store(address, value);
        this.answer_ = [ok, 0];
        return;
      case 0x36: {
        const read = this.entered_ ? this.load(address) : 0;
        this.answer_ = [ok, 0, 0, 0, read & 255, (read >> 8) & 255, (read >> 16) & 255, read >>> 24];
        return;
      }
      case 0x3b:
        this.answer_ = [this.status_, 0];
        this.status_ = 0x80;
        return;
      case 0x3c:
        this.answer_ = [0x80, 0];
        this.halted_ = false;
        return;
      case 0x07: {
        const content = this.chip.protected_ ? undefined : this.chip.read(address, length);
        this.status_ = content ? 0x80 : 0x11;
        this.answer_ = Array.from(content ?? new Uint8Array(length));
        return;
      }
      case 0x48:
        this.data_ = { address, length };
        return;
      default:
        throw new Error(`the probe does not know 0x${command.toString(16)}`);
    }
  }

  private load(address: number): number {
    if (address === 0xe0042000) return 0x20036000 | this.chip.id;
    if (address === 0x4002201c) return this.chip.protected_ ? 2 : 0;
    if (address === 0x40022010) return this.cr_ | (this.locked_ ? 0x80 : 0);
    if (address === 0x1ffff7e0) return 0xffff0000 | this.chip.flashKib;
    if (address !== 0x4002200c) throw new Error(`nobody reads 0x${address.toString(16)} here`);
    if (this.busy_ > 0) this.busy_--;
    return (this.busy_ > 0 ? 1 : 0) | this.error_;
  }

  private store(address: number, value: number): void {
    if (address === 0xe000edf0) this.halted_ = value === 0xa05f0003;
    else if (address === 0x40022004 || address === 0x40022008) this.key(address, value);
    else if (address === 0x40022014) this.ar_ = value;
    else if (address === 0x4002200c) this.error_ &= ~value;
    else if (address === 0x40022010) this.control(value);
    else throw new Error(`nobody writes 0x${address.toString(16)} here`);
  }

  private key(address: number, value: number): void {
    this.keys_.push(value);
    if (this.keys_.length < 2) return;
    const right = this.keys_[0] === 0x45670123 && this.keys_[1] === 0xcdef89ab;
    this.keys_ = [];
    if (!right) throw new Error('a wrong key locks the flash until reset');
    if (address === 0x40022004) this.locked_ = false;
    else this.optionsOpen_ = true;
  }

  private control(value: number): void {
    if (this.locked_) throw new Error('FLASH_CR is locked');
    if (this.busy_ > 0) throw new Error('FLASH_CR is written while BSY');
    if (!this.halted_) throw new Error('the core runs while its flash is changed');
    this.cr_ = value & ~0x40;
    if ((value & 0x42) === 0x42) {
      this.chip.erasePage((this.ar_ - FLASH) / this.chip.pageSize);
      this.busy_ = 4;
    }
    if ((value & 0x260) === 0x260 && this.optionsOpen_) this.busy_ = 4;
  }

  private halfWords(address: number, data: Uint8Array): void {
    if (address === 0x1ffff800 && this.cr_ === 0x210 && data[0] === 0xa5) this.chip.massErase();
    else if (this.cr_ !== 1 || !this.chip.program(address, data)) this.error_ = 4;
    this.busy_ = 3;
  }
}
