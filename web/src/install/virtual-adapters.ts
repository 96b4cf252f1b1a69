// SPDX-License-Identifier: ISC
// The USB-serial adapter and the ST-Link that a virtual board has at its pins (docs/virtual-board-socket.md).

import type { BoardAction, BoardLink } from '../usb/board-link.ts';
import { fromHex, toHex } from '../usb/hex.ts';
import { UsbFault } from '../usb/transport.ts';
import { Inbox } from './inbox.ts';
import { WayError } from './line.ts';
import type { ProbePipe, SerialLine, WayFault } from './line.ts';

/** RTS is wired to BOOT0 and DTR to reset: opening the line starts the chip's loader, closing it the program in flash. */
export class VirtualSerialLine implements SerialLine {
  private readonly inbox_ = new Inbox();
  private stop_: () => void = () => undefined;

  constructor(private readonly link_: BoardLink) {}

  async open(baud: number): Promise<void> {
    const unwatch = this.link_.watch((state) => {
      if (!state) this.inbox_.fail(new WayError('gone', 'receiving'));
    });
    const unhear = this.link_.onSerial((bytes) => this.inbox_.put(bytes));
    this.stop_ = () => {
      unwatch();
      unhear();
    };
    await ask(this.link_, { do: 'serial-open', baud }, 'opening the virtual serial line');
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.inbox_.clear();
    await ask(this.link_, { do: 'serial-write', data: toHex(bytes) }, 'sending');
  }

  read(length: number, milliseconds: number): Promise<Uint8Array> {
    return this.inbox_.take(length, milliseconds);
  }

  async close(): Promise<void> {
    this.stop_();
    await this.link_.ask({ do: 'serial-close' }).catch(() => undefined);
  }
}

export class VirtualProbe implements ProbePipe {
  constructor(private readonly link_: BoardLink) {}

  async open(): Promise<void> {
    await ask(this.link_, { do: 'probe-open' }, 'opening the virtual probe');
  }

  async send(bytes: Uint8Array): Promise<void> {
    await ask(this.link_, { do: 'probe-send', data: toHex(bytes) }, 'sending to the probe');
  }

  async receive(length: number): Promise<Uint8Array> {
    const action = 'waiting for the probe';
    const bytes = fromHex(await ask(this.link_, { do: 'probe-receive', length }, action));
    if (bytes.length < length) throw new WayError('failed', action, `${bytes.length} of ${length} bytes came`);
    return bytes;
  }

  async close(): Promise<void> {
    await this.link_.ask({ do: 'probe-close' }).catch(() => undefined);
  }
}

async function ask(link: BoardLink, request: BoardAction, action: string): Promise<string> {
  try {
    return await link.ask(request);
  } catch (error) {
    if (!(error instanceof UsbFault)) throw error;
    const kinds: Partial<Record<string, WayFault>> = { gone: 'gone', busy: 'busy', timeout: 'silent' };
    throw new WayError(kinds[error.kind] ?? 'failed', action, error.detail);
  }
}
