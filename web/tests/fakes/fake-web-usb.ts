// SPDX-License-Identifier: ISC
// Puts the fake navigator.usb into a real browser's page, before the page's own scripts run.

import { FakeUsb } from './fake-usb.ts';
import type { FakeUsbOptions } from './fake-usb.ts';

declare global {
  interface Window {
    fakeUsbOptions?: FakeUsbOptions;
    fakeUsb?: FakeUsb;
  }
}

window.fakeUsb = new FakeUsb(window.fakeUsbOptions ?? {});
Object.defineProperty(navigator, 'usb', { value: window.fakeUsb, configurable: true });
