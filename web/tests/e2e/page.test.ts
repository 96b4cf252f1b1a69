// SPDX-License-Identifier: ISC
// The built page in Chromium, with a fake device behind navigator.usb: every main state, looked at and checked.

import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { program } from '../fakes/images.ts';
import { chooseFile, dist, expectAccessible, launch, picture, serveDist, visit } from './browser.ts';
import type { Host } from './browser.ts';
import { expectDisabled, expectHidden, expectText, soon } from './soon.ts';

let browser: Browser;
let host: Host;
let url: string;

beforeAll(async () => {
  browser = await launch();
  host = await serveDist();
  ({ url } = host);
});
afterAll(async () => {
  await browser?.close();
  host?.server.close();
});

const image = program(43_210);

async function connectAndWrite(page: Page): Promise<void> {
  await page.click('#connect');
  await page.locator('#device-present').waitFor();
  await chooseFile(page, 'application.bin', image);
  await page.click('#write');
}

describe('from plugged in to updated', () => {
  test('with what is said on the way', async () => {
    const { page, context, complaints, requests } = await visit(browser, url, { device: { pollTimeout: 40 } });
    await expectHidden(page, '#write');

    await page.click('#connect');
    await page.locator('#device-present').waitFor();
    await page.click('#device-present summary');
    await expectText(page, '#device-present', /DAPBoot DFU Bootloader[^]*0123456789ABCDEF01234567[^]*DFU 1\.1/);

    await chooseFile(page, 'application.bin', image);
    await page.locator('#verdict.good').waitFor({ state: 'attached' });
    await page.click('#image summary');
    await expectText(page, '#map-legend', /Bootloader\s+0x08000000\s+8 KiB\s+Firmware\s+0x08002000\s+42 KiB/);
    // Nobody is asked for address, size or format.
    expect(await page.locator('input:not([type=file]):visible, textarea:visible, select:visible').count()).toBe(0);

    await page.click('#write');
    await page.waitForFunction(() => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) > 40);
    await expectText(page, '#job-numbers', /KiB of 42 KiB · .*\/s · .* left/);

    await page.locator('#outcome.good').waitFor();
    await expectText(page, '#outcome', /Firmware updated/);
    const flash = await page.evaluate(() => Array.from(window.fakeUsb!.device.flash));
    expect(new Uint8Array(flash).subarray(0, image.length)).toEqual(image);

    expect(complaints).toEqual([]);
    expect(requests.filter((one) => !one.startsWith(url))).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await context.close();
  });

  test('by keyboard alone', async () => {
    const { page, context } = await visit(browser, url, { device: { pollTimeout: 1 } });
    const press = async (key: string, until: string): Promise<void> => {
      for (let i = 0; i < 15; i++) {
        if (await page.evaluate((id) => document.activeElement?.id === id, until)) return;
        await page.keyboard.press(key);
      }
      throw new Error(`${until} cannot be reached by ${key}`);
    };
    // Asked for early: the browser must know of it before the key that opens the chooser arrives.
    const choosing = page.waitForEvent('filechooser', { timeout: 60_000 });
    await press('Tab', 'connect');
    await page.keyboard.press('Enter');
    await page.locator('#device-present').waitFor();
    await press('Tab', 'file');
    await page.keyboard.press('Space');
    const chooser = await choosing;
    await chooser.setFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from(image) });
    await press('Tab', 'write');
    await page.keyboard.press('Enter');
    await page.locator('#outcome.good').waitFor();
    const focused = (): Promise<string | undefined> => page.evaluate(() => document.activeElement?.id);
    await soon('the outcome was to have the focus', focused, (id) => id === 'outcome');
    await expectText(page, '#announce', /Firmware updated/);
    await context.close();
  });

  test('a dropped file is taken wherever it lands, and does not replace the page', async () => {
    const { page, context } = await visit(browser, url, {});
    const leftToBrowser = await page.evaluate((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'dropped.bin'));
      return ['dragover', 'drop'].filter((type) =>
        document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true })),
      );
    }, Array.from(image));
    expect(leftToBrowser).toEqual([]);
    await page.locator('#image').waitFor({ state: 'attached' });
    await expectText(page, '.drop-call', /^dropped\.bin\s+42 KiB/);
    await context.close();
  });
});

