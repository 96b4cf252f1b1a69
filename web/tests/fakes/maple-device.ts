// SPDX-License-Identifier: ISC
// STM32duino's bootloader, which is Maple's of LeafLabs: what it says of itself by STM32F1/usb_descriptor.c, and how it
// answers by STM32F1/dfu.c and usb_lib of github.com/rogerclarkmelbourne/STM32duino-bootloader. It is easily put off:
//
//  - alternate 0 is RAM, and refuses; 1 is flash at 0x08005000, 2 at 0x08002000, which must have been chosen;
//  - a question too many after a block makes it forget where it was, and the next block goes to the start;
//  - a block is written while it keeps the question for it waiting, and no time is announced;
//  - an error is reported as status OK in the state dfuERROR, which nothing but DFU_CLRSTATUS ends;
//  - where the flash ends with a block, the empty one that would say so is a stall;
//  - it starts its application at a reset alone, and only when it has been told something.

import { Request } from '../../src/dfu/protocol.ts';
import { FakeDevice } from './fake-device.ts';
import type { FakeOptions, Reply } from './fake-device.ts';

const says = 'STM32duino bootloader v1.0  ';

export class MapleDevice extends FakeDevice {
  private alternate_ = 0;
  private block_: Uint8Array = new Uint8Array();
  private at_ = 0;

  constructor(options: FakeOptions = {}) {
    super({
      vendorId: 0x1eaf,
      productId: 0x0003,
      release: 0x0201,
      usbVersion: 0x0100,
      manufacturer: 'LeafLabs',
      product: 'Maple 003',
      serial: 'LLM 003',
      alternates: [0, 1, 2],
      alternateNames: [
        `${says}ERROR. Upload to RAM not supported.`,
        `${says}Upload to Flash 0x8005000`,
        `${says}Upload to Flash 0x8002000`,
      ],
      attributes: 0x03,
      ...options,
    });
  }

  /** Where the chosen alternate setting begins in `flash`, which begins at 0x08002000. */
  private get offset(): number {
    return this.alternate_ === 1 ? 0x3000 : 0;
  }

  override reset(): void {
    this.requests.push('reset');
    if (this.state !== 'dfuIDLE') this.startApplication();
  }

  override replug(): void {
    super.replug();
    this.alternate_ = 0;
  }

  override control(type: number, request: number, value: number, index: number, data: Uint8Array | number): Reply {
    const reply = super.control(type, request, value, index, data);
    if (reply.kind === 'ok' && type === 0x01 && request === 11) this.alternate_ = value;
    return reply;
  }

  protected override classRequest(request: number, value: number, data: Uint8Array | number): Reply {
    this.requests.push(`${Object.entries(Request).find(([, number]) => number === request)?.[0]} ${value}`);
    const asked = request === Request.DFU_GETSTATUS;
    switch (this.state) {
      case 'dfuIDLE':
        if (request === Request.DFU_DNLOAD) return this.first(data as Uint8Array);
        if (request === Request.DFU_UPLOAD) return this.read(value, data as number);
        return asked || request === Request.DFU_ABORT ? this.answer() : this.error('errSTALLEDPKT');
      case 'dfuDNLOAD-SYNC':
        if (!asked) return this.error('errSTALLEDPKT');
        this.program();
        this.state = 'dfuDNLOAD-IDLE';
        return this.answer();
      case 'dfuDNLOAD-IDLE':
        if (request === Request.DFU_DNLOAD) return this.take(data as Uint8Array);
        if (!asked && request !== Request.DFU_ABORT) return this.error('errSTALLEDPKT');
        this.state = 'dfuIDLE';
        return this.answer();
      case 'dfuMANIFEST-SYNC':
        if (!asked) return this.error('errSTALLEDPKT');
        this.state = 'dfuMANIFEST-WAIT-RESET';
        return this.answer();
      case 'dfuUPLOAD-IDLE':
        if (request === Request.DFU_UPLOAD) return this.read(value, data as number);
        if (request === Request.DFU_ABORT) this.state = 'dfuIDLE';
        return asked || request === Request.DFU_ABORT ? this.answer() : this.error('errSTALLEDPKT');
      case 'dfuERROR':
        if (request === Request.DFU_CLRSTATUS) this.state = 'dfuIDLE';
        return asked || request === Request.DFU_CLRSTATUS ? this.answer() : this.error('errSTALLEDPKT');
      default:
        return this.answer();
    }
  }

  private answer(): Reply {
    this.status = 'OK';
    return this.statusBytes(0, this.state);
  }

  private first(data: Uint8Array): Reply {
    if (data.length === 0) return this.error('errNOTDONE');
    if (this.alternate_ === 0) return this.error('errWRITE');
    // So that the application at 0x08002000 is not the one that is started.
    if (this.alternate_ === 1) this.flash.fill(0xff, 0, this.options.transferSize);
    this.at_ = 0;
    return this.take(data);
  }

  private take(data: Uint8Array): Reply {
    this.block_ = data;
    this.state = data.length > 0 ? 'dfuDNLOAD-SYNC' : 'dfuMANIFEST-SYNC';
    return { kind: 'ok', data: new Uint8Array() };
  }

  private program(): void {
    const at = this.offset + this.at_;
    this.flash.fill(0xff, at, at + this.options.transferSize);
    this.flash.set(this.block_, at);
    this.at_ += this.block_.length;
  }

  private read(block: number, length: number): Reply {
    if (this.alternate_ === 0) return this.error('errWRITE');
    const from = this.offset + block * length;
    const piece = this.flash.slice(from, from + length);
    this.state = piece.length < length ? 'dfuIDLE' : 'dfuUPLOAD-IDLE';
    return piece.length === 0 ? { kind: 'stall' } : { kind: 'ok', data: piece };
  }
}
