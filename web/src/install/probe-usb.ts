// SPDX-License-Identifier: ISC
// An ST-Link's bulk endpoints over WebUSB.

import type { UsbFault } from '../usb/transport.ts';
import { faultOf } from '../usb/web-usb.ts';
import { WayError } from './line.ts';
import type { ProbePipe } from './line.ts';

const FILTERS: USBDeviceFilter[] = [0x3748, 0x374b, 0x3752].map((productId) => ({ vendorId: 0x0483, productId }));
/** The V2 has its commands on endpoint 2, the V2-1 on endpoint 1. */
const V2 = 0x3748;
const ANSWERS = 1;

/** Opens the browser's chooser, which needs a click; undefined when the person closes it. Throws WayError. */
export async function requestProbe(usb: USB): Promise<ProbePipe | undefined> {
  try {
    return new ProbeUsb(await usb.requestDevice({ filters: FILTERS }));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw wayError(error, 'asking for a probe');
  }
}

/** Those that were allowed before and are plugged in, with what they call themselves. */
export async function permittedProbes(usb: USB | undefined): Promise<{ name: string; pipe: ProbePipe }[]> {
  const devices = (await usb?.getDevices().catch(() => [])) ?? [];
  return devices
    .filter((one) => FILTERS.some((known) => known.vendorId === one.vendorId && known.productId === one.productId))
    .map((one) => ({ name: one.productName ?? '', pipe: new ProbeUsb(one) }));
}

export class ProbeUsb implements ProbePipe {
  constructor(private readonly device_: USBDevice) {}

  open(): Promise<void> {
    return guard('opening the probe', async () => {
      await this.device_.open();
      if (!this.device_.configuration) await this.device_.selectConfiguration(1);
      await this.device_.claimInterface(0);
    });
  }

  send(bytes: Uint8Array): Promise<void> {
    return guard('sending to the probe', async () => {
      const endpoint = this.device_.productId === V2 ? 2 : 1;
      const { status } = await this.device_.transferOut(endpoint, new Uint8Array(bytes));
      if (status !== 'ok') throw new WayError('failed', 'sending to the probe', status ?? '');
    });
  }

  receive(length: number): Promise<Uint8Array> {
    return guard('waiting for the probe', async () => {
      const { status, data } = await this.device_.transferIn(ANSWERS, length);
      if (status !== 'ok' || !data || data.byteLength < length)
        throw new WayError('failed', 'waiting for the probe', status ?? '');
      return new Uint8Array(data.buffer, data.byteOffset, length);
    });
  }

  async close(): Promise<void> {
    await this.device_.close().catch(() => undefined);
  }
}

async function guard<T>(action: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw wayError(error, action);
  }
}

function wayError(error: unknown, action: string): WayError {
  if (error instanceof WayError) return error;
  const fault: UsbFault = faultOf(error, action);
  const kind = fault.kind === 'gone' || fault.kind === 'busy' || fault.kind === 'denied' ? fault.kind : 'failed';
  // A transfer that fails is a probe that is no longer there: bulk endpoints do not stall for less.
  return new WayError(
    kind === 'failed' && fault.detail.includes('transfer error') ? 'gone' : kind,
    action,
    fault.detail,
  );
}
