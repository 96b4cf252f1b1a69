// SPDX-License-Identifier: ISC
// UF2: blocks of 512 bytes, each with its address and the family of chips it is for.

import { texts } from '../texts/index.ts';
import { ImageError } from './segments.ts';
import type { Segment } from './segments.ts';

const BLOCK = 512;
const MAGIC_FIRST = 0x0a324655;
const MAGIC_SECOND = 0x9e5d5157;
const MAGIC_END = 0x0ab16f30;
const PAYLOAD_LIMIT = 476;
const FAMILY_STM32F1 = 0x5ee21072;

const Flag = { notMainFlash: 0x0001, fileContainer: 0x1000, familyPresent: 0x2000 } as const;

export function looksLikeUf2(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0, true) === MAGIC_FIRST && view.getUint32(4, true) === MAGIC_SECOND;
}

/** The blocks for the STM32F1 family. Throws ImageError where there is none, or the file is incomplete. */
export function parseUf2(bytes: Uint8Array): Segment[] {
  if (bytes.length % BLOCK !== 0) {
    throw new ImageError(texts.uf2.cutOff);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments: Segment[] = [];
  const families = new Set<number>();
  const seen = new Set<number>();
  let announced = 0;

  for (let at = 0; at < bytes.length; at += BLOCK) {
    const word = (offset: number): number => view.getUint32(at + offset, true);
    if (word(0) !== MAGIC_FIRST || word(4) !== MAGIC_SECOND || word(508) !== MAGIC_END) {
      throw new ImageError(texts.uf2.damaged(at / BLOCK));
    }
    const flags = word(8);
    if (flags & (Flag.notMainFlash | Flag.fileContainer)) continue;
    if (flags & Flag.familyPresent && word(28) !== FAMILY_STM32F1) {
      families.add(word(28));
      continue;
    }
    const length = word(16);
    if (length === 0 || length > PAYLOAD_LIMIT) {
      throw new ImageError(texts.uf2.tooMuch(at / BLOCK, length));
    }
    segments.push({ address: word(12), data: bytes.subarray(at + 32, at + 32 + length) });
    seen.add(word(20));
    announced = Math.max(announced, word(24));
  }

  if (segments.length === 0) {
    throw new ImageError(texts.uf2.otherFamily([...families], FAMILY_STM32F1));
  }
  if (seen.size !== announced) {
    throw new ImageError(texts.uf2.missing(seen.size, announced));
  }
  return segments;
}
