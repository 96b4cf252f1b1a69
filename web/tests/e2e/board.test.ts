// SPDX-License-Identifier: ISC
// The built page and a virtual board: the true bootloader on a simulated chip, behind dapboot-sim serve.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { program } from '../fakes/images.ts';
import { chooseFile, expectAccessible, expectInSight, expectQuiet, launch, picture, visit } from './browser.ts';
import { expectDisabled, expectHidden, expectText, expectVisible, soon } from './soon.ts';
import { blinks, connected, firmware, root, serve } from './virtual-board.ts';
import type { Server } from './virtual-board.ts';

let browser: Browser;
let server: Server;
const blinky = (): Uint8Array => new Uint8Array(readFileSync(join(firmware, 'blinky-bluepill.bin')));

/** Blinky, and behind it much that it never reads: a write that takes a while. */
function longBlinky(): Uint8Array {
  const image = program(40_000);
  image.set(blinky());
  return image;
}

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => browser?.close());

// A board remembers what was flashed: each test gets a new one.
beforeEach(async () => {
  server = await serve('dapboot-bluepill.elf', 'bluepill');
});
afterEach(() => server?.end());

/** The page with the board on the table and connected. */
async function takeBoard(options: BrowserContextOptions = {}, name = 'Try the virtual one') {
  const visited = await visit(browser, server.url, undefined, options);
  await visited.page.locator('.choice', { hasText: name }).click();
  await connected(visited.page);
  return visited;
}

test.each([
  ['light', { viewport: { width: 1280, height: 720 } }],
  ['phone', { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }],
])('blinky is flashed and the drawn LED blinks (%s)', async (name, options) => {
  const { page, context, complaints, requests } = await takeBoard(options);
  await page.click('#device-present summary');
  await expectText(page, '#device-serial', /Serial number [0-9A-F]{24}$/);
  await page.click('#device-present summary');
  await expectAccessible(page);

  await page.click('#example');
  await page.locator('#verdict.good').waitFor({ state: 'attached' });
  await page.click('#write');
  await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
  await blinks(page, 4);
  await page.locator('#pill-led.is-lit').waitFor({ state: 'attached' });
  await picture(page, `board-${name}-blinking`, false);
  await expectInSight(page, ['#pill-led', '#outcome', '#another']);
  await expectAccessible(page);

  expectQuiet(server.url, complaints, requests);
  await context.close();
});

test('BOOT1 and reset bring the bootloader back; then the file is compared, and the application started', async () => {
  const { page, context } = await takeBoard();
  await chooseFile(page, 'blinky-bluepill.bin', blinky());
  await page.click('#write');
  await page.locator('#outcome.moment').waitFor();
  await page.click('#board-reset');
  await blinks(page, 2);

  await page.click('#board-boot1');
  await page.locator('#board-boot1[aria-checked=true]').waitFor();
  await page.click('#board-reset');
  await connected(page);
  await page.click('#verify');
  await page.locator('#outcome.good', { hasText: 'holds this firmware' }).waitFor();

  await page.click('#board-boot1');
  await page.locator('#board-boot1[aria-checked=false]').waitFor();
  await page.click('#start');
  await page.locator('#outcome.good', { hasText: 'Firmware started' }).waitFor();
  await blinks(page, 2);
  await context.close();
});

test('.hex and .elf are flashed as well; what is saved is what was sent', async () => {
  const { page, context } = await takeBoard();
  await page.click('#board-boot1');
  for (const extension of ['elf', 'hex']) {
    const file = `blinky-bluepill.${extension}`;
    await chooseFile(page, file, new Uint8Array(readFileSync(join(firmware, file))));
    await expectText(page, '#drop-call', new RegExp(file));
    await expectHidden(page, '#outcome');
    await page.locator('#verdict.good').waitFor({ state: 'attached' });
    await page.click('#write');
    await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
    await page.click('#board-reset');
    await connected(page);
  }
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  const saved = new Uint8Array(readFileSync(await download.path()));
  expect(saved.subarray(0, blinky().length)).toEqual(blinky());
  await context.close();
});

test('an image for another address is refused by the page', async () => {
  const { page, context } = await takeBoard();
  await chooseFile(page, 'high.bin', new Uint8Array(readFileSync(join(firmware, 'blinky-bluepill-high.bin'))));
  await page.locator('#verdict.refused', { hasText: '0x08002000' }).waitFor();
  await expectDisabled(page, '#write');
  await context.close();
});

