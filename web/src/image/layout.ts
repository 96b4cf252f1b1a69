// SPDX-License-Identifier: ISC
// Where a connected bootloader lets the application live, as far as a host can know: DFU does not announce it, so
// the names of known bootloaders have to.

export const FLASH_BASE = 0x0800_0000;
export const RAM_BASE = 0x2000_0000;

export interface Layout {
  /** How the bootloader is called in sentences. */
  readonly bootloader: string;
  /** Address of the application's vector table. */
  readonly applicationBase: number;
}

const STANDARD_OFFSET = 8 * 1024;

/** Undefined for a device that is not known: then nothing can be said about addresses. */
export function layoutOf(device: { readonly product: string }): Layout | undefined {
  if (!/\bDAPBoot\b/i.test(device.product)) return undefined;
  const high = /high-memory/i.test(device.product);
  return {
    bootloader: high ? 'dapboot (high-memory)' : 'dapboot',
    applicationBase: high ? FLASH_BASE : FLASH_BASE + STANDARD_OFFSET,
  };
}