describe('what else a device is asked', () => {
  test('save gives the file, compare finds it again, start leaves the bootloader', async () => {
    const { page, context } = await visit(browser, url, { permitted: true });
    await page.locator('#device-present').waitFor();
    await page.evaluate((bytes) => window.fakeUsb!.device.flash.set(bytes), Array.from(image));
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    expect(download.suggestedFilename()).toBe('0123456789ABCDEF01234567-application.bin');
    const saved = new Uint8Array(readFileSync(await download.path()));
    expect(saved.subarray(0, image.length)).toEqual(image);

    await chooseFile(page, 'saved.bin', saved);
    await page.click('#verify');
    await page.locator('#outcome.good', { hasText: 'holds this firmware' }).waitFor();
    await page.click('#start');
    await page.locator('#outcome.good', { hasText: 'Firmware started' }).waitFor();
    await page.locator('#device-absent').waitFor();
    await context.close();
  });
});

test('of two boards, the other one is used instead, and then forgotten', async () => {
  const device = { serial: 'FIRST', pollTimeout: 5 };
  const usb = { permitted: true, device, others: [{ ...device, serial: 'SECOND' }] };
  const { page, context, complaints } = await visit(browser, url, usb);
  await page.locator('#device-present').waitFor();
  await page.click('#device-present summary');
  await expectText(page, '#device-serial', /FIRST/);
  await page
    .locator('#others')
    .getByRole('button', { name: /instead.*SECOND/ })
    .click();
  await expectText(page, '#device-serial', /SECOND/);
  await expectText(page, '#others', /FIRST/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Forget this board' }).click();
  await page.locator('#device-absent').waitFor();
  const left = await page.evaluate(async () => (await navigator.usb.getDevices()).map((one) => one.serialNumber));
  expect(left).toEqual(['FIRST']);
  expect(complaints).toEqual([]);
  await context.close();
});

test('the log holds what happened, and can be copied', async () => {
  const { page, context } = await visit(
    browser,
    url,
    { permitted: true },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  );
  await page.locator('#device-present').waitFor();
  await page.click('#log-box summary');
  await picture(page, 'light-log');
  await expectAccessible(page);
  await page.click('#copy-log');
  await page.locator('#copy-log', { hasText: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/1209:db42[^]*1024 bytes a block/);
  await context.close();
});

describe('failures say cause and next step', () => {
  test('an image for another address', async () => {
    const { page, context } = await visit(browser, url, { permitted: true });
    await page.locator('#device-present').waitFor();
    await chooseFile(page, 'wrong.bin', program(9000, 0x08000000));
    await page.locator('#verdict.refused').waitFor();
    await expectText(page, '#verdict', /0x08000000[^]*first 8 KiB[^]*0x08002000/);
    await expectDisabled(page, '#write');
    await expectAccessible(page);
    await context.close();
  });

  test('Linux without a udev rule: the rule, to copy', async () => {
    const options = { permissions: ['clipboard-read', 'clipboard-write'] };
    const openError = { name: 'SecurityError', message: "Failed to execute 'open' on 'USBDevice': Access denied." };
    const { page, context } = await visit(browser, url, { openError }, options);
    await page.click('#connect');
    await page.locator('#device-outcome.refused').waitFor();
    await expectText(page, '#device-outcome', /udev[^]*idVendor\}=="1209"/);
    await page.click('.copy-box button');
    await page.locator('.copy-box button', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/70-dapboot\.rules/);
    await expectAccessible(page);
    await context.close();
  });

  test('a file that is far too large is not even read', async () => {
    const { page, context } = await visit(browser, url, {});
    await chooseFile(page, 'video.bin', new Uint8Array(16 * 1024 * 1024 + 1));
    await page.locator('#verdict.refused', { hasText: '16777217 bytes' }).waitFor();
    await context.close();
  });

  test('a device in use elsewhere', async () => {
    const claimError = {
      name: 'NetworkError',
      message: "Failed to execute 'claimInterface': Unable to claim interface.",
    };
    const { page, context } = await visit(browser, url, { claimError });
    await page.click('#connect');
    await page.locator('#device-outcome', { hasText: 'in use' }).waitFor();
    await context.close();
  });

  test('an empty or closed chooser is no error, and the page says how a board gets into it', async () => {
    const { page, context, complaints } = await visit(browser, url, { chooserClosed: true });
    await page.click('#connect');
    await page.locator('#chooser-hint', { hasText: 'not in the list' }).waitFor();
    await expectText(page, '#bootloader-help', /BOOT1[^]*press reset[^]*snap connect chromium:raw-usb/);
    await expectHidden(page, '#outcome');
    expect(complaints).toEqual([]);
    await expectAccessible(page);
    await context.close();
  });

  test('a DfuSe device is answered with a plain sentence', async () => {
    const { page, context } = await visit(browser, url, {
      device: { dfuVersion: 0x011a, product: 'STM32 BOOTLOADER' },
    });
    await page.click('#connect');
    await page.locator('#device-outcome.refused', { hasText: 'DfuSe' }).waitFor();
    await expectText(page, '#device-outcome', /STM32CubeProgrammer/);
    await context.close();
  });

  test('a refusal by the device is explained by its status', async () => {
    const misbehaviour = { errorAtBlock: { block: 3, status: 'errVERIFY' as const } };
    const { page, context } = await visit(browser, url, { device: { pollTimeout: 1 }, misbehaviour });
    await connectAndWrite(page);
    await page.locator('#outcome.refused').waitFor();
    await expectText(page, '#outcome', /does not hold what was sent[^]*errVERIFY[^]*byte 3072[^]*again/);
    await picture(page, 'light-error');
    await expectAccessible(page);
    await context.close();
  });

  test('a cable pulled in the middle, plugged in again: it goes on', async () => {
    const { page, context } = await visit(browser, url, {
      device: { pollTimeout: 5 },
      misbehaviour: { goneAtBlock: 20 },
    });
    await connectAndWrite(page);
    await page.locator('#outcome.doubtful').waitFor();
    await picture(page, 'light-interrupted');
    await expectAccessible(page);
    await page.evaluate(() => window.fakeUsb!.plug());
    await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
    await context.close();
  });

  test('a browser without WebUSB', async () => {
    const { page, context } = await visit(browser, url, null);
    await expectText(page, '#unsupported', /cannot reach USB devices[^]*Chrome/);
    await expectHidden(page, '#connect');
    await expectAccessible(page);
    await context.close();
  });

  test('opened as a file, the page says what to do', async () => {
    const { page, context } = await visit(browser, `file://${dist}/index.html`, undefined);
    await page.locator('#asleep').waitFor({ state: 'visible' });
    await expectText(page, '#asleep', /https[^]*http:\/\/localhost/);
    await picture(page, 'light-from-file');
    await context.close();
  });
});

describe('the built folder', () => {
  test('works offline once it was visited', async () => {
    const { page, context } = await visit(browser, url, { permitted: true });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await context.setOffline(true);
    host.server.closeAllConnections();
    await page.reload();
    await page.locator('#device-present').waitFor();
    await chooseFile(page, 'a.bin', image);
    await page.click('#write');
    await page.locator('#outcome.good').waitFor();
    await context.close();
  });

  test('a newer build waits until the person takes it', async () => {
    const { page, context } = await visit(browser, url, {});
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    const read = (name: string): string => readFileSync(join(dist, name), 'utf8');
    host.newer.set('/index.html', read('index.html').replace('Update your board</h2>', 'Newer</h2>'));
    host.newer.set(
      '/service-worker.js',
      read('service-worker.js').replace(/const version = "\w+"/, 'const version = "newer"'),
    );
    await page.reload();
    await expectText(page, '#hero-title', /^Update your board$/);
    await page.locator('#update-ready').waitFor();
    await page.click('#reload');
    await page.locator('#hero-title', { hasText: 'Newer' }).waitFor();
    host.newer.clear();
    await context.close();
  });

  test('two copies on one origin keep their own caches, each through an update of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dapboot-copies-'));
    for (const copy of ['one', 'two']) cpSync(dist, join(folder, copy), { recursive: true });
    const both = await serveDist(folder);
    const { page, context } = await visit(browser, `${both.url}one/`, {});
    const settle = async (): Promise<void> => {
      await page.evaluate(() => navigator.serviceWorker.ready);
      await page.reload();
    };
    const caches = (): Promise<string[]> => page.evaluate(async () => (await window.caches.keys()).sort());
    await settle();
    await page.goto(`${both.url}two/`);
    await settle();
    const before = await caches();
    expect(before.map((one) => one.split(' ')[1])).toEqual([`${both.url}one/`, `${both.url}two/`]);

    const worker = readFileSync(join(dist, 'service-worker.js'), 'utf8');
    both.newer.set('/two/service-worker.js', worker.replace(/const version = "\w+"/, 'const version = "newer"'));
    await page.reload();
    await page.locator('#update-ready').waitFor();
    await page.click('#reload');
    await expect.poll(caches, { timeout: 20_000 }).toEqual([before[0], `dapboot ${both.url}two/ newer`]);

    await context.setOffline(true);
    both.server.closeAllConnections();
    for (const copy of ['one', 'two']) {
      await page.goto(`${both.url}${copy}/`);
      await page.locator('#connect').waitFor();
    }
    await context.close();
    both.server.close();
    rmSync(folder, { recursive: true });
  });

  test('the policy lets no code and no request through that is not its own', async () => {
    const { page, context } = await visit(browser, url, {});
    const outcome = await page.evaluate(async () => {
      const blocked: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
      const inline = document.createElement('script');
      inline.textContent = 'window.injected = true';
      document.body.append(inline);
      const image = new Image();
      image.src = 'http://localhost:9/pixel.png';
      await fetch('http://localhost:9/').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { blocked, injected: 'injected' in window };
    });
    expect(outcome.injected).toBe(false);
    expect(outcome.blocked.sort()).toEqual(['connect-src', 'img-src', 'script-src-elem']);
    await context.close();
  });

  test('is under 60 KB gzipped, icons included, bootloader images apart', () => {
    const files = (readdirSync(dist, { recursive: true }) as string[]).filter(
      (one) => !/^(bootloaders|demo)/.test(one) && statSync(join(dist, one)).isFile(),
    );
    const sizes = files.map((one) => gzipSync(readFileSync(join(dist, one)), { level: 9 }).length);
    expect(files.length).toBeGreaterThan(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });

  test('names no other host', () => {
    for (const name of readdirSync(dist, { recursive: true }) as string[]) {
      if (!/\.(html|js|css|webmanifest|svg)$/.test(name)) continue;
      const hosts = readFileSync(join(dist, name), 'utf8').match(/(?:https?|wss?):\/\/[\w.-]+/g) ?? [];
      const named = hosts.filter((one) => one !== 'http://localhost' && one !== 'http://www.w3.org');
      expect({ name, named }).toEqual({ name, named: [] });
    }
  });

  test('can be installed: manifest and icons are what browsers ask for', async () => {
    const { page, context } = await visit(browser, url, {});
    const session = await context.newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A private window, which the test's is, can install nothing; everything else counts.
    expect(installabilityErrors.map((one) => one.errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await context.close();
  });
});
