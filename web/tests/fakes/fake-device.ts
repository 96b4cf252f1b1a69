// SPDX-License-Identifier: ISC
// A USB device in DFU mode, in the size of a test: DFU 1.1's state machine over an array that stands for flash, with
// switches for everything a real one may do wrong. It answers raw setup packets, so that a fake transport and a fake
// navigator.usb can both stand in front of it.

import { Request, stateNames, statusNames } from '../../src/dfu/protocol.ts';
import type { StateName, StatusName } from '../../src/dfu/protocol.ts';

export interface FakeOptions {
  vendorId?: number;
  productId?: number;
  manufacturer?: string;
  product?: string;
  serial?: string;
  /** bcdUSB; with a capability it is 0x0210. */
  usbVersion?: number;
  /** A BOS descriptor that holds WebUSB's capability, and nothing of ours. */
  webUsbAlone?: boolean;
  /** bcdDevice. */
  release?: number;
  alternates?: number[];
  /** iInterface of each alternate setting. */
  alternateNames?: string[];
  /** Bytes behind the 16 of the UUID of dapboot's capability; without them the device has no BOS descriptor. */
  capability?: number[] | undefined;
  /** bInterfaceProtocol. */
  protocol?: number;
  /** bmAttributes of the functional descriptor; 0x0B as dapboot has it. */
  attributes?: number;
  transferSize?: number;
  dfuVersion?: number;
  withoutFunctional?: boolean;
  /** Interface class; 0xFE for DFU. */
  interfaceClass?: number;
  applicationBase?: number;
  /** Bytes for the application. */
  capacity?: number;
  /** bwPollTimeout of every block, in milliseconds. */
  pollTimeout?: number;
  content?: Uint8Array;
}

export interface Misbehaviour {
  /** The cable comes out at this block (once). */
  goneAtBlock?: number;
  /** This block ends in dfuERROR with this status. */
  errorAtBlock?: { block: number; status: StatusName };
  /** This block is stalled outright, dfuERROR with errSTALLEDPKT. */
  stallAtBlock?: number;
  /** Manifestation ends in dfuERROR. */
  manifestStatus?: StatusName;
  /** Never leaves dfuDNBUSY. */
  busyForEver?: boolean;
  /** Stays on the bus after manifestation although it said it would leave. */
  doesNotLeave?: boolean;
  /** DFU_GETSTATUS is answered with this many bytes. */
  shortStatus?: number;
  /** Flips the lowest bit of this byte when it is written. */
  flipByte?: number;
  /** Reads for ever: no short block at the end. */
  endlessUpload?: boolean;
  /** Refuses DFU_DNLOAD and DFU_UPLOAD until SET_INTERFACE has come. */
  needsSetInterface?: boolean;
}

export type Reply = { kind: 'ok'; data: Uint8Array } | { kind: 'stall' } | { kind: 'gone' };

const stall: Reply = { kind: 'stall' };
const ok = (data: Uint8Array = new Uint8Array()): Reply => ({ kind: 'ok', data });

export class FakeDevice {
  readonly options: Required<FakeOptions>;
  misbehaviour: Misbehaviour = {};
  flash: Uint8Array;
  attached = true;
  /** Another value for each time that it is plugged in. */
  attachment = {};
  /** True after the application was started. */
  started = false;
  state: StateName = 'dfuIDLE';
  status: StatusName = 'OK';
  /** Every request, for tests that look at the order. */
  readonly requests: string[] = [];
  private selected_: number | undefined;
  private written_ = 0;
  private uploaded_ = 0;
  private leaveWatchers_: (() => void)[] = [];

  constructor(options: FakeOptions = {}) {
    this.options = {
      vendorId: 0x1209,
      productId: 0xdb42,
      manufacturer: 'Devanarchy',
      product: 'DAPBoot DFU Bootloader',
      usbVersion: 0x0200,
      webUsbAlone: false,
      serial: '0123456789ABCDEF01234567',
      release: 0x0210,
      alternates: [0],
      alternateNames: [],
      capability: undefined,
      protocol: 2,
      attributes: 0x0b,
      transferSize: 1024,
      dfuVersion: 0x0110,
      withoutFunctional: false,
      interfaceClass: 0xfe,
      applicationBase: 0x08002000,
      capacity: 56 * 1024,
      pollTimeout: 10,
      content: new Uint8Array(),
      ...options,
    };
    this.flash = new Uint8Array(this.options.capacity).fill(0xff);
    this.flash.set(this.options.content);
  }

  onLeave(watcher: () => void): void {
    this.leaveWatchers_.push(watcher);
  }

  leave(): void {
    if (!this.attached) return;
    this.attached = false;
    for (const watcher of this.leaveWatchers_.splice(0)) watcher();
  }

  /** Plugged in again: DFU mode from the start. */
  replug(): void {
    this.attached = true;
    this.attachment = {};
    this.started = false;
    this.state = 'dfuIDLE';
    this.status = 'OK';
    this.selected_ = undefined;
  }

