// SPDX-License-Identifier: ISC
// From a blank chip to a blinking LED with nothing but the page: the virtual chip's own ROM loader at the virtual adapter's
// line, its debug port behind the virtual ST-Link. Nothing here is a fake of ours.

import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { expectAccessible, expectInSight, expectQuiet, launch, picture, visit } from './browser.ts';
import { expectText, soon } from './soon.ts';
import { blinks, connected, serve } from './virtual-board.ts';
import type { Server } from './virtual-board.ts';

let browser: Browser;
let server: Server;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser?.close());
beforeEach(async () => {
  server = await serve('dapboot-bluepill.elf', 'bluepill', '--blank');
});
afterEach(() => server?.end());

const sizes = {
  laptop: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};

describe.each([
  ['serial', 'USB-serial adapter', /64 KiB/, sizes.laptop],
  ['stlink', 'ST-Link V2', /64 KiB/, sizes.phone],
] as const)('by %s', (way, label, size, options) => {
  test('from a blank chip to a blinking LED', async () => {
    const { page, context, complaints, requests } = await visit(browser, server.url, undefined, options);
    await page.click('#modes [data-mode=install]');
    await page.getByText(label, { exact: true }).click();
    await page.locator('#install-mode .choice', { hasText: 'Try a virtual one' }).click();
    await page.locator('#install-write').waitFor();
    await expectText(page, '.chip-found', /STM32F103x8\/xB \(0x410\)/);
    await expectText(page, '.chip-found', size);
    await expectInSight(page, ['#install-write']);
    await expectAccessible(page);
    await page.click('#install-write');
    await page.locator('#install-mode .moment').waitFor({ timeout: 60_000 });
    await picture(page, `new-board-${way}-installed`, false);

    await page.getByRole('button', { name: 'Now write firmware to it' }).click();
    await connected(page);
    await expectText(page, '#board-title', /^New virtual Blue Pill$/);
    await page.click('#example');
    await page.click('#write');
    await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
    await blinks(page, 4);
    await picture(page, `new-board-${way}-blinking`, false);
    await expectInSight(page, ['#pill-led', '#outcome', '#another']);
    await expectAccessible(page);

    expectQuiet(server.url, complaints, requests);
    await context.close();
  });
});

test('the blank board is in the way of nobody who updates', async () => {
  const { page, context } = await visit(browser, server.url, undefined);
  await page.locator('#available .choice', { hasText: 'Try the virtual one' }).click();
  await connected(page);
  await expectText(page, '#board-title', /^Virtual Blue Pill$/);
  await context.close();
});

test('a second page is told that the adapter is in use', async () => {
  const first = await visit(browser, server.url, undefined);
  const second = await visit(browser, server.url, undefined);
  for (const { page } of [first, second]) {
    await page.click('#modes [data-mode=install]');
    await page.locator('#install-mode .choice').click();
  }
  await first.page.locator('#install-write').waitFor();
  await second.page.locator('#install-mode .refused', { hasText: 'in use' }).waitFor();
  await first.context.close();
  // The server learns of a page that has gone a moment later.
  const again = async (): Promise<boolean> => {
    await second.page.getByRole('button', { name: 'Try again' }).click();
    await second.page.locator('#install-mode .choice').click();
    await second.page.locator('#install-write, #install-mode .refused').first().waitFor();
    return second.page.locator('#install-write').isVisible();
  };
  await soon('the adapter was to be free again', again, (free) => free);
  await second.context.close();
});
