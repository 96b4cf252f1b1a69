// SPDX-License-Identifier: ISC
// Draws public/icon-192.png from public/icon.svg, for systems that take no drawing as an icon. Run by hand when the drawing changes.

import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const folder = new URL('../public/', import.meta.url);
const svg = await readFile(new URL('icon.svg', folder), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const size of [192]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>*{margin:0}svg{display:block;width:${size}px}</style>${svg}`);
  await page.screenshot({ path: new URL(`icon-${size}.png`, folder).pathname, omitBackground: true });
}
await browser.close();
