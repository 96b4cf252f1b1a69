// SPDX-License-Identifier: ISC
// The judgement whether an image can run on a device, and the words for it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { judge, placeOf } from '../../src/image/check.ts';
import { linkRange } from '../../src/image/link-base.ts';
import type { Destination } from '../../src/image/check.ts';
import { loadImage } from '../../src/image/image.ts';
import { placementByProduct } from '../../src/image/placement.ts';
import { program } from '../fakes/images.ts';

const standard: Destination = {
  vendorId: 0x1209,
  productId: 0xdb42,
  canDownload: true,
  placement: placementByProduct('DAPBoot DFU Bootloader'),
};
const high: Destination = { ...standard, placement: placementByProduct('DAPBoot High-Memory DFU Bootloader') };
const unknown: Destination = { ...standard, placement: placementByProduct('Some DFU device') };

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

test('a long image linked for the start of flash is found out by its other vectors', () => {
  const data = program(40_000, 0x08000000);
  new DataView(data.buffer).setUint32(4, 0x08005001, true); // the reset vector alone would fit 0x08002000
  expect(judge(bin(data), standard).kind).toBe('refused');
});

test('an image longer than the measured room is refused, one that fills it is not', () => {
  const measured: Destination = { ...standard, placement: { base: 0x08002000, end: 0x08010000, from: 'measured' } };
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
  const range = linkRange(made('app.bin').data);
  expect(range?.lowest).toBeLessThanOrEqual(0x08002000);
  expect(range?.highest).toBeGreaterThanOrEqual(0x08002000);
});

test('where a plain binary is linked is said when its vectors leave no choice, or the bootloader settles it', () => {
  const { placement } = standard;
  expect(placeOf(made('app.hex'), undefined)).toBe(0x08002000);
  expect(placeOf(made('app.bin'), undefined)).toBe(0x08002000);
  const long = bin(program(43_000));
  expect(placeOf(long, placement)).toBe(0x08002000);
  expect(placeOf(long, undefined)).toBe(0x08002000);
  expect(words(judge(long, unknown))).toMatch(/linked for 0x08002000/);
});

describe('the base of a plain binary', () => {
  const firmware = (name: string): Uint8Array => {
    const folder = process.env['DAPBOOT_FIRMWARE_DIR'] ?? new URL('../../../build/firmware', import.meta.url).pathname;
    return new Uint8Array(readFileSync(join(folder, name)));
  };

  test('code linked for the start of flash whose handlers all lie above the bootloader is refused, and its base named', () => {
    const { code } = aboveBootloader(0x08000000);
    expect(linkRange(code)).toMatchObject({ lowest: 0x08000000 });
    const verdict = judge(bin(code), standard);
    expect(verdict.kind).toBe('refused');
    expect(words(verdict)).toMatch(/linked for 0x08000000/);
    expect(judge(bin(code), high).kind).toBe('good');
  });

  test('the same code linked for 0x08005000 is said to be for that, and not for a rounder address', () => {
    const verdict = judge(bin(aboveBootloader(0x08005000).code), standard);
    expect(words(verdict)).toMatch(/linked for 0x08005000/);
  });

  test.each(['blinky-bluepill', 'button-bluepill', 'usb-serial-bluepill'])(
    '%s.bin is for the standard layout',
    (name) => {
      expect(judge(bin(firmware(`${name}.bin`)), standard).kind).toBe('good');
      expect(words(judge(bin(firmware(`${name}.bin`)), high))).toMatch(/linked for 0x08002000/);
      expect(words(judge(bin(firmware(`${name}-high.bin`)), standard))).toMatch(/linked for 0x08000000/);
    },
  );

  test.each(['dapboot-bluepill-high.bin', 'dapboot-bluepill-high-128.bin', 'dapboot-bluepill.bin'])(
    'our own %s is no application',
    (name) => {
      expect(judge(bin(firmware(name)), standard).kind).toBe('refused');
    },
  );
});

/** Functions that push and return from the 9 KiB on; the handlers are among them. */
function aboveBootloader(base: number): { code: Uint8Array } {
  const code = new Uint8Array(30_000);
  const view = new DataView(code.buffer);
  for (let at = 0; at < code.length; at += 2) view.setUint16(at, 0x4608 + ((at * 37) % 61), true);
  const starts: number[] = [];
  for (let at = 9 * 1024; at + 100 < code.length; at += 100 + ((at * 7) % 50) * 2) {
    view.setUint16(at, 0xb510, true);
    view.setUint16(at - 2, 0x4770, true);
    starts.push(at);
  }
  view.setUint32(0, 0x20005000, true);
  for (let entry = 1; entry < 16; entry++) view.setUint32(entry * 4, base + starts[entry * 5]! + 1, true);
  return { code };
}
