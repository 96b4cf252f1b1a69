// SPDX-License-Identifier: ISC
// The picture of the flash: what is drawn where, and what is said to be unknown.

import { expect, test } from 'vitest';
import { loadImage } from '../../src/image/image.ts';
import { placementByProduct } from '../../src/image/placement.ts';
import { flashMap } from '../../src/image/map.ts';
import { program } from '../fakes/images.ts';

const KIB = 1024;
const FLASH = 0x08000000;
const standard = placementByProduct('DAPBoot DFU Bootloader')!;
const high = placementByProduct('DAPBoot High-Memory DFU Bootloader')!;
const until = (placement: typeof standard, kib: number) => ({ ...placement, end: placement.base + kib * KIB });
const image = (size: number, base = 0x08002000) => loadImage('a.bin', program(size, base));

test('standard layout, room measured: bootloader, image and room touch each other', () => {
  expect(flashMap(until(standard, 56), image(10 * KIB))).toEqual({
    from: FLASH,
    to: FLASH + 64 * KIB,
    bootloader: { from: FLASH, to: FLASH + 8 * KIB },
    room: { from: FLASH + 8 * KIB, to: FLASH + 64 * KIB },
    open: false,
    image: { from: FLASH + 8 * KIB, to: FLASH + 18 * KIB },
  });
});

test('room that was not measured is open, and at least that of the smallest chip', () => {
  const map = flashMap(standard, undefined);
  expect(map).toMatchObject({ open: true, to: FLASH + 64 * KIB, image: undefined });
});

test('a long image stretches the picture to the chip that it needs', () => {
  expect(flashMap(standard, image(100 * KIB))).toMatchObject({ open: true, to: FLASH + 128 * KIB });
});

test('high-memory: the application below, the bootloader behind what was measured', () => {
  const map = flashMap(until(high, 124), image(10 * KIB, FLASH));
  expect(map?.room).toEqual({ from: FLASH, to: FLASH + 124 * KIB });
  expect(map?.bootloader).toEqual({ from: FLASH + 124 * KIB, to: FLASH + 128 * KIB });
});

test('an image for the start of flash is drawn over the bootloader that it would hit', () => {
  expect(flashMap(standard, image(10 * KIB, FLASH))?.image?.from).toBe(FLASH);
});

test('a bootloader that is not known is not drawn; an image without a place leaves nothing to draw', () => {
  expect(flashMap(undefined, image(10 * KIB))?.bootloader).toBeUndefined();
  expect(
    flashMap(
      undefined,
      loadImage(
        'a.bin',
        Uint8Array.from({ length: 100 }, (_, i) => (i * 5) & 0x9f),
      ),
    ),
  ).toBeUndefined();
  expect(flashMap(undefined, undefined)).toBeUndefined();
});
