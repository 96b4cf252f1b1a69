// SPDX-License-Identifier: ISC
// Opens the built page in Chromium, with the real navigator.usb, and flashes the device that a policy has permitted.
//
//   node flash.mjs PLAYWRIGHT PAGE IMAGE

import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';

const [playwright, dist, image] = process.argv.slice(2);
const { chromium } = (await import(playwright)).default;
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const patience = 240_000;
const say = (text) => console.log(`${Math.round(performance.now() / 1000)} s: ${text}`);

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, 'http://localhost').pathname);
  const file = join(dist, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
});
await new Promise((resolve) => server.listen(8073, '127.0.0.1', resolve));

const context = await chromium.launchPersistentContext('/run/chromium', {
  executablePath: '/usr/bin/chromium',
  timeout: patience,
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-sync'],
});
context.setDefaultTimeout(patience);
say(`Chromium ${context.browser()?.version() ?? ''} is there`);
const page = context.pages()[0] ?? (await context.newPage());
page.on('console', (message) => say(`console: ${message.text()}`));
await page.goto('http://localhost:8073/');
const devices = await page.evaluate(async () =>
  (await navigator.usb.getDevices()).map((one) => `${one.productName} ${one.serialNumber}`),
);
say(`devices: ${devices.join(', ') || 'none'}`);
if (devices.length === 0) process.exit(1);
await page.locator('#device-present').waitFor();
say(`page: ${(await page.locator('#device-present').innerText()).replaceAll('\n', ' | ')}`);
await page.setInputFiles('#file', image);
await page.locator('#verdict.good').waitFor({ state: 'attached' });
await page.click('#write');
await page.locator('#outcome:visible').waitFor();
say(`page: ${(await page.locator('#outcome').innerText()).replaceAll('\n', ' | ')}`);
const good = (await page.locator('#outcome.good').count()) === 1;
await context.close();
server.close();
say(good ? 'flashed' : 'not flashed');
process.exit(good ? 0 : 1);
