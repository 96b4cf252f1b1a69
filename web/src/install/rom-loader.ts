// SPDX-License-Identifier: ISC
// The loader in the chip's system memory, over USART1 (ST AN3155; AN2606 for the STM32F103): one byte finds the baud
// rate, then each command is a byte with its complement, answered by ACK or NACK.

import { FLASH_BASE } from '../image/chip.ts';
import { WayError } from './line.ts';
import type { ChipAccess, ChipFacts, SerialLine } from './line.ts';

const ACK = 0x79;
const NACK = 0x1f;
const SYNC = 0x7f;
const Command = {
  get: 0x00,
  getId: 0x02,
  read: 0x11,
  go: 0x21,
  write: 0x31,
  erase: 0x43,
  extendedErase: 0x44,
  writeUnprotect: 0x73,
  readoutUnprotect: 0x92,
} as const;

const BAUD = 115_200;
const SYNC_ATTEMPTS = 3;
/** Longer than a browser on a slow computer takes for the way there and back: an answer that comes late is lost. */
const SYNC_MS = 1_500;
const ANSWER_MS = 3_000;
/** A mass erase takes 40 ms, a page 40 ms and there may be 255 of them; the loader answers when all is done. */
const ERASE_MS = 20_000;
const RESTART_MS = 300;
/** What one read or write command moves, at most. */
const PIECE = 256;
/** F_SIZE (RM0008 section 30.1.1). */
const FLASH_SIZE = 0x1fff_f7e0;

export class RomLoader implements ChipAccess {
  private commands_ = new Set<number>();

  constructor(
    private readonly line_: SerialLine,
    private readonly sleep_: (milliseconds: number) => Promise<void> = (ms) =>
      new Promise((resolve) => setTimeout(resolve, ms)),
  ) {}

  async connect(): Promise<ChipFacts> {
    await this.line_.open(BAUD);
    return this.hello();
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    const content = new Uint8Array(length);
    for (let at = 0; at < length; at += PIECE) {
      const count = Math.min(PIECE, length - at);
      await this.command(Command.read);
      await this.sendAddress(address + at);
      await this.line_.write(Uint8Array.of(count - 1, ~(count - 1) & 0xff));
      await this.acknowledged('reading');
      content.set(await this.line_.read(count, ANSWER_MS), at);
    }
    return content;
  }

  async erase(pages: readonly number[]): Promise<void> {
    if (this.commands_.has(Command.extendedErase)) {
      await this.command(Command.extendedErase);
      const words = [pages.length - 1, ...pages].flatMap((one) => [one >> 8, one & 0xff]);
      await this.line_.write(withChecksum(words));
    } else {
      await this.command(Command.erase);
      await this.line_.write(withChecksum([pages.length - 1, ...pages]));
    }
    await this.acknowledged('erasing', ERASE_MS);
  }

  async write(address: number, data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += PIECE) {
      const piece = data.subarray(at, at + PIECE);
      await this.command(Command.write);
      await this.sendAddress(address + at);
      await this.line_.write(withChecksum([piece.length - 1, ...piece]));
      await this.acknowledged('writing');
    }
  }

  /** Both kinds of protection: the loader answers, erases, answers again, and resets the chip. */
  async unprotect(): Promise<ChipFacts> {
    await this.command(Command.readoutUnprotect);
    await this.acknowledged('taking the read protection off', ERASE_MS);
    await this.sleep_(RESTART_MS);
    await this.hello();
    await this.command(Command.writeUnprotect);
    await this.acknowledged('taking the write protection off', ERASE_MS);
    await this.sleep_(RESTART_MS);
    return this.hello();
  }

  async start(): Promise<void> {
    await this.command(Command.go);
    await this.sendAddress(FLASH_BASE);
  }

  close(): Promise<void> {
    return this.line_.close();
  }

  private async hello(): Promise<ChipFacts> {
    await this.synchronise();
    this.commands_ = new Set(await this.listOf(Command.get));
    const [high = 0, low = 0] = await this.listOf(Command.getId);
    const id = (high << 8) | low;
    try {
      const size = await this.read(FLASH_SIZE, 2);
      const kib = size[0]! | (size[1]! << 8);
      return { id, flashKib: kib === 0xffff ? undefined : kib, protected: false };
    } catch (error) {
      // A protected chip refuses to read, before it is told what (AN3155 section 3.4).
      if (error instanceof WayError && error.kind === 'refused') return { id, flashKib: undefined, protected: true };
      throw error;
    }
  }

  private async synchronise(): Promise<void> {
    let last = new WayError('silent', 'finding the baud rate');
    for (let attempt = 0; attempt < SYNC_ATTEMPTS; attempt++) {
      try {
        await this.line_.write(Uint8Array.of(SYNC));
        const answer = (await this.line_.read(1, SYNC_MS))[0]!;
        // NACK: it had found the baud rate before, and took the byte for half of a command.
        if (answer === ACK || answer === NACK) return;
        last = new WayError(answer === SYNC ? 'echo' : 'noise', 'finding the baud rate', `0x${answer.toString(16)}`);
      } catch (error) {
        if (!(error instanceof WayError) || (error.kind !== 'silent' && error.kind !== 'noise')) throw error;
        last = new WayError(error.kind, 'finding the baud rate', error.detail);
      }
    }
    throw last;
  }

  /** Commands that answer with a list: its length less one, its bytes, ACK. */
  private async listOf(command: number): Promise<Uint8Array> {
    await this.command(command);
    const count = (await this.line_.read(1, ANSWER_MS))[0]! + 1;
    const list = await this.line_.read(count, ANSWER_MS);
    await this.acknowledged(`command 0x${command.toString(16)}`);
    return list;
  }

  private async command(command: number): Promise<void> {
    await this.line_.write(Uint8Array.of(command, ~command & 0xff));
    await this.acknowledged(`command 0x${command.toString(16)}`);
  }

  private async sendAddress(address: number): Promise<void> {
    await this.line_.write(
      withChecksum([address >>> 24, (address >> 16) & 0xff, (address >> 8) & 0xff, address & 0xff]),
    );
    await this.acknowledged(`address 0x${address.toString(16)}`);
  }

  private async acknowledged(action: string, patience = ANSWER_MS): Promise<void> {
    const answer = (await this.line_.read(1, patience))[0];
    if (answer === NACK) throw new WayError('refused', action);
    if (answer !== ACK) throw new WayError('noise', action, `0x${answer?.toString(16)} instead of an answer`);
  }
}

/** The exclusive or of all bytes behind them (AN3155 section 3). */
function withChecksum(bytes: readonly number[]): Uint8Array {
  const sum = bytes.length === 1 ? ~bytes[0]! & 0xff : bytes.reduce((all, one) => all ^ one, 0);
  return Uint8Array.of(...bytes, sum);
}