  reset(): void {
    this.requests.push('reset');
    if (this.state === 'dfuMANIFEST-WAIT-RESET' || this.state === 'dfuMANIFEST') this.startApplication();
  }

  control(requestType: number, request: number, value: number, index: number, data: Uint8Array | number): Reply {
    if (!this.attached) return { kind: 'gone' };
    if ((requestType & 0x60) === 0x20) return this.classRequest(request, value, data);
    this.requests.push(`standard ${request} ${value} ${index}`);
    switch (request) {
      case 6:
        return this.descriptor(value >> 8, value & 0xff, data as number);
      case 9:
        return ok();
      case 11:
        if (!this.options.alternates.includes(value)) return stall;
        this.selected_ = value;
        return ok();
      default:
        return stall;
    }
  }

  protected classRequest(request: number, value: number, data: Uint8Array | number): Reply {
    const name = Object.entries(Request).find(([, number]) => number === request)?.[0] ?? String(request);
    this.requests.push(`${name} ${value}`);
    switch (request) {
      case Request.DFU_GETSTATUS:
        return this.getStatus();
      case Request.DFU_GETSTATE:
        return ok(Uint8Array.of(stateNames.indexOf(this.state)));
      case Request.DFU_CLRSTATUS:
      case Request.DFU_ABORT:
        this.state = 'dfuIDLE';
        this.status = 'OK';
        return ok();
      case Request.DFU_DETACH:
        this.startApplication();
        return { kind: 'gone' };
      case Request.DFU_DNLOAD:
        return this.download(value, data as Uint8Array);
      case Request.DFU_UPLOAD:
        return this.upload(value, data as number);
      default:
        return stall;
    }
  }

  private download(block: number, data: Uint8Array): Reply {
    const { misbehaviour } = this;
    if (this.state !== 'dfuIDLE' && this.state !== 'dfuDNLOAD-IDLE') return this.error('errSTALLEDPKT');
    if (misbehaviour.needsSetInterface && this.selected_ === undefined) return this.error('errSTALLEDPKT');
    if (data.length === 0) {
      if (this.state === 'dfuIDLE') return this.error('errSTALLEDPKT');
      this.state = 'dfuMANIFEST-SYNC';
      return ok();
    }
    if (misbehaviour.goneAtBlock === block) {
      delete misbehaviour.goneAtBlock;
      this.leave();
      return { kind: 'gone' };
    }
    if (misbehaviour.stallAtBlock === block) return this.error('errSTALLEDPKT');
    if (this.state === 'dfuIDLE') this.written_ = 0;
    this.state = 'dfuDNBUSY';
    if (misbehaviour.errorAtBlock?.block === block) {
      this.status = misbehaviour.errorAtBlock.status;
      this.state = 'dfuERROR';
      return ok();
    }
    if (this.written_ + data.length > this.flash.length) {
      this.status = 'errADDRESS';
      this.state = 'dfuERROR';
      return ok();
    }
    this.flash.set(data, this.written_);
    const flip = misbehaviour.flipByte;
    if (flip !== undefined && flip >= this.written_ && flip < this.written_ + data.length) this.flash[flip]! ^= 1;
    this.written_ += data.length;
    return ok();
  }

  private upload(block: number, length: number): Reply {
    if ((this.options.attributes & 2) === 0) return this.error('errSTALLEDPKT');
    if (this.misbehaviour.needsSetInterface && this.selected_ === undefined) return this.error('errSTALLEDPKT');
    if (this.state === 'dfuIDLE') this.uploaded_ = 0;
    else if (this.state !== 'dfuUPLOAD-IDLE') return this.error('errSTALLEDPKT');
    if (block !== Math.floor(this.uploaded_ / length)) return this.error('errSTALLEDPKT');
    if (this.misbehaviour.endlessUpload) {
      this.uploaded_ += length;
      this.state = 'dfuUPLOAD-IDLE';
      return ok(new Uint8Array(length));
    }
    const piece = this.flash.slice(this.uploaded_, this.uploaded_ + length);
    this.uploaded_ += piece.length;
    this.state = piece.length < length ? 'dfuIDLE' : 'dfuUPLOAD-IDLE';
    return ok(piece);
  }

  private getStatus(): Reply {
    const { misbehaviour, options } = this;
    let poll = 0;
    let reported = this.state;
    if (this.state === 'dfuDNBUSY') {
      poll = options.pollTimeout;
      this.state = misbehaviour.busyForEver ? 'dfuDNBUSY' : 'dfuDNLOAD-IDLE';
      reported = poll > 0 || misbehaviour.busyForEver ? 'dfuDNBUSY' : 'dfuDNLOAD-IDLE';
    } else if (this.state === 'dfuMANIFEST-SYNC') {
      poll = options.pollTimeout;
      reported = 'dfuMANIFEST';
      this.state = 'dfuMANIFEST';
    } else if (this.state === 'dfuMANIFEST') {
      return this.manifested();
    }
    return this.statusBytes(poll, reported);
  }

