// SPDX-License-Identifier: ISC
// Every state of the page in four sizes: a picture of each to look at (build/web-pictures), nothing that axe complains
// about, nothing wider than the window, and what matters in sight without scrolling.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { FakeUsbOptions } from '../fakes/fake-usb.ts';
import { program } from '../fakes/images.ts';
import { chooseFile, expectAccessible, expectInSight, launch, picture, serveDist, visit } from './browser.ts';
import type { Host } from './browser.ts';

let browser: Browser;
let host: Host;

beforeAll(async () => {
  browser = await launch();
  host = await serveDist();
});
afterAll(async () => {
  await browser?.close();
  host?.server.close();
});

const sizes = [
  ['1920', { viewport: { width: 1920, height: 1080 } }],
  ['1280', { viewport: { width: 1280, height: 720 } }],
  ['768', { viewport: { width: 768, height: 1024 } }],
  ['360', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
] as const;

interface Screen {
  readonly usb?: FakeUsbOptions | null;
  readonly reach: (page: Page) => Promise<void>;
  /** What must be whole in the window at once. */
  readonly inSight: readonly string[];
}

const image = program(43_210);
const present = (page: Page): Promise<void> => page.locator('#device-present').waitFor();
async function ready(page: Page): Promise<void> {
  await page.click('#connect');
  await present(page);
  await chooseFile(page, 'weather-station.hex.bin', image);
  await page.locator('#firmware-card.is-done').waitFor();
}
async function writing(page: Page): Promise<void> {
  await ready(page);
  await page.click('#write');
  await page.waitForFunction(() => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) > 40);
}
async function written(page: Page): Promise<void> {
  await ready(page);
  await page.click('#write');
  await page.locator('#outcome.moment').waitFor();
  await page.waitForTimeout(900); // the tick draws itself
}

const screens: Record<string, Screen> = {
  start: { reach: async () => undefined, inSight: ['.pill', '#hero-title', '#connect'] },
  'chooser-closed': {
    usb: { chooserClosed: true },
    reach: async (page) => {
      await page.click('#connect');
      await page.locator('#chooser-hint', { hasText: 'not in the list' }).waitFor();
    },
    inSight: ['#chooser-hint'],
  },
  connected: {
    reach: async (page) => {
      await page.click('#connect');
      await present(page);
    },
    inSight: ['.pill', '#device-present', '#drop', '#write'],
  },
  ready: { reach: ready, inSight: ['.pill', '#drop', '#write'] },
  details: {
    reach: async (page) => {
      await ready(page);
      await page.click('#device-present summary');
      await page.click('#image summary');
    },
    inSight: [],
  },
  refused: {
    reach: async (page) => {
      await page.click('#connect');
      await present(page);
      await chooseFile(page, 'wrong-address.bin', program(9000, 0x08000000));
      await page.locator('#verdict.refused').waitFor();
    },
    inSight: ['#verdict', '#write'],
  },
  writing: {
    usb: { device: { pollTimeout: 60 } },
    reach: writing,
    inSight: ['.pill', '#bar', '#job-percent', '#stop'],
  },
  success: { reach: written, inSight: ['.pill', '#pill-led', '#outcome', '#another'] },
  returned: {
    reach: async (page) => {
      await written(page);
      await page.evaluate(() => window.fakeUsb!.plug());
      await page.locator('#outcome .doubtful').waitFor();
    },
    inSight: ['#outcome', '#another'],
  },
  interrupted: {
    usb: { device: { pollTimeout: 20 }, misbehaviour: { goneAtBlock: 20 } },
    reach: async (page) => {
      await ready(page);
      await page.click('#write');
      await page.locator('#outcome.doubtful').waitFor();
    },
    inSight: ['.pill', '#outcome'],
  },
  failed: {
    usb: { misbehaviour: { errorAtBlock: { block: 9, status: 'errVERIFY' } } },
    reach: async (page) => {
      await ready(page);
      await page.click('#write');
      await page.locator('#outcome.refused').waitFor();
    },
    inSight: ['#outcome', '#write'],
  },
  udev: {
    usb: { openError: { name: 'SecurityError', message: "Failed to execute 'open' on 'USBDevice': Access denied." } },
    reach: async (page) => {
      await page.click('#connect');
      await page.locator('#device-outcome.refused').waitFor();
    },
    inSight: [],
  },
  'no-webusb': { usb: null, reach: async () => undefined, inSight: ['#unsupported'] },
};

describe.each(sizes)('%s', (size, options) => {
  test.each(Object.keys(screens))('%s', async (name) => {
    const { usb = {}, reach, inSight } = screens[name]!;
    const { page, context, complaints } = await visit(browser, host.url, usb, options);
    await reach(page);
    await picture(page, `${name}-${size}`, false);
    if (size === '1280' || size === '360') await expectInSight(page, inSight);
    if (size === '1280' || size === '360') await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.each([
  ['dark', { colorScheme: 'dark' as const, viewport: { width: 1280, height: 720 } }],
  ['320', { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true }],
  ['zoomed', { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ['forced', { forcedColors: 'active' as const, viewport: { width: 1280, height: 720 } }],
  ['still', { reducedMotion: 'reduce' as const, viewport: { width: 1280, height: 720 } }],
])('%s', (kind, options) => {
  test.each(['start', 'ready', 'refused', 'writing', 'success'])('%s', async (name) => {
    const { usb = {}, reach } = screens[name]!;
    const { page, context } = await visit(browser, host.url, usb, options);
    await reach(page);
    await picture(page, `${name}-${kind}`, false);
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    if (kind === 'still')
      expect(
        await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running').length),
      ).toBe(0);
    await context.close();
  });
});