test('the high-memory bootloader takes the image for the start of flash, and no other', async () => {
  await server.end();
  server = await serve('dapboot-bluepill-high-128.elf', 'bluepill');
  const { page, context } = await takeBoard();
  await chooseFile(page, 'standard.bin', blinky());
  await page.locator('#verdict.refused', { hasText: 'linker script to 0x08000000' }).waitFor();
  await chooseFile(page, 'high.bin', new Uint8Array(readFileSync(join(firmware, 'blinky-bluepill-high.bin'))));
  await page.locator('#verdict.good').waitFor({ state: 'attached' });
  await page.click('#write');
  await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
  await blinks(page, 2);
  await context.close();
});

test('a bootloader built for another base and end announces them, and takes the image for there alone', async () => {
  await server.end();
  const folder = mkdtempSync(join(tmpdir(), 'dapboot-base-'));
  execFileSync(
    'make',
    ['-s', '-f', join(root, 'src/Makefile'), 'TARGET=BLUEPILL', 'DEFS=-DAPP_BASE_ADDRESS=0x08001000'],
    {
      cwd: folder,
      stdio: 'pipe',
    },
  );
  server = await serve(join(folder, 'dapboot.elf'), 'bluepill');
  rmSync(folder, { recursive: true });
  const { page, context } = await takeBoard();
  await page.click('#device-present summary');
  await expectText(page, '#device-facts', /0x08001000 \(announced\)/);
  await expectText(page, '#device-room', /^124 KiB free$/);
  await chooseFile(page, 'usual.bin', blinky());
  await page.locator('#verdict.refused', { hasText: 'linker script to 0x08001000' }).waitFor();
  await chooseFile(page, 'long.bin', program(124 * 1024 + 1, 0x08001000));
  await page.locator('#verdict.refused', { hasText: 'room for 126976' }).waitFor();
  const image = program(30_000, 0x08001000);
  await chooseFile(page, 'right.bin', image);
  await page.locator('#verdict.good').waitFor({ state: 'attached' });
  await page.click('#board-boot1');
  await page.click('#write');
  await page.locator('#outcome.moment').waitFor();
  await connected(page);
  await page.click('#verify');
  await page.locator('#outcome.good', { hasText: 'holds this firmware' }).waitFor();
  await context.close();
});

test('an older bootloader is offered the newer one, which takes its place by USB alone', async () => {
  await server.end();
  const folder = mkdtempSync(join(tmpdir(), 'dapboot-older-'));
  const older = readFileSync(join(firmware, 'dapboot-bluepill.bin'));
  // idVendor, idProduct and bcdDevice of the device descriptor: 2.0.0, and nothing else is different.
  const ids = [0x09, 0x12, 0x42, 0xdb];
  const at = older.indexOf(Buffer.from([...ids, 0x10, 0x02]));
  expect(at).toBeGreaterThan(0);
  older.set([...ids, 0x00, 0x02], at);
  writeFileSync(join(folder, 'older.bin'), older);
  server = await serve(join(folder, 'older.bin'), 'bluepill');
  rmSync(folder, { recursive: true });
  const { page, context } = await takeBoard({ viewport: { width: 1280, height: 720 } });
  await page.click('#replace summary');
  await expectText(page, '#replace-why', /older version of dapboot/);
  await picture(page, 'replace-offered', false);
  await expectAccessible(page);
  await page.selectOption('#replace-board', 'bluepill');
  await page.click('#replace-take');
  await expectText(page, '#drop-call', /install-dapboot-bluepill\.bin/);
  await page.locator('#verdict.good').waitFor({ state: 'attached' });
  await expectHidden(page, '#replace');
  await page.click('#write');
  await page.locator('#outcome.moment', { hasText: 'The new bootloader is in its place' }).waitFor();
  await picture(page, 'replace-done', false);
  await expectInSight(page, ['#outcome', '#another']);
  await expectAccessible(page);

  await page.click('#another');
  await connected(page);
  await expectHidden(page, '#replace');
  await page.click('#example');
  await page.click('#write');
  await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor();
  await blinks(page, 2);
  await context.close();
});

