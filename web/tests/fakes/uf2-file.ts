// SPDX-License-Identifier: ISC
// UF2 files, made by the npm package "uf2": Debian has no program that makes them.

import { UF2Flags, blockSize, encodeBlock, familyID } from 'uf2';

export const STM32F1 = familyID('ST STM32F103')!;

export interface Uf2Options {
  readonly base: number;
  readonly family?: number;
  /** Bytes in a block. */
  readonly payload?: number;
  /** Added to the flag that says that there is a family. */
  readonly flags?: number;
}

export function uf2(data: Uint8Array, { base, family = STM32F1, payload = 256, flags = 0 }: Uf2Options): Uint8Array {
  const count = Math.ceil(data.length / payload);
  const file = new Uint8Array(count * blockSize);
  for (let block = 0; block < count; block++) {
    const written = encodeBlock({
      flags: UF2Flags.familyIDPresent | flags,
      flashAddress: base + block * payload,
      payload: data.slice(block * payload, (block + 1) * payload),
      blockNumber: block,
      totalBlocks: count,
      boardFamily: family,
    });
    file.set(written, block * blockSize);
  }
  return file;
}
