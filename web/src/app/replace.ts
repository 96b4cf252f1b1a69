// SPDX-License-Identifier: ISC
// Which bootloaders an installer image can take the place of (docs/replace.md), as far as a device tells.

import type { Image } from '../image/image.ts';
import type { ConnectedDevice } from './state.ts';

const MAPLE = { vendorId: 0x1eaf, productId: 0x0003 } as const;
/** Where an installer can begin: what old bootloaders start. In high memory there is none. */
const BASES = [0x0800_2000, 0x0800_5000];

/** Where the installer has to begin; undefined for what cannot be replaced, or is as new as `newest` (bcdDevice). */
export function replaceableAt({ facts, placement }: ConnectedDevice, newest: number): number | undefined {
  const maple = facts.vendorId === MAPLE.vendorId && facts.productId === MAPLE.productId;
  const dapboot = /\bDAPBoot\b/i.test(facts.product);
  // The C dapboot announces nothing, and neither do our own before 2.1.
  const old = facts.capability === undefined ? maple || dapboot : facts.release < newest;
  return old ? BASES.find((one) => one === placement?.base) : undefined;
}

/** The installer for this board, as the build names it. */
export function installerFor(board: string, base: number): string {
  return `install-dapboot-${board}${base === BASES[0] ? '' : `-at-0x0${base.toString(16)}`}.bin`;
}

/** Ours, by the name that it has here and in a release. */
export function isInstaller(image: Image | undefined): boolean {
  return /^install-dapboot-[\w-]+\.(bin|hex|dfu|elf)$/.test(image?.name ?? '');
}
