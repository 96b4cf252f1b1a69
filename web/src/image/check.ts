// SPDX-License-Identifier: ISC
// Can this image run on that device? Decided before anything is sent, with the reason and what to do about it.

import { texts } from '../texts/index.ts';
import { FLASH_BASE, FLASH_LIMIT, PAGE, inFlash, isStack, looksLikeVectors } from './chip.ts';
import { ANY_ID } from './dfu-file.ts';
import { readVectors } from './image.ts';
import type { Image } from './image.ts';
import { clearlyOtherBase, estimateBase, linkRange, scoreOfBase } from './link-base.ts';
import type { Placement } from './placement.ts';

export type Verdict =
  | { readonly kind: 'good'; readonly text: string }
  | { readonly kind: 'doubtful'; readonly text: string; readonly next: string }
  | {
      readonly kind: 'refused';
      readonly text: string;
      readonly next: string;
      /** The application in a file that holds a bootloader, too: where it begins in the image. */
      readonly part?: { readonly start: number; readonly address: number };
    };

/** The device as far as the image's fate depends on it. */
export interface Destination {
  readonly vendorId: number;
  readonly productId: number;
  readonly canDownload: boolean;
  readonly placement: Placement | undefined;
}

/** What can be said of an image alone, before anything is connected; undefined where nothing speaks against it. */
export function judgeAlone(image: Image): Verdict | undefined {
  return noProgram(image);
}

export function judge(image: Image, destination: Destination): Verdict {
  const { placement } = destination;
  if (!destination.canDownload) return refused(texts.verdict.noDownload, texts.verdict.noDownloadNext);
  return (
    wrongDevice(image, destination) ??
    noProgram(image) ??
    (placement ? wrongPlace(image, placement) : undefined) ??
    tooLong(image, placement) ??
    (placement ? undefined : unknownPlace(image)) ?? { kind: 'good', text: texts.verdict.good }
  );
}

/** The address at which the image begins: as its file says, or as its vectors show. Undefined where they do not. */
export function placeOf(image: Image, placement: Placement | undefined): number | undefined {
  if (image.address !== undefined) return image.address;
  const fits =
    placement && isInRange(image, placement.base) && clearlyOtherBase(image.data, placement.base) === undefined;
  return fits ? placement.base : (estimateBase(image.data) ?? roundestIn(image));
}

function wrongDevice(image: Image, destination: Destination): Verdict | undefined {
  const { suffix } = image;
  if (!suffix) return undefined;
  const vendorFits = suffix.vendorId === ANY_ID || suffix.vendorId === destination.vendorId;
  const productFits = suffix.productId === ANY_ID || suffix.productId === destination.productId;
  if (vendorFits && productFits) return undefined;
  return refused(texts.verdict.otherDevice(suffix, destination), texts.verdict.otherDeviceNext);
}

function noProgram(image: Image): Verdict | undefined {
  const { initialStack, reset } = image.vectors;
  if (!isStack(initialStack)) return refused(texts.verdict.noStack(initialStack), texts.verdict.noProgramNext);
  if (!inFlash(reset) || (reset & 1) === 0) {
    return refused(texts.verdict.noReset(reset, inFlash(reset)), texts.verdict.noProgramNext);
  }
  return undefined;
}

function wrongPlace(image: Image, placement: Placement): Verdict | undefined {
  const { base } = placement;
  const part = applicationPart(image, base);
  if (part) return { kind: 'refused', text: texts.verdict.merged(part.address), next: texts.verdict.mergedNext, part };
  if (image.address !== undefined)
    return image.address === base ? vectorsOutside(image, base) : misplaced(image.address, base);
  const other = clearlyOtherBase(image.data, base);
  if (other !== undefined) return misplaced(other, base);
  if (isInRange(image, base)) return undefined;
  const round = roundestIn(image);
  return round === undefined
    ? refused(texts.verdict.oddVectors(image.data.length, base), texts.verdict.relink(base))
    : misplaced(round, base);
}

function vectorsOutside(image: Image, base: number): Verdict | undefined {
  const { reset } = image.vectors;
  if (reset >= base && reset < base + image.data.length) return undefined;
  return refused(texts.verdict.resetOutside(base, reset), texts.verdict.resetOutsideNext(base));
}

function misplaced(found: number, base: number): Verdict {
  return refused(texts.verdict.misplaced(found, base), texts.verdict.relink(base));
}

/** A merged file begins lower than the application, and holds a second vector table exactly where that belongs. */
function applicationPart(image: Image, base: number): { start: number; address: number } | undefined {
  const from = image.address ?? (linkRange(image.data) ? FLASH_BASE : undefined);
  if (from === undefined || from >= base || base + 64 > from + image.data.length) return undefined;
  const start = base - from;
  const { initialStack, reset } = readVectors(image.data, start);
  const inside = reset > base && reset < from + image.data.length;
  if (!looksLikeVectors(initialStack, reset) || !inside) return undefined;
  return scoreOfBase(image.data.subarray(start), base) > 0 ? { start, address: base } : undefined;
}

function isInRange(image: Image, base: number): boolean {
  const range = linkRange(image.data);
  return range !== undefined && range.lowest <= base && base <= range.highest;
}

/** A linker script names a round address: of those that fit, the roundest is what somebody wrote there. */
function roundestIn(image: Image): number | undefined {
  const range = linkRange(image.data);
  if (!range) return undefined;
  for (let step = FLASH_LIMIT; step >= PAGE; step /= 2) {
    const candidate = Math.ceil(range.lowest / step) * step;
    if (candidate <= range.highest) return candidate;
  }
  return undefined;
}

function tooLong(image: Image, placement: Placement | undefined): Verdict | undefined {
  const base = placement?.base ?? FLASH_BASE;
  const room = (placement?.end ?? FLASH_BASE + FLASH_LIMIT) - base;
  if (image.data.length <= room) return undefined;
  return refused(texts.verdict.tooLong(image.data.length, room), texts.verdict.tooLongNext);
}

function unknownPlace(image: Image): Verdict {
  return {
    kind: 'doubtful',
    text: texts.verdict.unknown(placeOf(image, undefined)),
    next: texts.verdict.unknownNext,
  };
}

function refused(text: string, next: string): Verdict {
  return { kind: 'refused', text, next };
}
