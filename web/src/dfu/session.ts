// SPDX-License-Identifier: ISC
// One conversation with a device in DFU mode (DFU 1.1 sections 6 and 7): write, read, compare, start.
//
// The order is always the same: reach dfuIDLE, move blocks, let the device finish. Every wait obeys bwPollTimeout,
// and is spent in short steps that keep the progress moving.

import type { DfuTransport, Setup } from '../usb/transport.ts';
import { UsbFault } from '../usb/transport.ts';
import { Cancelled, DfuProtocolError, DfuStatusError, VerifyError } from './errors.ts';
import type { Operation } from './errors.ts';
import type { DfuTarget } from './device.ts';
import { Request, parseStatus, stateNames } from './protocol.ts';
import type { StateName, Status } from './protocol.ts';

/** How far a job is. `done` may be a fraction: it moves while the flash is busy. */
export interface Progress {
  readonly operation: Operation;
  readonly done: number;
  /** Bytes; undefined where only the device knows (reading). */
  readonly total: number | undefined;
}

export interface SessionOptions {
  readonly progress?: (progress: Progress) => void;
  readonly log?: (line: string) => void;
  /** Waits; replaced in tests. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly signal?: AbortSignal;
}

/** How a write ended: `left` when the device went away to start the application, `stayed` when it is in dfuIDLE. */
export type Ending = 'left' | 'stayed';

const POLL_STEP_MS = 50;
/** A device that stays busy longer than this, beyond the longest wait that it announced, is taken for stuck. */
const BUSY_LIMIT_MS = 30_000;
const LEAVE_LIMIT_MS = 3_000;
/** No STM32F103 has more flash than this; a device that reads on and on is stopped here. */
const READ_LIMIT = 1024 * 1024;

export class DfuSession {
  private readonly sleep_: (milliseconds: number) => Promise<void>;
  private gone_ = false;

  constructor(
    private readonly transport_: DfuTransport,
    private readonly target_: DfuTarget,
    private readonly options_: SessionOptions = {},
  ) {
    this.sleep_ = options_.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    void transport_.gone.then(() => (this.gone_ = true));
  }

  /** Writes the image and lets the device finish. Throws UsbFault, DfuStatusError, DfuProtocolError, Cancelled. */
  async write(image: Uint8Array): Promise<Ending> {
    await this.reachIdle('write');
    const size = this.target_.functional.transferSize;
    this.report('write', 0, image.length);
    for (let offset = 0, block = 0; offset < image.length; offset += size, block++) {
      await this.stopIfCancelled();
      const piece = image.subarray(offset, offset + size);
      await this.download(block, piece, offset);
      await this.awaitBlock(offset, piece.length, image.length);
      this.report('write', offset + piece.length, image.length);
    }
    return this.finish(image.length);
  }

  /** Reads until the device ends, or `length` bytes. Throws as write() does. */
  async read(length = READ_LIMIT, operation: Operation = 'read'): Promise<Uint8Array> {
    await this.reachIdle(operation);
    const size = this.target_.functional.transferSize;
    const total = length === READ_LIMIT ? undefined : length;
    const pieces: Uint8Array[] = [];
    let done = 0;
    let ended = false;
    for (let block = 0; done < length && !ended; block++) {
      await this.stopIfCancelled();
      const piece = await this.upload(block, size, operation, done);
      ended = piece.length < size;
      pieces.push(piece);
      done += piece.length;
      this.report(operation, Math.min(done, length), total);
    }
    if (!ended) await this.abort();
    return join(pieces).subarray(0, length);
  }

  /** Reads back as much as the image has and compares. Throws VerifyError at the first byte that differs. */
  async verify(image: Uint8Array): Promise<void> {
    const found = await this.read(image.length, 'verify');
    for (let at = 0; at < image.length; at++) {
      if (found[at] !== image[at]) throw new VerifyError(at, found[at], image[at]!);
    }
  }

  /** Leaves DFU mode for the application: DFU_DETACH, then a reset where the device waits for one. */
  async start(): Promise<Ending> {
    await this.reachIdle('start');
    return this.detach();
  }

