// SPDX-License-Identifier: ISC
// The judgement whether an image can run on a device, and the words for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { judge, linkRange, placeOf } from '../../src/image/check.ts';
import type { Destination } from '../../src/image/check.ts';
import { loadImage } from '../../src/image/image.ts';
import { layoutOf } from '../../src/image/layout.ts';
import { program } from '../fakes/images.ts';

const standard: Destination = {
  vendorId: 0x1209,
  productId: 0xdb42,
  canDownload: true,
  layout: layoutOf({ product: 'DAPBoot DFU Bootloader' }),
};
const high: Destination = { ...standard, layout: layoutOf({ product: 'DAPBoot High-Memory DFU Bootloader' }) };
const unknown: Destination = { ...standard, layout: layoutOf({ product: 'Some DFU device' }) };

const made = (name: string) => loadImage(name, new Uint8Array(readFileSync(join(inject('made'), name))));
const bin = (data: Uint8Array) => loadImage('a.bin', data);
const words = (verdict: ReturnType<typeof judge>): string =>
  verdict.kind === 'good' ? verdict.text : `${verdict.text} ${verdict.next}`;

test.each(['app.bin', 'app.hex', 'app.elf', 'any.dfu', 'ours.dfu'])('%s fits the standard bootloader', (name) => {
  expect(judge(made(name), standard).kind).toBe('good');
});

test.each(['low.bin', 'low.hex', 'low.elf'])('%s, linked for the start of flash, is explained', (name) => {
  const verdict = judge(made(name), standard);
  expect(verdict.kind).toBe('refused');
  expect(words(verdict)).toMatch(/linked for 0x08000000/);
  expect(words(verdict)).toMatch(/keeps the first 8 KiB/);
  expect(words(verdict)).toMatch(/linker script to 0x08002000/);
  expect(judge(made(name), high).kind).toBe('good');
});

test('an image for 0x08002000 is refused by the high-memory layout', () => {
  const verdict = judge(made('app.bin'), high);
  expect(verdict.kind).toBe('refused');
  expect(words(verdict)).toMatch(/linked for 0x08002000/);
  expect(words(verdict)).toMatch(/linker script to 0x08000000/);
});

test('a suffix for another device is refused with both ids', () => {
  const verdict = judge(made('other.dfu'), standard);
  expect(verdict.kind).toBe('refused');
  expect(words(verdict)).toMatch(/0483:DF11.*1209:DB42/);
});

test.each([
  ['stack below RAM', 0x20000000, 0x08002101],
  ['stack beyond RAM', 0x20018004, 0x08002101],
  ['stack in flash', 0x08005000, 0x08002101],
  ['reset vector in RAM', 0x20005000, 0x20000101],
  ['reset vector even', 0x20005000, 0x08002100],
  ['erased flash', 0xffffffff, 0xffffffff],
  ['zeroes', 0, 0],
])('%s: no program', (_what, stack, reset) => {
  const data = program(2000);
  const view = new DataView(data.buffer);
  view.setUint32(0, stack, true);
  view.setUint32(4, reset, true);
  const verdict = judge(bin(data), standard);
  expect(verdict.kind).toBe('refused');
  expect(words(verdict)).toMatch(/no program/);
});

test('text is no program, whatever it is called', () => {
  const verdict = judge(bin(new TextEncoder().encode('<!doctype html><title>404</title>'.repeat(9))), standard);
  expect(verdict.kind).toBe('refused');
});

test('a long image linked for the start of flash is found out by its other vectors', () => {
  const data = program(40_000, 0x08000000);
  new DataView(data.buffer).setUint32(4, 0x08005001, true); // the reset vector alone would fit 0x08002000
  expect(judge(bin(data), standard).kind).toBe('refused');
});

test('an image longer than the measured room is refused, one that fills it is not', () => {
  const measured = { ...standard, capacity: 56 * 1024 };
  expect(judge(bin(program(56 * 1024)), measured).kind).toBe('good');
  const verdict = judge(bin(program(56 * 1024 + 1)), measured);
  expect(verdict.kind).toBe('refused');
  expect(words(verdict)).toMatch(/57345 bytes.*room for 57344/);
});

test('an unknown bootloader is warned about, not refused', () => {
  const verdict = judge(made('low.bin'), unknown);
  expect(verdict.kind).toBe('doubtful');
  expect(words(verdict)).toMatch(/0x08000000/);
});

test('a device that takes no firmware refuses everything', () => {
  expect(judge(made('app.bin'), { ...standard, canDownload: false }).kind).toBe('refused');
});

test('the range of link addresses contains the true one', () => {
  const range = linkRange(made('app.bin'));
  expect(range?.lowest).toBeLessThanOrEqual(0x08002000);
  expect(range?.highest).toBeGreaterThanOrEqual(0x08002000);
});

test('where a plain binary is linked is said when its vectors leave no choice, or the bootloader settles it', () => {
  const { layout } = standard;
  expect(placeOf(made('app.hex'), undefined)).toBe(0x08002000);
  expect(placeOf(made('app.bin'), undefined)).toBe(0x08002000);
  const long = bin(program(43_000));
  expect(placeOf(long, layout)).toBe(0x08002000);
  expect(placeOf(long, undefined)).toBeUndefined();
  expect(words(judge(long, unknown))).toMatch(/between 0x08000000 and 0x080020F8/);
});
