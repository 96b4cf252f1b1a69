// SPDX-License-Identifier: ISC
// A serial line over the browser's Web Serial. TypeScript has no types for it; what is used is written down here.

import { Inbox } from './inbox.ts';
import { WayError } from './line.ts';
import type { SerialLine, WayFault } from './line.ts';

export interface SerialPortLike {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: {
    baudRate: number;
    dataBits?: number;
    stopBits?: number;
    parity?: 'none' | 'even' | 'odd';
    bufferSize?: number;
  }): Promise<void>;
  close(): Promise<void>;
  setSignals?(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void>;
  /** Both ids or none: not every port is on USB. */
  getInfo?(): { usbVendorId?: number; usbProductId?: number };
}

export interface SerialLike {
  /** Those that were allowed before and are plugged in. */
  getPorts?(): Promise<SerialPortLike[]>;
  requestPort(options?: { filters?: { usbVendorId: number }[] }): Promise<SerialPortLike>;
}

/** Undefined where the browser has no Web Serial. */
export function serialOf(browser: Navigator): SerialLike | undefined {
  return (browser as { serial?: SerialLike }).serial;
}

/** Opens the browser's chooser, which needs a click; undefined when the person closes it. Throws WayError. */
export async function requestPort(serial: SerialLike): Promise<SerialPortLike | undefined> {
  try {
    return await serial.requestPort();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw faultOf(error, 'asking for a serial port');
  }
}

export class WebSerialLine implements SerialLine {
  private readonly inbox_ = new Inbox();
  private reader_: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private open_ = false;

  constructor(private readonly port_: SerialPortLike) {}

  async open(baud: number): Promise<void> {
    try {
      await this.port_.open({ baudRate: baud, dataBits: 8, stopBits: 1, parity: 'even' });
    } catch (error) {
      throw faultOf(error, 'opening the serial port');
    }
    this.open_ = true;
    void this.collect();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.inbox_.fault?.kind === 'gone' || !this.port_.writable) throw new WayError('gone', 'sending');
    this.inbox_.clear();
    const writer = this.port_.writable.getWriter();
    try {
      await writer.write(bytes);
    } catch (error) {
      throw faultOf(error, 'sending');
    } finally {
      writer.releaseLock();
    }
  }

  read(length: number, milliseconds: number): Promise<Uint8Array> {
    return this.inbox_.take(length, milliseconds);
  }

  async close(): Promise<void> {
    this.open_ = false;
    await this.reader_?.cancel().catch(() => undefined);
    await this.port_.close().catch(() => undefined);
  }

  /** After a framing or parity error the stream ends, and the port offers a new one. */
  private async collect(): Promise<void> {
    while (this.open_ && this.port_.readable) {
      this.reader_ = this.port_.readable.getReader();
      try {
        for (;;) {
          const { value, done } = await this.reader_.read();
          if (done) break;
          this.inbox_.put(value);
        }
      } catch (error) {
        const fault = faultOf(error, 'receiving');
        this.inbox_.fail(fault);
        if (fault.kind === 'gone') return;
      } finally {
        this.reader_.releaseLock();
      }
    }
  }
}

function faultOf(error: unknown, action: string): WayError {
  if (error instanceof WayError) return error;
  const name = error instanceof Error ? error.name : '';
  const kinds: Record<string, WayFault> = {
    FramingError: 'noise',
    ParityError: 'noise',
    BreakError: 'noise',
    BufferOverrunError: 'noise',
    NetworkError: action === 'opening the serial port' ? 'busy' : 'gone',
    InvalidStateError: 'busy',
    SecurityError: 'denied',
  };
  return new WayError(kinds[name] ?? 'failed', action, error instanceof Error ? error.message : String(error));
}
