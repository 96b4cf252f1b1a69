// SPDX-License-Identifier: ISC
// Every state that the pages can be in, each by the way that a person gets there, and what must be whole in the window
// at once.

import type { Page } from 'playwright-core';
import type { AdapterOptions } from '../fakes/fake-adapters.ts';
import { capability } from '../fakes/fake-device.ts';
import type { FakeUsbOptions } from '../fakes/fake-usb.ts';
import { program } from '../fakes/images.ts';
import { chooseFile } from './browser.ts';
import { echoingPort } from './echoing-port.ts';

export interface Screen {
  /** Null for a browser without WebUSB. */
  readonly usb?: (FakeUsbOptions & { adapters?: AdapterOptions }) | null;
  /** Another page than the main one. */
  readonly path?: string;
  readonly reach: (page: Page) => Promise<void>;
  readonly inSight: readonly string[];
}

const image = program(43_210);
const board = { pollTimeout: 5, capability: capability(0x08002000, 0x08020000), capacity: 120 * 1024 };
const application = { protocol: 1, product: 'Weather station', release: 0x0120 };

const seen = (page: Page, selector: string, hasText?: string): Promise<void> =>
  page.locator(selector, hasText ? { hasText } : {}).waitFor();
const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click();

export async function connect(page: Page): Promise<void> {
  await page.click('#connect');
  await seen(page, '#device-present');
}
export async function ready(page: Page): Promise<void> {
  await connect(page);
  await chooseFile(page, 'weather-station.bin', image);
  await seen(page, '#firmware-card.is-done');
}
/** In the middle of a write, which waits there until `writeOn`. */
export async function writing(page: Page): Promise<void> {
  await ready(page);
  await page.click('#write');
  await page.waitForFunction(() => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) > 40);
  await page.evaluate(() => void (window.fakeUsb!.device.misbehaviour.busyForEver = true));
}
export async function writeOn(page: Page): Promise<void> {
  await page.evaluate(() => void (window.fakeUsb!.device.misbehaviour.busyForEver = false));
  await seen(page, '#outcome.moment');
}
async function written(page: Page): Promise<void> {
  await ready(page);
  await page.click('#write');
  await seen(page, '#outcome.moment');
}
export async function refused(page: Page): Promise<void> {
  await connect(page);
  await chooseFile(page, 'wrong-address.bin', program(9000, 0x08000000));
  await seen(page, '#verdict.refused');
}
async function cut(page: Page): Promise<void> {
  await ready(page);
  await page.click('#write');
  await seen(page, '#outcome.doubtful');
}
async function install(page: Page): Promise<void> {
  await page.click('#modes [data-mode=install]');
  await seen(page, '#install-connect');
}

/** The bootloader at the start of flash, and an application behind it: what a debugger would save. */
function merged(): Uint8Array {
  const whole = new Uint8Array(0x2000 + 9000).fill(0xff);
  whole.set(program(3000, 0x08000000));
  whole.set(program(9000), 0x2000);
  return whole;
}

/** What the drawing, the steps and the action must show together. */
const step = ['.pill', '#device-present', '#drop', '#write'];

