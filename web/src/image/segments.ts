// SPDX-License-Identifier: ISC
// Pieces of flash content with addresses, as .hex, .elf and .uf2 carry them, joined into one block.

import { texts } from '../texts/index.ts';

export interface Segment {
  readonly address: number;
  readonly data: Uint8Array;
}

/** A file that is not what its format demands; the message is a sentence for the person who chose it. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

/** The content of flash from its lowest to its highest address; what no piece covers is erased flash, 0xFF. */
export interface Block {
  readonly address: number;
  readonly data: Uint8Array;
}

/** The largest STM32F103 has 1 MiB; a wider span means addresses of something else, or a damaged file. */
const SPAN_LIMIT = 1024 * 1024;

/** Throws ImageError where pieces contradict each other or lie too far apart. */
export function joinSegments(segments: readonly Segment[]): Block {
  const sorted = segments.filter((one) => one.data.length > 0).sort((a, b) => a.address - b.address);
  const first = sorted[0];
  if (!first) throw new ImageError(texts.image.noData);
  const end = sorted.reduce((max, one) => Math.max(max, one.address + one.data.length), 0);
  if (end - first.address > SPAN_LIMIT) {
    throw new ImageError(texts.image.tooWide(first.address, end));
  }

  const data = new Uint8Array(end - first.address).fill(0xff);
  const covered = new Uint8Array(data.length);
  for (const one of sorted) {
    const at = one.address - first.address;
    for (let i = 0; i < one.data.length; i++) {
      if (covered[at + i] && data[at + i] !== one.data[i]) {
        throw new ImageError(texts.image.twoBytes(one.address + i));
      }
      data[at + i] = one.data[i]!;
      covered[at + i] = 1;
    }
  }
  return { address: first.address, data };
}
