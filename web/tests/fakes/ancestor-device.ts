// SPDX-License-Identifier: ISC
// The C bootloader of the same name, by what its behaviour on the bus differs in from ours: it leaves at every USB
// reset, never stalls a block that comes at the wrong time, and asks for no time to manifest. Its releases until 2017
// knew no DFU_DETACH and ignored resets. What it says of itself: src/usb_conf.c and src/dfu.c of github.com/devanlai/dapboot.

import { Request } from '../../src/dfu/protocol.ts';
import { FakeDevice } from './fake-device.ts';
import type { FakeOptions, Reply } from './fake-device.ts';

export class AncestorDevice extends FakeDevice {
  constructor(
    private readonly knowsDetach_: boolean,
    options: FakeOptions = {},
  ) {
    super({
      vendorId: 0x1209,
      productId: 0xdb42,
      release: 0x0111,
      usbVersion: 0x0210,
      webUsbAlone: true,
      manufacturer: 'Devanarchy',
      product: 'DAPBoot DFU Bootloader',
      attributes: 0x0b,
      pollTimeout: 100,
      ...options,
    });
  }

  override reset(): void {
    this.requests.push('reset');
    if (this.knowsDetach_) this.startApplication();
  }

  protected override classRequest(request: number, value: number, data: Uint8Array | number): Reply {
    if (request === Request.DFU_DNLOAD && this.state !== 'dfuIDLE' && this.state !== 'dfuDNLOAD-IDLE') {
      this.requests.push(`DFU_DNLOAD ${value}`);
      return { kind: 'ok', data: new Uint8Array() };
    }
    if (request === Request.DFU_ABORT && this.state === 'dfuERROR') return { kind: 'ok', data: new Uint8Array() };
    if (request === Request.DFU_DETACH) return this.detach(value);
    if (request === Request.DFU_GETSTATUS && this.state === 'dfuMANIFEST-SYNC') {
      this.requests.push(`DFU_GETSTATUS ${value}`);
      setImmediate(() => this.startApplication());
      return this.statusBytes(0, 'dfuMANIFEST');
    }
    return super.classRequest(request, value, data);
  }

  /** The answer goes out first, then the chip resets itself. */
  private detach(value: number): Reply {
    this.requests.push(`DFU_DETACH ${value}`);
    if (!this.knowsDetach_) return this.error('errSTALLEDPKT');
    setImmediate(() => this.startApplication());
    return { kind: 'ok', data: new Uint8Array() };
  }
}
