// SPDX-License-Identifier: ISC
// "New board" in Chromium: a blank chip by both ways, with fakes of the ROM loader and of an ST-Link behind the browser.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { AdapterOptions } from '../fakes/fake-adapters.ts';
import { parseHex } from '../../src/image/hex.ts';
import { boardKinds } from '../../src/install/chips.ts';
import { dist, expectAccessible, expectInSight, launch, pictures, serveDist, visit } from './browser.ts';
import type { Host } from './browser.ts';
import { expectAttribute, expectText } from './soon.ts';

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

const wide = { viewport: { width: 1280, height: 720 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

async function open(adapters: AdapterOptions, options = wide) {
  const visited = await visit(browser, host.url, { adapters }, options);
  await visited.page.click('#modes [data-mode=install]');
  await visited.page.locator('#install-connect').waitFor();
  return visited;
}

async function expectInstalled(page: Page, file: string): Promise<void> {
  const flash = new Uint8Array(await page.evaluate(() => Array.from(window.fakeChip!.flash)));
  for (const { address, data } of parseHex(new Uint8Array(readFileSync(join(dist, 'bootloaders', file))))) {
    expect(flash.subarray(address - 0x08000000, address - 0x08000000 + data.length)).toEqual(data);
  }
  expect(await page.evaluate(() => window.fakeChip!.started)).toBe(true);
}

describe.each([
  ['serial', 'USB-serial adapter'],
  ['stlink', 'ST-Link V2'],
])('by %s', (way, label) => {
  test('from a blank chip to the bootloader, and on to firmware', async () => {
    const { page, context, complaints } = await open({});
    await page.getByText(label, { exact: true }).click();
    // What is to be chosen and to be connected, all of it.
    await expectInSight(page, ['.wires', '#install-layout', '.ways', '.way-steps', '#install-connect']);
    await page.locator('.mat').screenshot({ path: join(pictures, `install-${way}-wires.png`) });
    await expectAccessible(page);
    const wires = way === 'serial' ? /RX – A9, TX – A10, GND/ : /SWDIO – DIO, SWCLK – CLK/;
    await expectAttribute(page, '.wires', 'aria-label', wires);
    await page.click('#install-connect');
    await page.locator('#install-write').waitFor();
    await expectText(page, '.chip-found', /STM32F103x8\/xB \(0x410\)\s+Flash\s+64 KiB\s+Protection\s+none/);
    expect(await page.evaluate(() => window.fakeChip!.history)).toEqual([]);
    await expectInSight(page, ['.wires', '#install-write']);
    await expectAccessible(page);
    await page.click('#install-write');
    await page.locator('#install-mode .moment').waitFor();
    await expectAccessible(page);
    await expectInstalled(page, 'dapboot-bluepill.hex');
    await page.getByRole('button', { name: 'Now write firmware to it' }).click();
    await page.locator('#connect').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a protected chip: what it costs is said, and a click more is asked', async () => {
    const { page, context } = await open({ chip: { protected: true } }, phone);
    await page.getByText(label, { exact: true }).click();
    await page.click('#install-connect');
    await page.getByText('erases everything on the chip').waitFor();
    expect(await page.evaluate(() => window.fakeChip!.history)).toEqual([]);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Erase everything and install' }).click();
    await page.locator('#install-mode .moment').waitFor();
    await expectInstalled(page, 'dapboot-bluepill.hex');
    await context.close();
  });

  test('a closed chooser is no error, and the page says what may be missing', async () => {
    const { page, context, complaints } = await open({ chooserClosed: true }, phone);
    await page.getByText(label, { exact: true }).click();
    await page.click('#install-connect');
    await expectText(page, '#install-mode [role=status]', way === 'serial' ? /dialout/ : /STSW-LINK009/);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('an adapter that was allowed before needs no chooser', async () => {
    const { page, context } = await open({ allowed: true });
    await page.getByText(label, { exact: true }).click();
    const known = way === 'serial' ? 'USB-serial adapter 0403:6001' : 'ST-Link V2 STM32 STLink';
    await page.locator('#install-mode .choice', { hasText: known }).click();
    await page.click('#install-write');
    await page.locator('#install-mode .moment').waitFor();
    await expectInstalled(page, 'dapboot-bluepill.hex');
    await context.close();
  });

  test('the wires are drawn for each board, by the names that its pins have on it', async () => {
    const { page, context } = await open({});
    await page.getByText(label, { exact: true }).click();
    const seen = new Set<string>();
    for (const { name, tx, rx, swdio, swclk } of boardKinds) {
      await page.locator('.boards').getByText(name, { exact: true }).click();
      const ours = way === 'serial' ? `RX – ${tx}, TX – ${rx}` : `SWDIO – ${swdio}, SWCLK – ${swclk}`;
      const adapter = way === 'serial' ? 'Adapter' : 'ST-Link';
      const said = await page.locator('.wires').getAttribute('aria-label');
      expect(said).toBe(`${adapter}, ${name}: ${ours}, GND – G, 3.3 V – 3.3`);
      expect(await page.locator('.wires .wire').count()).toBe(4);
      const drawn = await page.locator('.wires text').allTextContents();
      expect(drawn.join()).toContain(way === 'serial' ? `${tx},TX,${rx}` : `${swdio},SWCLK,${swclk}`);
      seen.add(said!);
    }
    expect(seen.size).toBe(boardKinds.length);
    await context.close();
  });

  test('another board and the high-memory layout', async () => {
    const { page, context } = await open({ chip: { flashKib: 128 } });
    await page.locator('#install-mode').getByText('Maple Mini', { exact: true }).click();
    await page.selectOption('#install-layout', 'dapboot-maplemini-high-128.hex');
    await page.getByText(label, { exact: true }).click();
    await page.click('#install-connect');
    await page.click('#install-write');
    await page.locator('#install-mode .moment').waitFor();
    await expectInstalled(page, 'dapboot-maplemini-high-128.hex');
    await context.close();
  });
});

test('only boards whose bootloaders are part of the build are on offer, and no installer that is not', async () => {
  const index = '/bootloaders/index.json';
  const all = JSON.parse(readFileSync(join(dist, index), 'utf8')) as { file: string }[];
  const some = /^dapboot-(bluepillplusstm32|maplemini)(-high)?\.hex$|^install-dapboot-maplemini\.bin$/;
  host.newer.set(index, JSON.stringify(all.filter(({ file }) => some.test(file))));
  try {
    const usb = { adapters: {}, permitted: true, device: { release: 0x0200, pollTimeout: 5 } };
    const { page, context } = await visit(browser, host.url, usb, wide);
    await page.click('#replace summary');
    expect(await page.locator('#replace-board option').allTextContents()).toEqual(['Maple Mini']);
    await page.click('#modes [data-mode=install]');
    await page.locator('#install-connect').waitFor();
    expect(await page.locator('.boards .option').allTextContents()).toEqual(['Blue Pill Plus (STM32)', 'Maple Mini']);
    expect(await page.locator('#install-layout option').count()).toBe(2);
    await page.click('#install-connect');
    await page.click('#install-write');
    await page.locator('#install-mode .moment').waitFor();
    await expectInstalled(page, 'dapboot-bluepillplusstm32.hex');
    await context.close();

    host.newer.set(index, JSON.stringify(all.filter(({ file }) => /^dapboot-/.test(file))));
    const without = await visit(browser, host.url, usb, wide);
    await without.page.locator('#device-present').waitFor();
    await without.page.click('#modes [data-mode=install]');
    await without.page.locator('#install-connect').waitFor();
    expect(await without.page.locator('.boards .option').count()).toBe(8);
    await without.page.click('#modes [data-mode=update]');
    expect(await without.page.locator('#replace').isHidden()).toBe(true);
    await without.context.close();
  } finally {
    host.newer.delete(index);
  }
});

test.each([
  ['echo', { wire: { fault: 'echo' } }, /hears itself[^]*TX and RX/],
  ['silence', { wire: { fault: 'silent' } }, /does not answer[^]*BOOT0 is at 1/],
  ['framing errors', { wire: { fault: 'noise' } }, /noise[^]*GND/],
  ['another chip', { chip: { id: 0x420 } }, /another chip[^]*0x420/],
  ['the cable out in the middle', { wire: { goneAfter: 400 } }, /adapter is gone[^]*Plug it in again/],
] as const)('%s has its sentence and a way on', async (_what, adapters, sentence) => {
  const { page, context } = await open(adapters);
  await page.click('#install-connect');
  await page.locator('#install-write, #install-mode .refused').first().waitFor({ timeout: 15_000 });
  if (await page.locator('#install-write').isVisible()) await page.click('#install-write');
  await page.locator('#install-mode .refused').waitFor({ timeout: 15_000 });
  await expectText(page, '#install-mode .refused', sentence);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#install-connect').waitFor();
  await context.close();
});
