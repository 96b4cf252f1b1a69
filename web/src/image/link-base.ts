// SPDX-License-Identifier: ISC
// For which address was a plain binary linked? Its vector table holds absolute addresses; only at the true base do
// they land on the beginnings of functions. Each candidate is scored by how many different handlers do.
// The command-line flasher does the same (flasher/base_estimate.hpp); tests/images holds the images that both are tried on.

import { FLASH_BASE, PAGE, inFlash } from './chip.ts';

/** The core's own entries, and a chip's interrupts behind them: 16 + 60 on the largest STM32F103. */
const CORE_ENTRIES = 16;
const ALL_ENTRIES = 76;

export interface BaseEstimate {
  readonly base: number;
  /** Different handlers that land on the beginning of a function. */
  readonly score: number;
}

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

/** Addresses of the vector table's handlers, without the Thumb bit, each once. */
function handlersOf(data: Uint8Array): { readonly core: number[]; readonly all: number[] } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const core = new Set<number>();
  const all = new Set<number>();
  for (let entry = 1; entry < ALL_ENTRIES && entry * 4 + 4 <= data.length; entry++) {
    const value = view.getUint32(entry * 4, true);
    const isHandler = (value & 1) === 1 && inFlash(value);
    // Behind the core's entries the table may end at any point, and code follow.
    if (!isHandler && value !== 0 && entry >= CORE_ENTRIES) break;
    if (!isHandler) continue;
    if (entry < CORE_ENTRIES) core.add(value - 1);
    all.add(value - 1);
  }
  return { core: [...core], all: [...all] };
}

/** Addresses at which the image may have been linked if all of the core's handlers lie in it. */
export function linkRange(data: Uint8Array): Range | undefined {
  const { core } = handlersOf(data);
  if (core.length === 0) return undefined;
  const lowest = Math.max(FLASH_BASE, Math.max(...core) + 2 - data.length);
  const highest = Math.min(...core) - 8;
  return lowest <= highest ? { lowest, highest } : undefined;
}

/** How many handlers begin a function if the image lies at `base`; negative where one lands on no code at all. */
export function scoreAt(data: Uint8Array, base: number): number {
  const { core, all } = handlersOf(data);
  if (core.some((handler) => isNoCode(data, handler - base))) return -1;
  return all.filter((handler) => isFunctionStart(data, handler - base)).length;
}

/** The candidate with the highest score, a page of flash apart from each other; `favoured` wins where it is equal. */
export function estimateBase(data: Uint8Array, favoured?: number): BaseEstimate | undefined {
  const range = linkRange(data);
  if (!range) return undefined;
  let best: BaseEstimate | undefined;
  const consider = (base: number): void => {
    const score = scoreAt(data, base);
    if (score > 0 && (!best || score > best.score)) best = { base, score };
  };
  if (favoured !== undefined && favoured >= range.lowest && favoured <= range.highest) consider(favoured);
  for (let base = Math.ceil(range.lowest / PAGE) * PAGE; base <= range.highest; base += PAGE) consider(base);
  return best;
}

/** The base that wins clearly over `expected`, if one does. */
export function contradicts(data: Uint8Array, expected: number): BaseEstimate | undefined {
  const best = estimateBase(data, expected);
  if (!best || best.base === expected) return undefined;
  const here = scoreAt(data, expected);
  const clear = here < 0 || (here === 0 && best.score >= 2) || best.score - here >= 2;
  return clear ? best : undefined;
}

function halfword(data: Uint8Array, at: number): number {
  return at >= 0 && at + 2 <= data.length ? data[at]! | (data[at + 1]! << 8) : 0xffff;
}

/** Outside of the image, or erased flash. */
function isNoCode(data: Uint8Array, at: number): boolean {
  return halfword(data, at) === 0xffff;
}

/** PUSH, or a function that is only a loop or a return; or what follows a return, a jump or the data behind one. */
function isFunctionStart(data: Uint8Array, at: number): boolean {
  const first = halfword(data, at);
  const isPush = (first & 0xfe00) === 0xb400 || first === 0xe92d;
  const isWhole = first === 0xe7fe || first === 0x4770;
  if (isPush || isWhole) return true;
  if (first === 0xffff || first === 0x0000) return false;
  // Functions begin at multiples of four where a compiler aligns them: NOP or zero may lie between.
  const padding = halfword(data, at - 2);
  return endsFunction(data, at) || ((padding === 0xbf00 || padding === 0) && endsFunction(data, at - 2));
}

/** Whether the instruction before `at` never falls through: BX LR, POP {…, PC}, LDM SP!, {…, PC}, B to itself. */
function endsFunction(data: Uint8Array, at: number): boolean {
  const last = halfword(data, at - 2);
  const popsPc = (last & 0xff00) === 0xbd00;
  const widePopsPc = halfword(data, at - 4) === 0xe8bd && (last & 0x8000) !== 0 && last !== 0xffff;
  return last === 0x4770 || popsPc || widePopsPc || last === 0xe7fe;
}
