// SPDX-License-Identifier: ISC
// navigator.serial and an ST-Link for navigator.usb.requestDevice(), with a fake chip behind them.

import { FakeChip, FakeRomLine } from './fake-chip.ts';
import type { ChipOptions, WireOptions } from './fake-chip.ts';
import { FakeProbe } from './fake-probe.ts';
import type { ProbeOptions } from './fake-probe.ts';

export interface AdapterOptions {
  chip?: ChipOptions;
  wire?: WireOptions;
  probe?: ProbeOptions;
  /** The person allowed both of them before. */
  allowed?: boolean;
  /** The person closes the chooser. */
  chooserClosed?: boolean;
}

/** A port whose streams end and begin anew after noise, as Web Serial's do. */
class FakePort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  private controller_: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(
    private readonly line_: FakeRomLine,
    private readonly options_: WireOptions,
  ) {}

  async open({ baudRate, parity }: { baudRate: number; parity?: string }): Promise<void> {
    if (parity !== 'even') throw new Error('the loader wants even parity');
    await this.line_.open(baudRate);
    this.begin();
    this.writable = new WritableStream({ write: (bytes) => this.take(bytes) });
  }

  /** What an FT232 says. */
  getInfo(): object {
    return { usbVendorId: 0x0403, usbProductId: 0x6001 };
  }

  close(): Promise<void> {
    this.readable = this.writable = null;
    return this.line_.close();
  }

  private begin(): void {
    this.readable = new ReadableStream({ start: (controller) => void (this.controller_ = controller) });
  }

  private async take(bytes: Uint8Array): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    try {
      await this.line_.write(bytes);
    } catch {
      this.controller_?.error(new DOMException('The device has been lost.', 'NetworkError'));
      throw new DOMException('The device has been lost.', 'NetworkError');
    }
    if (this.options_.fault === 'noise') {
      const old = this.controller_;
      this.begin();
      old?.error(new DOMException('Framing error received', 'FramingError'));
      return;
    }
    const answer = this.line_.drain();
    if (answer.length > 0) this.controller_?.enqueue(answer);
  }
}

const closed = (): DOMException => new DOMException('No port selected by the user.', 'NotFoundError');

export function fakeAdapters(options: AdapterOptions): { chip: FakeChip; serial: object; probe: object } {
  const chip = new FakeChip(options.chip);
  const wire = options.wire ?? {};
  const pipe = new FakeProbe(chip, options.probe);
  const probe = {
    vendorId: 0x0483,
    productId: 0x3748,
    productName: 'STM32 STLink',
    configuration: {},
    open: () => pipe.open(),
    close: () => pipe.close(),
    claimInterface: () => Promise.resolve(),
    transferOut: async (endpoint: number, data: Uint8Array) => {
      if (endpoint !== 2) throw new Error('an ST-Link V2 has its commands on endpoint 2');
      await pipe.send(data);
      return { status: 'ok' };
    },
    transferIn: async (endpoint: number, length: number) => {
      if (endpoint !== 1) throw new Error('an ST-Link V2 has its answers on endpoint 1');
      const bytes = await pipe.receive(length);
      return { status: 'ok', data: new DataView(bytes.slice().buffer) };
    },
  };
  const port = (): FakePort => new FakePort(new FakeRomLine(chip, wire), wire);
  const serial = {
    requestPort: () => (options.chooserClosed ? Promise.reject(closed()) : Promise.resolve(port())),
    getPorts: () => Promise.resolve(options.allowed ? [port()] : []),
  };
  return { chip, serial, probe };
}