test('the SKR board has its DFU interface at alternate setting 2', async () => {
  await server.end();
  server = await serve('dapboot-bttskrminie3v2.elf', 'bttskrminie3v2');
  const { page, context } = await takeBoard();
  await soon(
    'the alternate setting was to be 2',
    () => page.locator('#target').inputValue(),
    (value) => /^2: /.test(value),
  );
  await picture(page, 'board-skr');
  await expectAccessible(page);
  await expectVisible(page, '.pill.is-other');
  await expectHidden(page, '#example');
  await expectHidden(page, '#pill-jumpers');
  await chooseFile(page, 'app.bin', longBlinky());
  await page.click('#write');
  await page.locator('#outcome.good', { hasText: 'Firmware updated and verified' }).waitFor();
  await context.close();
});

test('BOOT1 left at 1: the update worked, the board came back, and the page says which jumper to move', async () => {
  const { page, context } = await takeBoard({ viewport: { width: 1280, height: 720 } });
  await page.click('#board-boot1');
  await page.locator('#board-boot1[aria-checked=true]').waitFor();
  await page.click('#example');
  await page.click('#write');
  await page.locator('#outcome.moment .doubtful', { hasText: 'BOOT1 jumper back to 0' }).waitFor();
  await page.click('#board-boot1');
  await page.locator('#board-boot1[aria-checked=false]').waitFor();
  await page.click('#board-reset');
  await blinks(page, 2);
  await context.close();
});

test('an application with a DFU interface is left alone after its update, and leaves by a click', async () => {
  const { page, context } = await takeBoard();
  await chooseFile(
    page,
    'usb-serial-bluepill.bin',
    new Uint8Array(readFileSync(join(firmware, 'usb-serial-bluepill.bin'))),
  );
  await page.click('#write');
  await page.locator('#outcome.moment').waitFor();
  await page.waitForTimeout(5000);
  expect(await page.locator('#outcome.moment').isVisible()).toBe(true);
  await page.click('#another');
  await page.locator('#available .choice', { hasText: 'into bootloader mode' }).click();
  await connected(page);
  await context.close();
});

test('an image longer than the flash is found out before anything is changed', async () => {
  const { page, context } = await takeBoard();
  await chooseFile(page, 'long.bin', program(121 * 1024));
  await expectText(page, '#verdict', /room for 122880/);
  await expectDisabled(page, '#write');
  await context.close();
});

test('the cable comes out in the middle of a write: plugged in again, it goes on, and the LED blinks', async () => {
  const { page, context } = await takeBoard();
  await chooseFile(page, 'long-blinky.bin', longBlinky());
  await page.click('#write');
  await page.waitForFunction(() => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) > 30);
  await page.click('#board-power');
  await page.locator('#outcome.doubtful', { hasText: 'cable' }).waitFor();
  await page.click('#board-power');
  await page.locator('#outcome.good', { hasText: 'Firmware updated' }).waitFor({ timeout: 30_000 });
  await blinks(page, 2);
  await context.close();
});

test('a second page is told that the board is in use', async () => {
  const first = await takeBoard();
  const second = await visit(browser, server.url, undefined);
  await second.page.locator('.choice', { hasText: 'Try the virtual one' }).click();
  await second.page.locator('#device-outcome.refused', { hasText: 'in use' }).waitFor();
  await first.context.close();
  await second.page.locator('.choice', { hasText: 'Try the virtual one' }).click();
  await connected(second.page);
  await second.context.close();
});

test('a server that ends is noticed', async () => {
  const { page, context } = await takeBoard();
  await server.end();
  await page.locator('#device-absent').waitFor();
  await page.locator('#board-controls').waitFor({ state: 'hidden' });
  await context.close();
});

test('pages of other origins get no socket', async () => {
  const socket = server.url.replace('http', 'ws') + 'board/0';
  const attempt = (origin: string): Promise<string> =>
    new Promise((resolve) => {
      const { hostname, port } = new URL(server.url);
      import('node:net').then(({ connect }) => {
        const wire = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname, () =>
          wire.write(
            `GET /board/0 HTTP/1.1\r\nHost: localhost:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
              `Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nOrigin: ${origin}\r\n\r\n`,
          ),
        );
        wire.once('data', (data) => {
          resolve(data.toString('latin1').split('\r\n')[0]!);
          wire.destroy();
        });
        wire.once('close', () => resolve('closed'));
      }, resolve);
    });
  expect(socket).toMatch(/^ws:/);
  expect(await attempt(server.url.slice(0, -1))).toMatch(/101/);
  expect(await attempt('https://example.com')).not.toMatch(/101/);
  expect(await attempt('null')).not.toMatch(/101/);
});
