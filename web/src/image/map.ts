// SPDX-License-Identifier: ISC
// Where things lie in flash, for the picture: bootloader, room for the application, and the image at its place.

import { placeOf } from './check.ts';
import type { Image } from './image.ts';
import { FLASH_BASE } from './chip.ts';
import type { Placement } from './placement.ts';

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
export function flashMap(placement: Placement | undefined, image: Image | undefined): FlashMap | undefined {
  const place = image ? placeOf(image, placement) : undefined;
  const drawable = image && place !== undefined && place >= FLASH_BASE;
  const drawn = drawable ? { from: place, to: place + image.data.length } : undefined;
  if (!placement && !drawn) return undefined;

  const base = placement?.base ?? FLASH_BASE;
  const high = placement !== undefined && base === FLASH_BASE;
  const open = placement?.end === undefined;
  const least = Math.max(placement?.end ?? 0, drawn ? drawn.to : 0) - FLASH_BASE;
  const to = FLASH_BASE + Math.max(SMALLEST, Math.ceil(least / SMALLEST) * SMALLEST);
  const roomEnd = placement?.end ?? to - (high ? HIGH_PART : 0);
  const below = { from: FLASH_BASE, to: base };
  const above = { from: roomEnd, to };
  return {
    from: FLASH_BASE,
    to,
    bootloader: !placement ? undefined : high ? above : below,
    room: { from: base, to: roomEnd },
    open,
    image: drawn,
  };
}