export const screens: Record<string, Screen> = {
  start: { reach: async () => undefined, inSight: ['.pill', '#hero-title', '#connect'] },
  'chooser-closed': {
    usb: { chooserClosed: true },
    reach: async (page) => {
      await page.click('#connect');
      await seen(page, '#chooser-hint', 'not in the list');
    },
    inSight: ['#chooser-hint'],
  },
  'no-webusb': { usb: null, reach: (page) => seen(page, '#unsupported'), inSight: ['#unsupported'] },
  forbidden: { usb: { forbidden: true }, reach: (page) => seen(page, '#unsupported'), inSight: ['#unsupported'] },
  udev: {
    usb: { openError: { name: 'SecurityError', message: "Failed to execute 'open' on 'USBDevice': Access denied." } },
    reach: async (page) => {
      await page.click('#connect');
      await seen(page, '#device-outcome.refused');
    },
    inSight: [],
  },
  application: {
    usb: { permitted: true, device: application },
    reach: (page) => seen(page, '#available .choice', 'into bootloader mode'),
    inSight: ['.pill', '#hero-title', '#connect', '#available .choice'],
  },
  switching: {
    usb: { permitted: true, device: application, bootloader: { device: board, after: 60_000 } },
    reach: async (page) => {
      await page.click('#available .choice');
      await seen(page, '#device-outcome.note');
    },
    inSight: ['#device-outcome', '#connect'],
  },
  connected: { usb: { device: board }, reach: connect, inSight: step },
  unknown: {
    usb: { device: { product: 'Somebody else', pollTimeout: 5 } },
    reach: ready,
    inSight: ['#verdict', '#write'],
  },
  ready: { usb: { device: board }, reach: ready, inSight: step },
  details: {
    usb: { device: board },
    reach: async (page) => {
      await ready(page);
      await page.click('#device-present summary');
      await page.click('#image summary');
    },
    inSight: [],
  },
  refused: { usb: { device: board }, reach: refused, inSight: ['#verdict', '#write'] },
  'no-image': {
    usb: { device: board },
    reach: async (page) => {
      await connect(page);
      await chooseFile(page, 'download.bin', new TextEncoder().encode('<!doctype html><title>404</title>'));
      await seen(page, '#verdict.refused');
    },
    inSight: ['#verdict', '#write'],
  },
  part: {
    usb: { device: board },
    reach: async (page) => {
      await connect(page);
      await chooseFile(page, 'whole-flash.bin', merged());
      await seen(page, '#verdict.refused button');
    },
    inSight: ['#verdict', '#verdict button'],
  },
  writing: { usb: { device: board }, reach: writing, inSight: ['.pill', '#bar', '#job-percent', '#stop'] },
  success: { usb: { device: board }, reach: written, inSight: ['.pill', '#pill-led', '#outcome', '#another'] },
  returned: {
    usb: { device: board },
    reach: async (page) => {
      await written(page);
      await page.evaluate(() => window.fakeUsb!.plug());
      await seen(page, '#outcome .doubtful');
    },
    inSight: ['#outcome', '#another'],
  },
  interrupted: {
    usb: { device: board, misbehaviour: { goneAtBlock: 20 } },
    reach: cut,
    inSight: ['.pill', '#outcome'],
  },
  'perhaps-same': {
    usb: { device: { ...board, serial: '' }, misbehaviour: { goneAtBlock: 20 } },
    reach: async (page) => {
      await cut(page);
      await page.evaluate(() => window.fakeUsb!.plug());
      await seen(page, '#outcome', 'Is this the same board?');
    },
    inSight: ['.pill', '#outcome'],
  },
  failed: {
    usb: { device: board, misbehaviour: { errorAtBlock: { block: 9, status: 'errVERIFY' } } },
    reach: async (page) => {
      await ready(page);
      await page.click('#write');
      await seen(page, '#outcome.refused');
    },
    inSight: ['#outcome', '#write'],
  },
  verified: {
    usb: { device: board },
    reach: async (page) => {
      await ready(page);
      await page.evaluate((bytes) => window.fakeUsb!.device.flash.set(bytes), Array.from(image));
      await page.click('#verify');
      await seen(page, '#outcome.good', 'holds this firmware');
    },
    inSight: ['#outcome', '#write'],
  },
  batch: {
    usb: { device: board },
    reach: async (page) => {
      await ready(page);
      await page.click('#batch-open');
      await seen(page, '#batch-switch');
    },
    inSight: [],
  },
  'batch-runs': {
    usb: { device: board },
    reach: async (page) => {
      await ready(page);
      await page.click('#batch-open');
      await page.click('#batch-switch');
      await seen(page, '#batch', '1 written');
    },
    inSight: [],
  },
  console: {
    usb: { adapters: {} },
    reach: (page) => page.click('#modes [data-mode=console]'),
    inSight: ['#console-connect'],
  },
  'console-talks': {
    usb: { adapters: {} },
    reach: async (page) => {
      await page.evaluate(echoingPort);
      await page.click('#modes [data-mode=console]');
      await page.check('#console-stamps');
      await page.click('#console-connect');
      await seen(page, '#console-text', 'world');
    },
    inSight: ['#console-connect', '#console-text', '#console-line'],
  },
  replace: {
    usb: { device: { ...board, release: 0x0200 } },
    reach: async (page) => {
      await connect(page);
      await page.click('#replace summary');
      await seen(page, '#replace-take');
    },
    inSight: ['.pill', '#device-present'],
  },
  install: { usb: { adapters: {} }, reach: install, inSight: ['#install-connect'] },
  'install-nothing-chosen': {
    usb: { adapters: { chooserClosed: true } },
    reach: async (page) => {
      await install(page);
      await page.click('#install-connect');
      await seen(page, '#install-mode [role=status]', 'try another cable');
    },
    inSight: ['#install-connect'],
  },
  'install-allowed': {
    usb: { adapters: { allowed: true } },
    reach: async (page) => {
      await install(page);
      await seen(page, '#install-mode .choice');
    },
    inSight: ['#install-connect'],
  },
  'install-found': {
    usb: { adapters: {} },
    reach: async (page) => {
      await install(page);
      await page.click('#install-connect');
      await seen(page, '#install-write');
    },
    inSight: ['.wires', '#install-write'],
  },
  'install-protected': {
    usb: { adapters: { chip: { protected: true } } },
    reach: async (page) => {
      await install(page);
      await page.click('#install-connect');
      await seen(page, '#install-mode .doubtful');
    },
    inSight: ['.wires', '#install-write'],
  },
  'install-failed': {
    usb: { adapters: { wire: { fault: 'echo' } } },
    reach: async (page) => {
      await install(page);
      await page.click('#install-connect');
      await seen(page, '#install-mode .refused');
    },
    inSight: ['#install-mode .refused', '#install-mode .primary'],
  },
  'install-done': {
    usb: { adapters: {} },
    reach: async (page) => {
      await install(page);
      await page.click('#install-connect');
      await page.click('#install-write');
      await seen(page, '#install-mode .moment');
    },
    inSight: ['#install-mode .moment'],
  },
  demo: { usb: {}, path: 'demo/', reach: async () => undefined, inSight: ['dapboot-install'] },
  'demo-newer': {
    usb: { permitted: true, device: { ...application, productId: 1, product: 'Tidewatch' } },
    path: 'demo/',
    reach: async (page) => {
      await press(page, 'Update your Tidewatch');
      await page.getByText('Installed: 1.2.0, newest: 1.3.0').waitFor();
    },
    inSight: ['dapboot-install dialog'],
  },
  'demo-done': {
    usb: { permitted: true, device: board },
    path: 'demo/',
    reach: async (page) => {
      await press(page, 'Update your Tidewatch');
      await press(page, 'Install 1.3.0');
      await page.getByText('Version 1.3.0 is on the board').waitFor();
    },
    inSight: ['dapboot-install dialog'],
  },
};
