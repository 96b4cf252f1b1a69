// SPDX-License-Identifier: ISC
// Where things lie in flash, for the picture: bootloader, room for the application, and the image at its place.

import { placeOf } from './check.ts';
import type { Image } from './image.ts';
import { FLASH_BASE } from './layout.ts';
import type { Layout } from './layout.ts';

export interface Region {
  readonly from: number;
  /** First address behind it. */
  readonly to: number;
}

export interface FlashMap extends Region {
  /** Undefined for a bootloader that is not known. */
  readonly bootloader: Region | undefined;
  /** What the application may have; beyond its end when `open`. */
  readonly room: Region;
  /** True where the size of the chip is not known: what is drawn is the least that there can be. */
  readonly open: boolean;
  readonly image: Region | undefined;
}

/** The smallest STM32F103 with a board here, and the step in which the others are larger. */
const SMALLEST = 64 * 1024;
/** What a high-memory bootloader and its record take at the end of flash, at most. */
const HIGH_PART = 7 * 1024;

/** Undefined where nothing is known that could be drawn. */
export function flashMap(layout: Layout | undefined, capacity: number | undefined, image: Image | undefined): FlashMap | undefined {
  const place = image ? placeOf(image, layout) : undefined;
  const inFlash = image && place !== undefined && place >= FLASH_BASE;
  const drawn = inFlash ? { from: place, to: place + image.data.length } : undefined;
  if (!layout && !drawn) return undefined;

  const base = layout?.applicationBase ?? FLASH_BASE;
  const high = layout !== undefined && base === FLASH_BASE;
  const open = capacity === undefined;
  const least = Math.max(open ? 0 : base + capacity, drawn ? drawn.to : 0) - FLASH_BASE;
  const to = FLASH_BASE + Math.max(SMALLEST, Math.ceil(least / SMALLEST) * SMALLEST);
  const roomEnd = open ? to - (high ? HIGH_PART : 0) : base + capacity;
  const below = { from: FLASH_BASE, to: base };
  const above = { from: roomEnd, to };
  return {
    from: FLASH_BASE,
    to,
    bootloader: !layout ? undefined : high ? above : below,
    room: { from: base, to: roomEnd },
    open,
    image: drawn,
  };
}
