// SPDX-License-Identifier: ISC
// Every state in two or four sizes: a picture of each to look at (build/web-pictures), nothing that axe complains about, nothing
// wider than the window, and what matters in sight without scrolling. Then the way from start to success as one visit,
// on a laptop, on a phone, and for those who see or move otherwise.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { expectAccessible, expectInSight, launch, picture, serveDist, visit } from './browser.ts';
import type { Host } from './browser.ts';
import { soon } from './soon.ts';
import { connect, ready, refused, screens, writeOn, writing } from './screens.ts';

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

/** `make screens` looks at everything; `make test-web` at the two sizes in which things must be in sight. */
const all = process.env['SCREENS'] === 'all';
const laptop = { width: 1280, height: 720 };
const small = { width: 360, height: 740 };
const sizes = all ? [laptop, { width: 1920, height: 1080 }, { width: 768, height: 1024 }, small] : [laptop, small];

async function expectNothingWider(page: Page): Promise<void> {
  const surplus = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await soon('nothing was to be wider than the window', surplus, (pixels) => pixels <= 0);
}

test.each(Object.keys(screens))('%s', async (name) => {
  const { usb = {}, path, reach, inSight } = screens[name]!;
  const options = { viewport: laptop, bare: path !== undefined };
  const { page, context, complaints } = await visit(browser, host.url + (path ?? ''), usb, options);
  await reach(page);
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.evaluate(() => scrollTo(0, 0));
    await picture(page, `${name}-${size.width}`, false);
    await expectNothingWider(page);
    await expectAccessible(page);
    if (size.width === 1280 || size.width === 360) await expectInSight(page, inSight);
  }
  expect(complaints).toEqual([]);
  await context.close();
});

const phone = { hasTouch: true, isMobile: true };

const everyday = [
  ['laptop', { viewport: laptop }],
  ['phone', { viewport: small, ...phone }],
] as const;
const others = [
  ['dark', { viewport: laptop, colorScheme: 'dark' as const }],
  ['320', { viewport: { width: 320, height: 640 }, ...phone }],
  ['zoomed', { viewport: { width: 640, height: 360 }, deviceScaleFactor: 2 }],
  ['forced', { viewport: laptop, forcedColors: 'active' as const }],
  ['still', { viewport: laptop, reducedMotion: 'reduce' as const }],
] as const;

describe.each([...everyday, ...(all ? others : [])])('%s', (kind, options) => {
  test('from start to success', async () => {
    const { page, context } = await visit(browser, host.url, screens['success']!.usb!, options);
    const look = async (name: string): Promise<void> => {
      await picture(page, `${name}-${kind}`, false);
      await expectAccessible(page);
      await expectNothingWider(page);
      // Nobody has scrolled on the way.
      if (kind === 'laptop' || kind === 'phone') await expectInSight(page, screens[name]!.inSight);
    };
    await look('start');
    await connect(page);
    await look('connected');
    await page.click('#disconnect');
    await refused(page);
    await look('refused');
    await page.click('#disconnect');
    await ready(page);
    await look('ready');
    await page.click('#disconnect');
    await writing(page);
    await look('writing');
    if (kind === 'still') {
      const running = (): number => document.getAnimations().filter((one) => one.playState === 'running').length;
      expect(await page.evaluate(running)).toBe(0);
    }
    await writeOn(page);
    await look('success');
    await context.close();
  });
});