  private manifested(): Reply {
    const { misbehaviour, options } = this;
    if (misbehaviour.manifestStatus) {
      this.status = misbehaviour.manifestStatus;
      this.state = 'dfuERROR';
    } else if (options.attributes & 4) {
      this.state = 'dfuIDLE';
    } else if ((options.attributes & 8) !== 0 && !misbehaviour.doesNotLeave) {
      this.startApplication();
      return { kind: 'gone' };
    } else {
      this.state = 'dfuMANIFEST-WAIT-RESET';
    }
    return this.statusBytes(0, this.state);
  }

  protected statusBytes(poll: number, state: StateName): Reply {
    const answer = Uint8Array.of(
      statusNames.indexOf(this.status),
      poll & 0xff,
      (poll >> 8) & 0xff,
      poll >> 16,
      stateNames.indexOf(state),
      0,
    );
    return ok(answer.slice(0, this.misbehaviour.shortStatus ?? 6));
  }

  protected error(status: StatusName): Reply {
    this.state = 'dfuERROR';
    this.status = status;
    return stall;
  }

  protected startApplication(): void {
    this.started = true;
    this.leave();
  }

  private descriptor(type: number, number: number, length: number): Reply {
    if (type === 1) return ok(this.deviceDescriptor().slice(0, length));
    if (type === 2) return ok(this.configurationDescriptor().slice(0, length));
    if (type === 0x0f && this.options.webUsbAlone) return ok(webUsbBos.slice(0, length));
    if (type === 0x0f && this.options.capability) return ok(this.bos(this.options.capability).slice(0, length));
    if (type !== 3) return stall;
    const { manufacturer, product, serial, alternateNames } = this.options;
    const text = ['', manufacturer, product, serial, 'DAPBoot DFU', ...alternateNames][number];
    if (number === 0) return ok(Uint8Array.of(4, 3, 9, 4));
    return text === undefined ? stall : ok(stringDescriptor(text).slice(0, length));
  }

  private deviceDescriptor(): Uint8Array {
    const { vendorId: v, productId: p, release: r } = this.options;
    const usb = this.options.capability ? 0x0210 : this.options.usbVersion;
    return Uint8Array.of(
      18,
      1,
      usb & 255,
      usb >> 8,
      0,
      0,
      0,
      64,
      v & 255,
      v >> 8,
      p & 255,
      p >> 8,
      r & 255,
      r >> 8,
      1,
      2,
      3,
      1,
    );
  }

  private bos(capability: number[]): Uint8Array {
    const uuid = [0xd5, 0x27, 0x61, 0xa1, 0x8d, 0x52, 0xa7, 0x4d, 0x82, 0x81, 0x59, 0xd9, 0xa9, 0x11, 0xf8, 0xc4];
    const other = [0x10, 0x05, 0, ...uuid.map((byte) => byte ^ 0xff), 1, 2, 3, 4]; // of somebody else, before ours
    const ours = [0x10, 0x05, 0, ...uuid, ...capability];
    const parts = [other.length + 1, ...other, ours.length + 1, ...ours];
    return Uint8Array.of(5, 0x0f, 5 + parts.length, 0, 2, ...parts);
  }

  configurationDescriptor(): Uint8Array {
    const { alternates, attributes, transferSize: t, dfuVersion: d, protocol, interfaceClass } = this.options;
    const parts: number[] = [];
    alternates.forEach((alternate, i) => {
      const name = i < this.options.alternateNames.length ? 5 + i : 4;
      parts.push(9, 4, 0, alternate, 0, interfaceClass, 1, protocol, name);
    });
    if (!this.options.withoutFunctional) {
      parts.push(9, 0x21, attributes, 0xff, 0, t & 255, t >> 8, d & 255, d >> 8);
    }
    const total = 9 + parts.length;
    return Uint8Array.of(9, 2, total & 255, total >> 8, 1, 1, 0, 0xc0, 50, ...parts);
  }
}

/** WebUSB's capability alone (WebUSB section 4.1): version 1.0, vendor code 0x22, a landing page. */
const webUsbBos = Uint8Array.of(
  ...[5, 0x0f, 29, 0, 1, 24, 0x10, 0x05, 0],
  ...[0x38, 0xb6, 0x08, 0x34, 0xa9, 0x09, 0xa0, 0x47, 0x8b, 0xfd, 0xa0, 0x76, 0x88, 0x15, 0xb6, 0x65],
  ...[0x00, 0x01, 0x22, 0x01],
);

/** The capability of a dapboot with this layout, as docs/capability.md has it. */
export function capability(base: number, end: number, pageKib = 1): number[] {
  const word = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return [0x00, 0x01, base === 0x08000000 ? 1 : 0, pageKib, ...word(base), ...word(end)];
}

function stringDescriptor(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + text.length * 2);
  bytes.set([bytes.length, 3]);
  for (let i = 0; i < text.length; i++) bytes[2 + i * 2] = text.charCodeAt(i);
  return bytes;
}
