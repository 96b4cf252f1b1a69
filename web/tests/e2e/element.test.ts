// SPDX-License-Identifier: ISC
// <dapboot-install> as a vendor gets it: packed by npm, installed from the tarball, put into a page that knows nothing
// of ours; and the demo page that is part of the build.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import type { FakeUsbOptions } from '../fakes/fake-usb.ts';
import { program } from '../fakes/images.ts';
import { expectAccessible, launch, picture, serveDist, visit, web } from './browser.ts';
import type { Host } from './browser.ts';
import { expectText } from './soon.ts';

let browser: Browser;
let host: Host;
let folder: string;
const image = program(20_000);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dapboot-element-'));
  const npm = (...options: string[]): string =>
    execFileSync('npm', options, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const tarball = npm('pack', '--silent', join(web, 'dist-package')).trim().split('\n').at(-1)!;
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  npm('install', '--silent', '--offline', '--no-audit', '--no-fund', `./${tarball}`);
  writeFileSync(join(folder, 'firmware.bin'), image);
  writeFileSync(
    join(folder, 'index.html'),
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>A vendor</title><link rel="icon" href="data:,">
     <meta http-equiv="Content-Security-Policy" content="default-src 'self'; img-src 'self' data:">
     <script type="module" src="node_modules/dapboot-install/dapboot-install.js"></script>
     <main><h1>A vendor</h1><dapboot-install manifest="manifest.json"></dapboot-install></main></html>`,
  );
  browser = await launch();
  host = await serveDist(folder);
});
afterAll(async () => {
  await browser?.close();
  host?.server.close();
  if (folder) rmSync(folder, { recursive: true });
});

const manifest = (more: object = {}): void => {
  const files = [{ path: 'firmware.bin', sha256: sha256(image), base: '0x08002000' }];
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({ name: 'Gadget', version: '1.3.0', notes: 'Better.', files, ...more }),
  );
};

async function open(usb: FakeUsbOptions, more: object = {}) {
  manifest(more);
  const visited = await visit(browser, host.url, usb, { bare: true });
  await visited.page.getByRole('button', { name: 'Update firmware' }).click();
  await visited.page.getByRole('dialog').waitFor();
  return visited;
}
const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole('button', { name }).click();
const expectSaid = (page: Page, wanted: RegExp): Promise<void> => expectText(page, page.getByRole('dialog'), wanted);

test('the package holds what it promises, in the version of the project', () => {
  const installed = JSON.parse(readFileSync(join(folder, 'node_modules/dapboot-install/package.json'), 'utf8')) as {
    version: string;
  };
  expect(readFileSync(join(web, '../CMakeLists.txt'), 'utf8')).toContain(`VERSION ${installed.version}`);
  expect(readFileSync(join(folder, 'node_modules/dapboot-install/README.md'), 'utf8')).toMatch(
    /<dapboot-install manifest=/,
  );
});

test("its types are right for a vendor's own TypeScript", () => {
  const use = join(folder, 'use.ts');
  writeFileSync(
    use,
    `import 'dapboot-install';
     const button = document.querySelector('dapboot-install')!;
     button.addEventListener('dapboot-installed', ({ detail }) => detail.version.trim());
     // @ts-expect-error: a line of the log is a string
     button.addEventListener('dapboot-log', ({ detail }) => detail.version);`,
  );
  const program = ts.createProgram([use], {
    strict: true,
    noEmit: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
  });
  expect(ts.getPreEmitDiagnostics(program).map((one) => ts.flattenDiagnosticMessageText(one.messageText, ' '))).toEqual(
    [],
  );
});

test('from the button to the installed firmware', async () => {
  const { page, context, complaints, requests } = await open({ device: { pollTimeout: 20 } });
  await expectSaid(page, /Update Gadget\s+Newest: 1\.3\.0\s+Better\./);
  await expectAccessible(page);
  await picture(page, 'element-start', false);
  await press(page, 'Connect your board');
  await press(page, 'Install 1.3.0');
  await page.getByRole('progressbar').waitFor();
  await expectAccessible(page);
  await page.getByText('Version 1.3.0 is on the board').waitFor();
  await picture(page, 'element-done', false);
  await expectAccessible(page);
  expect(
    new Uint8Array(await page.evaluate(() => Array.from(window.fakeUsb!.device.flash))).subarray(0, image.length),
  ).toEqual(image);
  await press(page, 'Close');
  expect(complaints).toEqual([]);
  expect(requests.filter((one) => !one.startsWith(host.url))).toEqual([]);
  await context.close();
});

test('an application that tells its version is asked for its bootloader by the click on Install', async () => {
  const { page, context } = await open({
    device: { protocol: 1, product: 'Gadget', release: 0x0120 },
    bootloader: { device: { pollTimeout: 5 }, after: 200 },
  });
  await press(page, 'Connect your board');
  await page.getByText('Installed: 1.2.0, newest: 1.3.0').waitFor();
  expect(await page.evaluate(() => window.fakeUsb!.device.requests)).toEqual([]);
  await press(page, 'Install 1.3.0');
  await page.getByText('Version 1.3.0 is on the board').waitFor();
  await context.close();
});

test('a permitted application is offered without a chooser; nothing is asked of it before the click', async () => {
  const { page, context } = await open({
    permitted: true,
    device: { protocol: 1, product: 'Gadget', release: 0x0130 },
    bootloader: { device: { pollTimeout: 5 }, after: 200 },
  });
  await page.getByText('Installed: 1.3.0').waitFor();
  expect(await page.evaluate(() => window.fakeUsb!.device.requests)).toEqual([]);
  await press(page, 'Install 1.3.0');
  await page.getByText('Version 1.3.0 is on the board').waitFor();
  await context.close();
});

test("nobody else's board is opened, and none behind a closed dialog", async () => {
  const boards = [{ vendorId: '0x1209', productId: '0x0001' }];
  const foreign = await open({ permitted: true }, { boards });
  await foreign.page.getByRole('button', { name: 'Connect your board' }).waitFor();
  await foreign.page.waitForTimeout(300);
  expect(await foreign.page.evaluate(() => window.fakeUsb!.device.requests)).toEqual([]);
  await foreign.context.close();

  const { page, context } = await open({ permitted: true, plugged: false });
  await press(page, 'Close');
  await page.evaluate(() => window.fakeUsb!.plug());
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => window.fakeUsb!.device.requests)).toEqual([]);
  await press(page, 'Update firmware');
  await page.getByRole('button', { name: 'Install 1.3.0' }).waitFor();
  await context.close();
});

test.each([
  [
    'a file that is not what its maker published',
    { files: [{ path: 'firmware.bin', sha256: '0'.repeat(64), base: '0x08002000' }] },
    /SHA-256 differs/,
  ],
  [
    'no file for this bootloader',
    { files: [{ path: 'firmware.bin', sha256: sha256(image), base: '0x08000000' }] },
    /offers no file.*0x08002000/,
  ],
  [
    'a file that is not linked for where it says',
    { files: [{ path: 'low.bin', sha256: sha256(program(9000, 0x08000000)), base: '0x08002000' }] },
    /linked for 0x08000000/,
  ],
] as const)('%s: refused, and nothing is written', async (_what, more, sentence) => {
  writeFileSync(join(folder, 'low.bin'), program(9000, 0x08000000));
  const { page, context } = await open({}, more);
  await press(page, 'Connect your board');
  await press(page, 'Install 1.3.0');
  await page.getByRole('alert').waitFor();
  await expectSaid(page, sentence);
  expect(
    await page.evaluate(() => window.fakeUsb!.device.requests.filter((one) => one.startsWith('DFU_DNLOAD'))),
  ).toEqual([]);
  await expectAccessible(page);
  await context.close();
});

test('a manifest that makes no sense names the field', async () => {
  const { page, context } = await open({}, { files: [] });
  await page.getByText('the field files is missing or wrong').waitFor();
  await context.close();
});

test('the demo page of a made-up product', async () => {
  const demo = await serveDist();
  const { page, context, complaints } = await visit(
    browser,
    `${demo.url}demo/`,
    { device: { pollTimeout: 5 } },
    { bare: true },
  );
  // In the colours of its page, by custom properties.
  const button = page.getByRole('button', { name: 'Update your Tidewatch' });
  const looks = (one: Element) => {
    const { backgroundColor, borderTopLeftRadius } = getComputedStyle(one);
    return [backgroundColor, borderTopLeftRadius];
  };
  expect(await button.evaluate(looks)).toEqual(['rgb(11, 107, 117)', '32px']);
  await button.click();
  await press(page, 'Connect your board');
  await picture(page, 'demo-dialog', false);
  await expectAccessible(page);
  await press(page, 'Install 1.3.0');
  await page.getByText('Version 1.3.0 is on the board').waitFor();
  await press(page, 'Close');
  await picture(page, 'demo', false);
  expect(complaints).toEqual([]);
  await context.close();
  demo.server.close();
});
