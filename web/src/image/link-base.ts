// SPDX-License-Identifier: ISC
// For which address was a plain binary linked? Its pointers to functions tell: only seen from the true base do they
// lead to the beginnings of functions. flasher/base_estimate.hpp says how bases are scored; this file does exactly the
// same for the page, and both are held to the images of tests/images.

import { FLASH_BASE, FLASH_LIMIT, PAGE, inFlash } from './chip.ts';

export interface BaseScore {
  readonly base: number;
  readonly score: number;
}

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** Points by which a base must lead: two pointers' worth of evidence. */
const CLEAR_LEAD = 8;
const MOST_POINTERS = 512;
const FIRST_WORDS = 8;
const CORE_ENTRIES = 16;
const BLANK = 0xffff;
const BX_LR = 0x4770;

/** Every candidate with its score, the best first, of equal ones the lowest. */
export function scoreBases(image: Uint8Array): BaseScore[] {
  if (image.length < FIRST_WORDS || !isPointer(word(image, 4))) return [];
  const reset = word(image, 4) - 1;
  const pointers = pointersIn(image);
  const scores: BaseScore[] = [];
  for (let base = FLASH_BASE; base < FLASH_BASE + FLASH_LIMIT; base += PAGE) {
    if (reset < base + FIRST_WORDS || reset - base + 2 > image.length) continue;
    scores.push({ base, score: scoreOf(image, pointers, base) });
  }
  return scores.sort((a, b) => b.score - a.score || a.base - b.base);
}

/** The score of one base, whether it is a candidate or not. */
export function scoreOfBase(image: Uint8Array, base: number): number {
  return scoreOf(image, pointersIn(image), base);
}

/** The base that leads all other candidates clearly, or is the only one; undefined where that is open. */
export function estimateBase(image: Uint8Array): number | undefined {
  const [first, second] = scoreBases(image);
  return first && (!second || first.score - second.score >= CLEAR_LEAD) ? first.base : undefined;
}

/** The base that beats `expected` clearly; undefined when none does. */
export function clearlyOtherBase(image: Uint8Array, expected: number): number | undefined {
  const [first] = scoreBases(image);
  if (!first || first.base === expected) return undefined;
  return first.score - scoreOfBase(image, expected) >= CLEAR_LEAD ? first.base : undefined;
}

/** Addresses at which the image may have been linked if all of the core's handlers lie in it (PM0056 section 2.3.4). */
export function linkRange(image: Uint8Array): Range | undefined {
  const handlers: number[] = [];
  for (let at = 4; at < CORE_ENTRIES * 4 && at + 4 <= image.length; at += 4) {
    if (isPointer(word(image, at))) handlers.push(word(image, at) - 1);
  }
  if (handlers.length === 0) return undefined;
  const lowest = Math.max(FLASH_BASE, Math.max(...handlers) + 2 - image.length);
  const highest = Math.min(...handlers) - FIRST_WORDS;
  return lowest <= highest ? { lowest, highest } : undefined;
}

function pointersIn(image: Uint8Array): Set<number> {
  const pointers = new Set<number>();
  const end = Math.min(image.length, 1 << 20);
  for (let at = 4; at + 4 <= end && pointers.size < MOST_POINTERS; at += 4) {
    const value = word(image, at);
    if (isPointer(value)) pointers.add(value);
  }
  return pointers;
}

function scoreOf(image: Uint8Array, pointers: ReadonlySet<number>, base: number): number {
  let score = 0;
  for (const pointer of pointers) score += scoreOfPointer(image, pointer - 1 - base);
  return score;
}

function scoreOfPointer(image: Uint8Array, offset: number): number {
  if (offset < FIRST_WORDS || offset + 2 > image.length) return -4;
  const here = halfword(image, offset);
  if (here === BLANK || here === 0) return -4;
  const before = halfword(image, offset - 2);
  let score = beginsFunction(here, halfword(image, offset + 2)) ? 2 : 0;
  if (endsFunction(halfword(image, offset - 4), before, offset % 4 === 0)) score += 2;
  else if (before === 0xbf00 || before === 0 || before === BLANK) score += 1;
  return score === 0 ? -1 : score;
}

/** PUSH, PUSH.W, STR.W Rt,[SP,#-4]!, B to itself, BX LR. */
function beginsFunction(first: number, second: number): boolean {
  const push = (first & 0xfe00) === 0xb400 || first === 0xe92d;
  const store = first === 0xf84d && (second & 0x0fff) === 0x0d04;
  return push || store || first === 0xe7fe || first === BX_LR;
}

/** BX LR, POP {…, PC}, B, POP.W {…, PC}, LDR.W PC,[SP],#4; or a literal that is an address, behind the code. */
function endsFunction(beforeLast: number, last: number, aligned: boolean): boolean {
  const popPc = (last & 0xff00) === 0xbd00;
  const branch = (last & 0xf800) === 0xe000;
  const widePopPc = beforeLast === 0xe8bd && (last & 0x8000) !== 0;
  const loadPc = beforeLast === 0xf85d && last === 0xfb04;
  return last === BX_LR || popPc || branch || widePopPc || loadPc || (aligned && isUpperHalfOfAddress(last));
}

function isUpperHalfOfAddress(half: number): boolean {
  const flash = half >= 0x0800 && half <= 0x080f;
  const ram = half === 0x2000 || half === 0x2001;
  return flash || ram || (half >= 0x4000 && half <= 0x4002) || half === 0xe000;
}

function isPointer(value: number): boolean {
  return (value & 1) === 1 && inFlash(value);
}

function halfword(image: Uint8Array, at: number): number {
  return at >= 0 && at + 2 <= image.length ? image[at]! | (image[at + 1]! << 8) : BLANK;
}

function word(image: Uint8Array, at: number): number {
  return (halfword(image, at) | (halfword(image, at + 2) << 16)) >>> 0;
}
