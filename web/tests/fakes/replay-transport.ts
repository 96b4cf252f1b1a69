// SPDX-License-Identifier: ISC
// A transport that knows one conversation by heart: each request must be the next one of a recording, and gets the
// answer that the device gave. After the last answer the device leaves.

import { UsbFault } from '../../src/usb/transport.ts';
import type { DeviceHandle, DfuTransport, FaultKind, Setup } from '../../src/usb/transport.ts';
import { fromHex, toHex } from '../../src/usb/hex.ts';

/** As scripts/record-sessions.mjs writes it. */
export interface Exchange {
  readonly do: 'control-in' | 'control-out';
  readonly setup: readonly number[];
  readonly length?: number;
  readonly data?: string;
  readonly result: 'ok' | FaultKind;
  readonly answer?: string;
}

const typeBits = { standard: 0, class: 0x20, vendor: 0x40 } as const;

export class ReplayTransport implements DfuTransport {
  readonly gone: Promise<void>;
  private next_ = 0;
  private leave_: () => void = () => undefined;

  constructor(private readonly exchanges_: readonly Exchange[]) {
    this.gone = new Promise((resolve) => (this.leave_ = resolve));
  }

  get finished(): boolean {
    return this.next_ === this.exchanges_.length;
  }

  handle(): DeviceHandle {
    return {
      kind: 'usb',
      vendorId: 0x1209,
      productId: 0xdb42,
      product: '',
      serial: '',
      attachment: this,
      connect: () => this,
    };
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  async select(configuration: number, interfaceNumber: number, alternate: number): Promise<void> {
    await this.play({ do: 'control-out', setup: [0, 9, configuration, 0], data: '' });
    if (alternate > 0) await this.play({ do: 'control-out', setup: [1, 11, alternate, interfaceNumber], data: '' });
  }

  async controlIn(setup: Setup, length: number): Promise<Uint8Array> {
    return fromHex(await this.play({ do: 'control-in', setup: fields(setup, 0x80), length }));
  }

  async controlOut(setup: Setup, data: Uint8Array = new Uint8Array()): Promise<void> {
    await this.play({ do: 'control-out', setup: fields(setup, 0), data: toHex(data) });
  }

  reset(): Promise<void> {
    return Promise.reject(new Error('the recording has no USB reset'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private async play(request: Omit<Exchange, 'result' | 'answer'>): Promise<string> {
    const expected = this.exchanges_[this.next_];
    if (!expected) throw new UsbFault('gone', request.do);
    const { result, answer, ...recorded } = expected;
    if (JSON.stringify(recorded) !== JSON.stringify(request)) {
      throw new Error(`request ${this.next_} is ${JSON.stringify(request)}, recorded was ${JSON.stringify(recorded)}`);
    }
    this.next_++;
    await Promise.resolve();
    if (this.finished) this.leave_();
    if (result !== 'ok') throw new UsbFault(result, request.do);
    return answer ?? '';
  }
}

function fields(setup: Setup, direction: number): number[] {
  const recipient = setup.recipient === 'interface' ? 1 : 0;
  return [direction | typeBits[setup.type] | recipient, setup.request, setup.value, setup.index];
}
