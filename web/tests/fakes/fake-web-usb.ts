// SPDX-License-Identifier: ISC
// Puts the fake navigator.usb into a real browser's page, before the page's own scripts run.

import { FakeUsb } from './fake-usb.ts';
import { fakeAdapters } from './fake-adapters.ts';
import type { AdapterOptions } from './fake-adapters.ts';
import type { FakeChip } from './fake-chip.ts';
import type { FakeUsbOptions } from './fake-usb.ts';

declare global {
  interface Window {
    fakeUsbOptions?: FakeUsbOptions & { adapters?: AdapterOptions };
    fakeChip?: FakeChip;
    fakeUsb?: FakeUsb;
  }
}

window.fakeUsb = new FakeUsb(window.fakeUsbOptions ?? {});
Object.defineProperty(navigator, 'usb', { value: window.fakeUsb, configurable: true });

const wanted = window.fakeUsbOptions?.adapters;
if (wanted) {
  const { chip, serial, probe } = fakeAdapters(wanted);
  window.fakeChip = chip;
  Object.defineProperty(navigator, 'serial', { value: serial, configurable: true });
  const bootloader = window.fakeUsb.requestDevice.bind(window.fakeUsb);
  const isProbe = ({ filters }: { filters: USBDeviceFilter[] }): boolean =>
    filters.some((one) => one.productId === 0x3748);
  window.fakeUsb.requestDevice = (options) =>
    !isProbe(options)
      ? bootloader(options)
      : wanted.chooserClosed
        ? Promise.reject(new DOMException('No device selected.', 'NotFoundError'))
        : Promise.resolve(probe as never);
  const boards = window.fakeUsb.getDevices.bind(window.fakeUsb);
  window.fakeUsb.getDevices = async () => [...(await boards()), ...(wanted.allowed ? [probe as never] : [])];
}
