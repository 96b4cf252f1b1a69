// SPDX-License-Identifier: ISC
// Can this image run on that device? Decided before anything is sent, with the reason and what to do about it.

import { ANY_ID } from './dfu-file.ts';
import type { Image } from './image.ts';
import { FLASH_BASE, RAM_BASE } from './layout.ts';
import type { Layout } from './layout.ts';
import { hex } from './segments.ts';

export type Verdict =
  | { readonly kind: 'good'; readonly text: string }
  | { readonly kind: 'doubtful'; readonly text: string; readonly next: string }
  | { readonly kind: 'refused'; readonly text: string; readonly next: string };

/** The device as far as the image's fate depends on it. */
export interface Destination {
  readonly vendorId: number;
  readonly productId: number;
  readonly canDownload: boolean;
  readonly layout: Layout | undefined;
  /** Bytes for the application, where they were measured. */
  readonly capacity?: number;
}

/** 96 KiB: the largest RAM of an STM32F103. The bootloader knows its own chip's and decides exactly. */
const RAM_LIMIT = 96 * 1024;
/** No STM32F103 has more flash than 1 MiB. */
const FLASH_LIMIT = 1024 * 1024;
/** The smallest erasable unit of the STM32F103, and so the grain of every flash layout on it. */
const PAGE = 1024;

export function judge(image: Image, destination: Destination): Verdict {
  if (!destination.canDownload) {
    return refused('This device does not accept firmware: it says so itself.', 'Choose another device.');
  }
  return (
    wrongDevice(image, destination) ??
    noProgram(image) ??
    (destination.layout ? wrongPlace(image, destination.layout) : undefined) ??
    tooLong(image, destination) ??
    verdictOnUnknown(image, destination) ?? { kind: 'good', text: 'This image fits the connected device.' }
  );
}

interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** Addresses at which the image may have been linked, going by its vectors alone; undefined when none fits. */
export function linkRange(image: Image): Range | undefined {
  const handlers = [image.vectors.reset, ...image.vectors.exceptions]
    .filter((vector) => (vector & 1) === 1 && vector >= FLASH_BASE && vector < FLASH_BASE + FLASH_LIMIT)
    .map((vector) => vector - 1);
  if (handlers.length === 0) return undefined;
  const lowest = Math.max(FLASH_BASE, Math.max(...handlers) + 2 - image.data.length);
  const highest = Math.min(...handlers) - 8;
  return lowest <= highest ? { lowest, highest } : undefined;
}

/** The address at which the image begins: as its file says, or by its vectors. Undefined where they leave a choice. */
export function placeOf(image: Image, layout: Layout | undefined): number | undefined {
  if (image.address !== undefined) return image.address;
  const range = linkRange(image);
  if (!range) return undefined;
  if (!layout) return onlyPageOf(range);
  const base = layout.applicationBase;
  return range.lowest <= base && base <= range.highest ? base : roundestOf(range);
}

function wrongDevice(image: Image, destination: Destination): Verdict | undefined {
  const { suffix } = image;
  if (!suffix) return undefined;
  const vendorFits = suffix.vendorId === ANY_ID || suffix.vendorId === destination.vendorId;
  const productFits = suffix.productId === ANY_ID || suffix.productId === destination.productId;
  if (vendorFits && productFits) return undefined;
  return refused(
    `The file is for the device ${ids(suffix)}, and ${ids(destination)} is connected.`,
    'Choose the file for this device, or connect the device that the file is for.',
  );
}

function noProgram(image: Image): Verdict | undefined {
  const { initialStack, reset } = image.vectors;
  const next = 'Choose the .bin, .hex or .elf file that the build of your application wrote.';
  if (initialStack <= RAM_BASE || initialStack > RAM_BASE + RAM_LIMIT) {
    return refused(
      `This is no program for an STM32F103: its first word, the initial stack, is ${hex(initialStack)}, which is ` +
        'not in RAM.',
      next,
    );
  }
  const inFlash = reset >= FLASH_BASE && reset < FLASH_BASE + FLASH_LIMIT;
  if (!inFlash || (reset & 1) === 0) {
    return refused(
      `This is no program for an STM32F103: its second word, the reset vector, is ${hex(reset)}, which is ` +
        `${inFlash ? 'not a Thumb address (it must be odd)' : 'not in flash'}.`,
      next,
    );
  }
  return undefined;
}