  /** From an application's run-time interface into DFU mode (DFU 1.1 section 5.1). */
  async detach(): Promise<Ending> {
    const { detachTimeout, willDetach } = this.target_.functional;
    try {
      await this.transport_.controlOut(this.request(Request.DFU_DETACH, Math.min(detachTimeout, 5000)));
    } catch (error) {
      // A device that resets while it answers is gone before the status stage; one that stalls wants the reset.
      if (!(error instanceof UsbFault)) throw error;
      if (error.kind !== 'gone' && error.kind !== 'stall' && error.kind !== 'failed') throw error;
      this.log(`DFU_DETACH: ${error.kind}`);
    }
    if (willDetach && (await this.left(LEAVE_LIMIT_MS))) return 'left';
    return this.leaveByReset();
  }

  private async reachIdle(operation: Operation): Promise<void> {
    for (let attempt = 0; attempt < 6; attempt++) {
      const status = await this.getStatus(operation);
      switch (status.state) {
        case 'dfuIDLE':
          return;
        case 'dfuERROR':
          this.log(`the device remembers ${status.status}; clearing it`);
          await this.transport_.controlOut(this.request(Request.DFU_CLRSTATUS));
          break;
        case 'dfuDNLOAD-IDLE':
        case 'dfuUPLOAD-IDLE':
        case 'dfuDNLOAD-SYNC':
          await this.abort();
          break;
        case 'dfuDNBUSY':
        case 'dfuMANIFEST':
        case 'dfuMANIFEST-SYNC':
          await this.sleep_(Math.max(status.pollTimeout, POLL_STEP_MS));
          break;
        default:
          throw new DfuProtocolError(operation, status.state, 'the device is not ready for an update');
      }
    }
    throw new DfuProtocolError(operation, 'unreadable', 'the device does not become idle');
  }

  private async download(block: number, piece: Uint8Array, offset: number): Promise<void> {
    try {
      await this.transport_.controlOut(this.request(Request.DFU_DNLOAD, block & 0xffff), piece);
    } catch (error) {
      await this.explainStall(error, 'write', offset);
      throw error;
    }
  }

  private async upload(block: number, size: number, operation: Operation, offset: number): Promise<Uint8Array> {
    try {
      return await this.transport_.controlIn(this.request(Request.DFU_UPLOAD, block & 0xffff), size);
    } catch (error) {
      const { state } = await this.explainStall(error, operation, offset);
      // Maple's bootloader has no empty block to send, where the flash ends with a block.
      if (state === 'dfuIDLE' && offset > 0) return new Uint8Array();
      throw error;
    }
  }

  /** A stalled block is explained by the status that goes with it (DFU 1.1 section 6.1.2). */
  private async explainStall(error: unknown, operation: Operation, offset: number): Promise<Status> {
    if (!(error instanceof UsbFault) || error.kind !== 'stall') throw error;
    const status = await this.getStatus(operation);
    if (status.state === 'dfuERROR') throw await this.refusal(operation, status, offset);
    return status;
  }

  /** Polls until the block is in flash; meanwhile the progress moves through the block with the clock. */
  private async awaitBlock(offset: number, length: number, total: number): Promise<void> {
    let longest = 0;
    for (let waited = 0; waited <= BUSY_LIMIT_MS + longest; ) {
      const status = await this.getStatus('write', offset);
      if (status.state === 'dfuDNLOAD-IDLE') return;
      if (status.state === 'dfuERROR') throw await this.refusal('write', status, offset);
      if (status.state !== 'dfuDNBUSY' && status.state !== 'dfuDNLOAD-SYNC') {
        throw new DfuProtocolError('write', status.state, `unexpected answer to the block at byte ${offset}`);
      }
      const wait = Math.max(status.pollTimeout, 1);
      longest = Math.max(longest, wait);
      await this.pause(wait, (spent) => this.report('write', offset + length * (spent / (wait + 1)), total));
      waited += wait;
    }
    throw new DfuProtocolError('write', 'dfuDNBUSY', `the block at byte ${offset} never ends`);
  }

