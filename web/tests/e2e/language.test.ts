// SPDX-License-Identifier: ISC
// The page in a second language (tests/fakes/pseudo): no word of the first one is left in it, on screen or for those who
// listen.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { launch, serveDist, visit, web } from './browser.ts';
import type { Host } from './browser.ts';
import { screens } from './screens.ts';

let browser: Browser;
let host: Host;
const folder = mkdtempSync(join(tmpdir(), 'dapboot-language-'));

beforeAll(async () => {
  const vite = (...options: string[]): Buffer =>
    execFileSync(
      join(web, 'node_modules/.bin/vite'),
      ['build', '--logLevel', 'error', '--outDir', folder, ...options],
      {
        cwd: web,
        env: { ...process.env, DAPBOOT_LANGUAGE: '../../tests/fakes/pseudo' },
      },
    );
  vite('--emptyOutDir');
  browser = await launch();
  host = await serveDist(folder);
});
afterAll(async () => {
  await browser?.close();
  host?.server.close();
  rmSync(folder, { recursive: true });
});

/** What is no word of the page: what the board, the file or the system calls itself, code, numbers and units. */
const names = [
  /^dapboot$/i,
  /^(\d: )?DAPBoot DFU/,
  /^[\w-]+\.bin$/,
  /^(Blue Pill|Blue Pill Plus|Maple Mini|Olimex STM32-H103|BTT SKR mini E3 V2)( \((STM32|GD32)\))?$/,
  /^, Blue Pill: ([\w.]+( V)? – [\w.]+(, )?)+$/,
  /^(sudo snap|python3|http:\/\/localhost|echo )/,
  /^(\s|[\d.,·:%×–…()]|0x[\dA-F]+|[\dA-F]{4}:[\dA-F]{4}|[\dA-F]{24}|DFU)*$/,
];

/** Texts of the page that do not come from its language: not between the brackets. */
async function strangers(page: Page): Promise<string[]> {
  const found = await page.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!(node.parentElement as Element).closest('script, style, #log, svg')) texts.push(node.textContent ?? '');
    }
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'data-empty']) {
      for (const one of document.querySelectorAll(`[${name}]`)) texts.push(one.getAttribute(name)!);
    }
    return [...texts, document.title, document.querySelector<HTMLMetaElement>('meta[name=description]')!.content];
  });
  const outside = (text: string): string => {
    let rest = text;
    for (let before = ''; before !== rest; ) {
      before = rest;
      rest = rest.replace(/⟦[^⟦⟧]*⟧/g, ' ');
    }
    return rest.trim();
  };
  return [...new Set(found.map(outside))].filter((one) => one !== '' && !names.some((name) => name.test(one)));
}

const inOneLanguage = [
  'start',
  'no-webusb',
  'udev',
  'ready',
  'details',
  'refused',
  'writing',
  'success',
  'interrupted',
  'failed',
  'batch',
  'console',
  'install',
  'install-nothing-chosen',
  'install-allowed',
  'replace',
  'install-found',
  'install-protected',
  'install-failed',
];

test.each(inOneLanguage)('%s', async (name) => {
  const { usb = {}, reach } = screens[name]!;
  const { page, context } = await visit(browser, host.url, usb);
  await reach(page);
  expect(await strangers(page)).toEqual([]);
  await context.close();
});
