// SPDX-License-Identifier: ISC
// Where a connected bootloader puts the application: what it announces, else what reading it shows, else what it is
// called. Each placement says which of the three it rests on.

import { FLASH_BASE, looksLikeVectors } from './chip.ts';
import { estimateBase } from './link-base.ts';

export interface Placement {
  /** Address of the application's vector table. */
  readonly base: number;
  /** First address behind the application's flash, where it is known. */
  readonly end?: number;
  readonly from: 'announced' | 'measured' | 'named';
}

/** Where dapboot and its C ancestor begin the application unless they are built otherwise. */
const USUAL_BASE = FLASH_BASE + 8 * 1024;
/** Flash sizes of the STM32F103 in KiB, as its part numbers have them. */
const FLASH_SIZES = [16, 32, 64, 128, 256, 384, 512, 768, 1024];
/** No bootloader below the application keeps more than this for itself. */
const BOOTLOADER_LIMIT = 32 * 1024;

/** "Upload to Flash 0x8002000", as STM32duino's bootloader names its alternate settings. */
export function placementNamed(targetName: string): Placement | undefined {
  const address = /\b0x0?(8[0-9a-f]{6})\b/i.exec(targetName)?.[1];
  return address === undefined ? undefined : { base: Number.parseInt(address, 16), from: 'named' };
}

/** dapboot and its ancestor by their product string; a build with APP_BASE_ADDRESS does not show in it. */
export function placementByProduct(product: string): Placement | undefined {
  if (!/\bDAPBoot\b/i.test(product)) return undefined;
  return { base: /high-memory/i.test(product) ? FLASH_BASE : USUAL_BASE, from: 'named' };
}

/**
 * From all that UPLOAD gave: the length tells how far the application's flash reaches, the installed application
 * where it begins. Without an application, the length alone must do: what is missing to a chip's size is the
 * bootloader's, below the application unless the product string says that it lies at the end.
 */
export function placementMeasured(content: Uint8Array, product: string): Placement | undefined {
  const byName = placementByProduct(product);
  const installed = baseOfInstalled(content);
  const base = installed ?? (byName && byName.base !== FLASH_BASE ? baseByLength(content.length) : byName?.base);
  return base === undefined ? byName : { base, end: base + content.length, from: 'measured' };
}

function baseOfInstalled(content: Uint8Array): number | undefined {
  if (content.length < 64) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (!looksLikeVectors(view.getUint32(0, true), view.getUint32(4, true))) return undefined;
  return estimateBase(content);
}

function baseByLength(length: number): number | undefined {
  const chip = FLASH_SIZES.map((kib) => kib * 1024).find((size) => size >= length);
  const kept = chip === undefined ? 0 : chip - length;
  return kept > 0 && kept <= BOOTLOADER_LIMIT ? FLASH_BASE + kept : undefined;
}
