// SPDX-License-Identifier: ISC
// Facts of the STM32F103 that every image is judged by (RM0008 section 3.3, DS5319, DS5792).

export const FLASH_BASE = 0x0800_0000;
export const RAM_BASE = 0x2000_0000;
/** Bytes of the largest RAM, 96 KiB. The bootloader knows its own chip's and decides exactly. */
export const RAM_LIMIT = 96 * 1024;
/** No STM32F103 has more flash than 1 MiB. */
export const FLASH_LIMIT = 1024 * 1024;
/** The smallest erasable unit, and so the grain of every division of flash. */
export const PAGE = 1024;

export function inFlash(address: number): boolean {
  return address >= FLASH_BASE && address < FLASH_BASE + FLASH_LIMIT;
}

/** The initial stack may be the first address behind RAM: it is decremented before it is used. */
export function isStack(address: number): boolean {
  return address > RAM_BASE && address <= RAM_BASE + RAM_LIMIT;
}

/** Whether these two words could begin a vector table in flash (PM0056 section 2.3.4). */
export function looksLikeVectors(initialStack: number, reset: number): boolean {
  return isStack(initialStack) && inFlash(reset) && (reset & 1) === 1;
}
