// SPDX-License-Identifier: ISC
// The transport over a virtual board, and the virtual boards that a local server offers.

import type { BoardDevice, BoardLink } from './board-link.ts';
import { fromHex, toHex } from './hex.ts';
import type { DeviceHandle, DeviceSource, DfuTransport, Setup } from './transport.ts';
import { UsbFault } from './transport.ts';

const SET_INTERFACE = 11;
const SET_CONFIGURATION = 9;
const typeBits = { standard: 0x00, class: 0x20, vendor: 0x40 } as const;
const recipientBits = { device: 0, interface: 1 } as const;
const TO_HOST = 0x80;

export class VirtualSource implements DeviceSource {
  constructor(private readonly links_: readonly BoardLink[]) {}

  list(): Promise<DeviceHandle[]> {
    const handles: DeviceHandle[] = [];
    for (const link of this.links_) {
      const device = link.state?.device;
      if (device) handles.push(handle(link, device));
    }
    return Promise.resolve(handles);
  }

  watch(changed: () => void): void {
    for (const link of this.links_) {
      let attachment = link.state?.device?.attachment;
      link.watch((state) => {
        if (state?.device?.attachment === attachment) return;
        attachment = state?.device?.attachment;
        changed();
      });
    }
  }
}

const attachments = new WeakMap<BoardLink, { readonly number: number }>();

/** One value for each attachment of each board: their numbers alone repeat from board to board. */
function attachmentOf(link: BoardLink, number: number): object {
  const known = attachments.get(link);
  if (known?.number === number) return known;
  const made = { number };
  attachments.set(link, made);
  return made;
}

function handle(link: BoardLink, device: BoardDevice): DeviceHandle {
  return {
    kind: 'virtual',
    vendorId: device.vendorId,
    productId: device.productId,
    product: device.product,
    serial: device.serial,
    attachment: attachmentOf(link, device.attachment),
    board: link,
    connect: () => new VirtualTransport(link, device),
  };
}

export class VirtualTransport implements DfuTransport {
  readonly gone: Promise<void>;
  private left_ = false;

  constructor(
    private readonly link_: BoardLink,
    device: BoardDevice,
  ) {
    this.gone = new Promise((resolve) => {
      const stop = link_.watch((state) => {
        if (state?.device?.attachment === device.attachment) return;
        stop();
        this.left_ = true;
        resolve();
      });
    });
  }

  async open(): Promise<void> {
    await this.ask(() => this.link_.ask({ do: 'open' }));
  }

  async select(configuration: number, interfaceNumber: number, alternate: number): Promise<void> {
    const standard = { type: 'standard', recipient: 'device' } as const;
    await this.controlOut({ ...standard, request: SET_CONFIGURATION, value: configuration, index: 0 });
    if (alternate === 0) return;
    await this.controlOut({
      ...standard,
      recipient: 'interface',
      request: SET_INTERFACE,
      value: alternate,
      index: interfaceNumber,
    });
  }

  async controlIn(setup: Setup, length: number): Promise<Uint8Array> {
    const digits = await this.ask(() => this.link_.ask({ do: 'control-in', setup: fields(setup, TO_HOST), length }));
    return fromHex(digits);
  }

  async controlOut(setup: Setup, data: Uint8Array = new Uint8Array()): Promise<void> {
    await this.ask(() => this.link_.ask({ do: 'control-out', setup: fields(setup, 0), data: toHex(data) }));
  }

  async reset(): Promise<void> {
    await this.ask(() => this.link_.ask({ do: 'bus-reset' }));
  }

  async close(): Promise<void> {
    if (!this.left_) await this.link_.ask({ do: 'close' }).catch(() => undefined);
  }

  /** After the device left, the next one on the same board must not get this one's requests. */
  private async ask(attempt: () => Promise<string>): Promise<string> {
    if (this.left_) throw new UsbFault('gone', 'virtual board');
    return attempt();
  }
}

/** bmRequestType, bRequest, wValue, wIndex. */
function fields(setup: Setup, direction: number): number[] {
  return [direction | typeBits[setup.type] | recipientBits[setup.recipient], setup.request, setup.value, setup.index];
}