  /** The zero-length block, then manifestation to its end (DFU 1.1 section 7). */
  private async finish(total: number): Promise<Ending> {
    const { functional } = this.target_;
    const lastBlock = Math.ceil(total / functional.transferSize);
    this.report('finish', total, total);
    try {
      await this.transport_.controlOut(this.request(Request.DFU_DNLOAD, lastBlock & 0xffff));
    } catch (error) {
      await this.explainStall(error, 'finish', total);
      throw error;
    }
    let manifesting = false;
    for (let waited = 0; waited <= BUSY_LIMIT_MS; ) {
      const status = await this.manifestStatus(manifesting);
      if (status === 'gone') return 'left';
      if (status === 'silent') return this.leave();
      switch (status.state) {
        case 'dfuIDLE':
          return 'stayed';
        case 'dfuERROR':
          throw await this.refusal('finish', status, total);
        case 'dfuMANIFEST-WAIT-RESET':
          return functional.willDetach ? this.leave() : this.leaveByReset();
        case 'dfuMANIFEST':
        case 'dfuMANIFEST-SYNC':
          manifesting = true;
          break;
        default:
          throw new DfuProtocolError('finish', status.state, 'unexpected answer after the last block');
      }
      const wait = Math.max(status.pollTimeout, POLL_STEP_MS);
      await this.pause(wait, () => this.report('finish', total, total));
      waited += wait;
      if (this.gone_) return 'left';
    }
    throw new DfuProtocolError('finish', 'dfuMANIFEST', 'the device never finishes');
  }

  /** Once it manifests, a device that may leave is free to stop answering: `gone`, or `silent` but still there. */
  private async manifestStatus(manifesting: boolean): Promise<Status | 'gone' | 'silent'> {
    try {
      return await this.getStatus('finish');
    } catch (error) {
      const mayLeave = manifesting && !this.target_.functional.manifestationTolerant;
      if (!mayLeave || !(error instanceof UsbFault)) throw error;
      return error.kind === 'gone' ? 'gone' : 'silent';
    }
  }

  private async leave(): Promise<Ending> {
    if (await this.left(LEAVE_LIMIT_MS)) return 'left';
    return this.leaveByReset();
  }

  private async leaveByReset(): Promise<Ending> {
    if (this.gone_) return 'left';
    this.log('the device waits for a USB reset');
    try {
      await this.transport_.reset();
    } catch (error) {
      // Coming back as another device is what the reset is for; browsers report that as a failure.
      if (!(error instanceof UsbFault) || error.kind === 'stall') throw error;
      return 'left';
    }
    return (await this.left(LEAVE_LIMIT_MS)) ? 'left' : 'stayed';
  }

  /** Whether the device goes away within `limit` milliseconds. */
  async left(limit = LEAVE_LIMIT_MS): Promise<boolean> {
    for (let waited = 0; waited < limit && !this.gone_; waited += POLL_STEP_MS) {
      await this.sleep_(POLL_STEP_MS);
    }
    return this.gone_;
  }

  private async refusal(operation: Operation, status: Status, offset: number): Promise<DfuStatusError> {
    const error = new DfuStatusError(operation, status.status, offset);
    this.log(error.message);
    // Left in dfuERROR the device would refuse the next attempt; that it cannot be cleared must not hide the cause.
    await this.transport_.controlOut(this.request(Request.DFU_CLRSTATUS)).catch(() => undefined);
    return error;
  }

  private async stopIfCancelled(): Promise<void> {
    if (!this.options_.signal?.aborted) return;
    await this.abort();
    throw new Cancelled('stopped');
  }

  private abort(): Promise<void> {
    return this.transport_.controlOut(this.request(Request.DFU_ABORT));
  }

  private async getStatus(operation: Operation, offset = 0): Promise<Status> {
    const bytes = await this.transport_.controlIn(this.request(Request.DFU_GETSTATUS), 6);
    const status = parseStatus(bytes);
    if (!status) {
      const known = stateNames[bytes[4] ?? 255] as StateName | undefined;
      throw new DfuProtocolError(
        operation,
        known ?? 'unreadable',
        `DFU_GETSTATUS at byte ${offset} brought ${bytes.length} bytes that make no sense`,
      );
    }
    return status;
  }

  private async pause(milliseconds: number, step: (spent: number) => void): Promise<void> {
    for (let spent = 0; spent < milliseconds && !this.gone_; ) {
      const slice = Math.min(POLL_STEP_MS, milliseconds - spent);
      await this.sleep_(slice);
      spent += slice;
      step(spent);
    }
  }

  private request(request: number, value = 0): Setup {
    return { type: 'class', recipient: 'interface', request, value, index: this.target_.interface.interfaceNumber };
  }

  private report(operation: Operation, done: number, total: number | undefined): void {
    this.options_.progress?.({ operation, done, total });
  }

  private log(line: string): void {
    this.options_.log?.(line);
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
