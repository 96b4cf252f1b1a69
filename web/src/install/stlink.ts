// SPDX-License-Identifier: ISC
// A chip behind an ST-Link V2 or V2-1: the probe's commands over its bulk endpoints, and the flash interface driven
// through the debug port (PM0075). Half-words, which the flash wants, need the probe's own firmware to be J26 or later.

import { WayError } from './line.ts';
import type { ChipAccess, ChipFacts, ProbePipe } from './line.ts';

const GET_VERSION = 0xf1;
const DEBUG = 0xf2;
const DFU = 0xf3;
const GET_MODE = 0xf5;
const Debug = {
  readMemory32: 0x07,
  exit: 0x21,
  enter: 0x30,
  resetSystem: 0x32,
  writeRegister: 0x35,
  readRegister: 0x36,
  lastStatus: 0x3b,
  driveReset: 0x3c,
  writeMemory16: 0x48,
} as const;
const SWD = 0xa3;
const MODE_DFU = 0;
const MODE_DEBUG = 2;
const OK = 0x80;
const RESET_LOW = 0;
const RESET_HIGH = 1;
/** The first firmware with half-word transfers. */
const HALF_WORDS_SINCE = 26;
const COMMAND_BYTES = 16;
const PIECE = 512;

const DBGMCU_IDCODE = 0xe004_2000;
const DHCSR = 0xe000_edf0;
const DHCSR_HALT = 0xa05f_0003;
const F_SIZE = 0x1fff_f7e0;
const RDP = 0x1fff_f800;
const RDP_OPEN = 0x00a5;
const Flash = {
  keyr: 0x4002_2004,
  optkeyr: 0x4002_2008,
  sr: 0x4002_200c,
  cr: 0x4002_2010,
  ar: 0x4002_2014,
  obr: 0x4002_201c,
} as const;
const KEYS = [0x4567_0123, 0xcdef_89ab] as const;
const Cr = { pg: 1, per: 2, optpg: 0x10, opter: 0x20, strt: 0x40, lock: 0x80, optwre: 0x200 } as const;
const Sr = { bsy: 1, pgerr: 4, wrprterr: 0x10 } as const;
const OBR_RDPRT = 2;
/** A page erase takes 40 ms at most, an erase of everything the same; each look at BSY takes the better part of one. */
const BUSY_LOOKS = 5_000;

export class StLink implements ChipAccess {
  constructor(
    private readonly pipe_: ProbePipe,
    private readonly sleep_: (milliseconds: number) => Promise<void> = (ms) =>
      new Promise((resolve) => setTimeout(resolve, ms)),
  ) {}

  async connect(): Promise<ChipFacts> {
    await this.pipe_.open();
    const version = await this.ask([GET_VERSION], 6);
    const firmware = ((version[0]! << 8) | version[1]!) >> 6;
    if ((firmware & 0x3f) < HALF_WORDS_SINCE) {
      throw new WayError('old-probe', 'looking at the probe', `J${firmware & 0x3f}`);
    }
    const mode = (await this.ask([GET_MODE], 2))[0];
    if (mode === MODE_DFU) await this.pipe_.send(padded([DFU, 0x07]));
    if (mode === MODE_DEBUG) await this.pipe_.send(padded([DEBUG, Debug.exit]));
    return this.attach();
  }

  async read(address: number, length: number): Promise<Uint8Array> {
    const content = new Uint8Array(length);
    for (let at = 0; at < length; at += PIECE) {
      const count = Math.min(PIECE, length - at);
      const whole = (count + 3) & ~3;
      const piece = await this.ask([DEBUG, Debug.readMemory32, ...word(address + at), whole & 0xff, whole >> 8], whole);
      content.set(piece.subarray(0, count), at);
      await this.lastTransfer('reading');
    }
    return content;
  }

  async erase(pages: readonly number[], pageSize: number): Promise<void> {
    await this.unlock();
    for (const page of pages) {
      await this.set(Flash.cr, Cr.per);
      await this.set(Flash.ar, 0x0800_0000 + page * pageSize);
      await this.set(Flash.cr, Cr.per | Cr.strt);
      await this.flashDone('erasing');
    }
    await this.set(Flash.cr, 0);
  }

  async write(address: number, data: Uint8Array): Promise<void> {
    await this.set(Flash.cr, Cr.pg);
    for (let at = 0; at < data.length; at += PIECE) {
      await this.writeHalfWords(address + at, data.subarray(at, at + PIECE));
      await this.flashDone('writing');
    }
    await this.set(Flash.cr, 0);
  }