function wrongPlace(image: Image, layout: Layout): Verdict | undefined {
  const base = layout.applicationBase;
  const range = linkRange(image);
  if (image.address === base) {
    const { reset } = image.vectors;
    if (reset >= base && reset < base + image.data.length) return undefined;
    return refused(
      `The file's data starts at ${hex(base)} and its reset vector ${hex(reset)} points outside of it.`,
      `Link vector table and code together at ${hex(base)}.`,
    );
  }
  if (image.address === undefined && range && range.lowest <= base && base <= range.highest) return undefined;
  const where =
    image.address !== undefined
      ? `linked for ${hex(image.address)}`
      : range
        ? `linked for ${nameOf(range)}`
        : `made of vectors that do not fit its ${image.data.length} bytes`;
  return refused(`The image is ${where}; ${keeps(layout)}`, adviceFor(layout));
}

function keeps(layout: Layout): string {
  const kept = layout.applicationBase - FLASH_BASE;
  return kept > 0
    ? `this bootloader keeps the first ${kept / 1024} KiB of flash for itself, and the application begins at ` +
        `${hex(layout.applicationBase)}.`
    : `this bootloader lies at the end of flash, and the application begins at ${hex(layout.applicationBase)}.`;
}

function adviceFor(layout: Layout): string {
  const base = hex(layout.applicationBase);
  const offset = layout.applicationBase - FLASH_BASE;
  const offsetHint = offset > 0 ? ` and the vector table offset (VECT_TAB_OFFSET) to ${hex(offset, 4)}` : '';
  return `Set the start of FLASH in your linker script to ${base}${offsetHint}, then build again.`;
}

/** A linker script names a round address: of those that fit, the roundest is what somebody wrote there. */
function roundestOf(range: Range): number | undefined {
  for (let step = FLASH_LIMIT; step >= 256; step /= 2) {
    const candidate = Math.ceil(range.lowest / step) * step;
    if (candidate <= range.highest) return candidate;
  }
  return undefined;
}

/** The one address of a page of flash that fits, if it is the only one. */
function onlyPageOf(range: Range): number | undefined {
  const first = Math.ceil(range.lowest / PAGE) * PAGE;
  return first <= range.highest && first + PAGE > range.highest ? first : undefined;
}

function nameOf(range: Range): string {
  const round = roundestOf(range);
  return round === undefined ? `an address between ${hex(range.lowest)} and ${hex(range.highest)}` : hex(round);
}

function tooLong(image: Image, destination: Destination): Verdict | undefined {
  const base = destination.layout?.applicationBase ?? FLASH_BASE;
  const room = destination.capacity ?? FLASH_BASE + FLASH_LIMIT - base;
  if (image.data.length <= room) return undefined;
  return refused(
    `The image has ${image.data.length} bytes, and this device has room for ${room}.`,
    'Make the application smaller (optimise for size, leave parts out), or use a chip with more flash.',
  );
}

function verdictOnUnknown(image: Image, destination: Destination): Verdict | undefined {
  if (destination.layout) return undefined;
  const range = linkRange(image);
  const place = placeOf(image, undefined);
  const named =
    place !== undefined
      ? hex(place)
      : range
        ? `an address between ${hex(range.lowest)} and ${hex(range.highest)}`
        : 'an unknown address';
  return {
    kind: 'doubtful',
    text: `This bootloader is not known here, so nobody can say whether the image, linked for ${named}, fits it.`,
    next: "Compare the address with the bootloader's documentation before you write.",
  };
}

function ids(one: { readonly vendorId: number; readonly productId: number }): string {
  const four = (value: number): string => (value === ANY_ID ? 'any' : value.toString(16).toUpperCase().padStart(4, '0'));
  return `${four(one.vendorId)}:${four(one.productId)}`;
}

function refused(text: string, next: string): Verdict {
  return { kind: 'refused', text, next };
}
