// SPDX-License-Identifier: ISC
// What the end-to-end tests share: a browser, a server of the built page, a look at its accessibility, pictures.

import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { expect } from 'vitest';
import type { AdapterOptions } from '../fakes/fake-adapters.ts';
import type { FakeUsbOptions } from '../fakes/fake-usb.ts';
import type {} from '../fakes/fake-web-usb.ts';
import { soon } from './soon.ts';

export const web = new URL('../..', import.meta.url).pathname;
export const dist = join(web, 'dist');
export const pictures = join(web, '..', 'build', 'web-pictures');

export function launch(): Promise<Browser> {
  if (!existsSync(join(dist, 'index.html'))) throw new Error('the page is not built: run "npm run build" first');
  mkdirSync(pictures, { recursive: true });
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};

export interface Host {
  readonly url: string;
  readonly server: Server;
  /** Files that a newer build would have in place of those of dist, by path. */
  readonly newer: Map<string, string>;
}

/** Any static host: files of dist, and 404 for everything else. */
export async function serveDist(folder = dist): Promise<Host> {
  const newer = new Map<string, string>();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]!));
    const name = path.endsWith('/') ? `${path}index.html` : path;
    const file = join(folder, name);
    const replaced = newer.get(name);
    const reading = replaced === undefined ? readFile(file) : Promise.resolve(Buffer.from(replaced));
    reading.then(
      (content) => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server, newer };
}

let fakeSource: Promise<string> | undefined;

/** The fake navigator.usb as one script for the page. */
function fakeUsbScript(): Promise<string> {
  fakeSource ??= build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      lib: { entry: join(web, 'tests/fakes/fake-web-usb.ts'), formats: ['iife'], name: 'fake' },
    },
  }).then((result) => {
    const outputs = Array.isArray(result) ? result : [result];
    const output = outputs[0];
    if (!output || !('output' in output)) throw new Error('the fake did not build');
    return output.output[0].code;
  });
  return fakeSource;
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every address that was asked for. */
  readonly requests: string[];
  /** What the browser complained about: errors, refused by policy. */
  readonly complaints: string[];
}

/** Opens the page; with `usb`, a fake device is behind navigator.usb, and with null there is no WebUSB at all; `bare` for other pages than ours. */
export async function visit(
  browser: Browser,
  url: string,
  usb: (FakeUsbOptions & { adapters?: AdapterOptions }) | null | undefined,
  { bare = false, ...options }: BrowserContextOptions & { bare?: boolean } = {},
): Promise<Visit> {
  const context = await browser.newContext({
    colorScheme: 'light',
    viewport: { width: 900, height: 1000 },
    ...options,
  });
  if (usb === null) {
    await context.addInitScript(() => Object.defineProperty(navigator, 'usb', { value: undefined }));
  } else if (usb) {
    await context.addInitScript((given) => (window.fakeUsbOptions = given), usb);
    await context.addInitScript({ content: await fakeUsbScript() });
  }
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    // A static host answers the question for virtual boards with 404, which the console notes.
    if (message.type() === 'error' && !message.location().url.endsWith('/boards')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  if (!url.startsWith('file:') && !bare) await page.locator('#awake').waitFor({ state: 'visible' });
  return { context, page, requests, complaints };
}

/** What fades, pops or draws itself has done so; what goes on for as long as its state does, goes on. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ends = ({ effect }: Animation): boolean => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    const under = document.getAnimations().filter((one) => one.playState === 'running' && ends(one));
    await Promise.allSettled(under.map((one) => one.finished));
  });
}

export async function picture(page: Page, name: string, fullPage = true): Promise<void> {
  await settle(page);
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage });
}

/** Which other part of the page lies over this one, at its middle or near its corners. */
function coverOf(element: Element): string {
  const { left, top, width, height } = element.getBoundingClientRect();
  const root = element.getRootNode() as Document | ShadowRoot;
  const along = (from: number, size: number): number[] => [from + size / 2, from + 4, from + size - 4];
  const spots = along(left, width).flatMap((x) => along(top, height).map((y) => [x, y]));
  const drawing = element.closest('svg');
  const covers = spots
    .map(([x, y]) => root.elementFromPoint(x!, y!))
    .filter(
      (one) => one && !one.contains(element) && !element.contains(one) && (!drawing || one.closest('svg') !== drawing),
    );
  return covers[0]?.outerHTML.slice(0, 60) ?? '';
}

/** Which of these are not whole within the window, or lie under something. */
async function outOfSight(page: Page, selectors: readonly string[]): Promise<string[]> {
  const size = page.viewportSize()!;
  const outside: string[] = [];
  for (const selector of selectors) {
    const box = await page.locator(selector).boundingBox();
    const cover = box && (await page.locator(selector).evaluate(coverOf));
    const inside =
      box &&
      box.height > 0 &&
      box.y >= 0 &&
      box.y + box.height <= size.height + 0.5 &&
      box.x >= 0 &&
      box.x + box.width <= size.width + 0.5;
    if (!inside || cover)
      outside.push(`${selector}${cover ? `, under ${cover}` : ''}: ${JSON.stringify(box)} in ${JSON.stringify(size)}`);
  }
  return outside;
}

/** Each of these is shown, and whole within the window, without scrolling; nothing lies over it. */
export async function expectInSight(page: Page, selectors: readonly string[]): Promise<void> {
  if (selectors.length === 0) return;
  expect(await page.evaluate(() => scrollY)).toBe(0);
  const missing = (): Promise<string[]> => outOfSight(page, selectors);
  await soon('all was to be in sight', missing, (outside) => outside.length === 0);
}

const axe = readFileSync(join(web, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** No violation of any of axe's rules. */
export async function expectAccessible(page: Page): Promise<void> {
  await settle(page);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { run } = (window as unknown as { axe: { run: () => Promise<{ violations: unknown[] }> } }).axe;
    return (await run()).violations as { id: string; nodes: { html: string; failureSummary: string }[] }[];
  });
  expect(
    violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.html} ${node.failureSummary}`).join('; ')}`),
  ).toEqual([]);
}

/** The page had nothing to complain about, and asked nobody but the server that it came from. */
export function expectQuiet(origin: string, complaints: readonly string[], requests: readonly string[]): void {
  expect(complaints).toEqual([]);
  const own = [origin, origin.replace('http', 'ws')];
  expect(requests.filter((one) => !own.some((start) => one.startsWith(start)))).toEqual([]);
}

/** What a person does: picks a file in the picker. */
export async function chooseFile(page: Page, name: string, content: Uint8Array): Promise<void> {
  await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
}