  /** The option bytes are erased and RDP is written anew, upon which the chip erases all of its flash (PM0075). */
  async unprotect(): Promise<ChipFacts> {
    await this.unlock();
    for (const key of KEYS) await this.set(Flash.optkeyr, key);
    await this.set(Flash.cr, Cr.optwre | Cr.opter);
    await this.set(Flash.cr, Cr.optwre | Cr.opter | Cr.strt);
    await this.flashDone('erasing the option bytes');
    await this.set(Flash.cr, Cr.optwre | Cr.optpg);
    await this.writeHalfWords(RDP, Uint8Array.of(RDP_OPEN & 0xff, RDP_OPEN >> 8));
    await this.flashDone('taking the read protection off');
    return this.attach();
  }

  async start(): Promise<void> {
    await this.ask([DEBUG, Debug.resetSystem], 2);
    await this.pipe_.send(padded([DEBUG, Debug.exit]));
  }

  close(): Promise<void> {
    return this.pipe_.close();
  }

  /** Connects under reset: a program that switches its debug pins off has no chance to. */
  private async attach(): Promise<ChipFacts> {
    await this.ask([DEBUG, Debug.driveReset, RESET_LOW], 2);
    const entered = await this.ask([DEBUG, Debug.enter, SWD], 2);
    if (entered[0] !== OK) {
      await this.ask([DEBUG, Debug.driveReset, RESET_HIGH], 2);
      throw new WayError('no-chip', 'connecting to the chip', `status 0x${entered[0]!.toString(16)}`);
    }
    await this.ask([DEBUG, Debug.driveReset, RESET_HIGH], 2);
    await this.sleep_(20);
    await this.set(DHCSR, DHCSR_HALT);
    const id = (await this.get(DBGMCU_IDCODE)) & 0xfff;
    const isProtected = ((await this.get(Flash.obr)) & OBR_RDPRT) !== 0;
    const kib = (await this.get(F_SIZE)) & 0xffff;
    return { id, flashKib: kib === 0xffff || kib === 0 ? undefined : kib, protected: isProtected };
  }

  private async unlock(): Promise<void> {
    if (((await this.get(Flash.cr)) & Cr.lock) === 0) return;
    for (const key of KEYS) await this.set(Flash.keyr, key);
  }

  private async flashDone(action: string): Promise<void> {
    for (let look = 0; look < BUSY_LOOKS; look++) {
      const status = await this.get(Flash.sr);
      if (status & Sr.bsy) continue;
      if ((status & (Sr.pgerr | Sr.wrprterr)) === 0) return;
      await this.set(Flash.sr, Sr.pgerr | Sr.wrprterr);
      throw new WayError('refused', action, status & Sr.wrprterr ? 'WRPRTERR' : 'PGERR');
    }
    throw new WayError('silent', action, 'BSY stays set');
  }

  private async writeHalfWords(address: number, data: Uint8Array): Promise<void> {
    await this.pipe_.send(padded([DEBUG, Debug.writeMemory16, ...word(address), data.length & 0xff, data.length >> 8]));
    await this.pipe_.send(data);
    await this.lastTransfer('writing');
  }

  private async get(address: number): Promise<number> {
    const answer = await this.ask([DEBUG, Debug.readRegister, ...word(address)], 8);
    expectOk(answer, `reading 0x${address.toString(16)}`);
    return (answer[4]! | (answer[5]! << 8) | (answer[6]! << 16) | (answer[7]! << 24)) >>> 0;
  }

  private async set(address: number, value: number): Promise<void> {
    expectOk(
      await this.ask([DEBUG, Debug.writeRegister, ...word(address), ...word(value)], 2),
      `writing 0x${address.toString(16)}`,
    );
  }

  private async lastTransfer(action: string): Promise<void> {
    expectOk(await this.ask([DEBUG, Debug.lastStatus], 2), action);
  }

  private async ask(command: readonly number[], answer: number): Promise<Uint8Array> {
    await this.pipe_.send(padded(command));
    return this.pipe_.receive(answer);
  }
}

function expectOk(answer: Uint8Array, action: string): void {
  if (answer[0] !== OK) throw new WayError('no-chip', action, `status 0x${answer[0]!.toString(16)}`);
}

function padded(command: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(COMMAND_BYTES);
  bytes.set(command);
  return bytes;
}

function word(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}
