// SPDX-License-Identifier: ISC
// The DFU file suffix (DFU 1.1 appendix B): 16 bytes at the end that say which device a file is for.

import { texts } from '../texts/index.ts';
import { ImageError } from './segments.ts';

const SUFFIX_LENGTH = 16;
/** Matches every vendor, product or release. */
export const ANY_ID = 0xffff;

export interface DfuSuffix {
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
}

export interface DfuFile {
  /** Everything before the suffix. */
  readonly content: Uint8Array;
  readonly suffix: DfuSuffix;
}

/** True for ST's container of the same name, whose header must never reach flash (ST UM0391). */
export function looksLikeDfuSe(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(0, 5)) === 'DfuSe';
}

/** True where the file ends in the suffix's signature, "UFD" read backwards. */
export function hasDfuSuffix(bytes: Uint8Array): boolean {
  if (bytes.length < SUFFIX_LENGTH) return false;
  const at = bytes.length - 8;
  return bytes[at] === 0x55 && bytes[at + 1] === 0x46 && bytes[at + 2] === 0x44;
}

/** Checks the suffix and takes it off. Throws ImageError. */
export function parseDfuFile(bytes: Uint8Array): DfuFile {
  if (!hasDfuSuffix(bytes)) {
    throw new ImageError(texts.dfuFile.noSuffix);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  const length = bytes[end - 5]!;
  if (length < SUFFIX_LENGTH || length > end) throw new ImageError(texts.dfuFile.suffixLength);
  const written = view.getUint32(end - 4, true);
  const actual = crc32(bytes.subarray(0, end - 4));
  if (written !== actual) {
    throw new ImageError(texts.dfuFile.checksum(written, actual));
  }
  const specification = view.getUint16(end - 10, true);
  if (specification !== 0x0100) {
    throw new ImageError(texts.dfuFile.specification(specification));
  }
  return {
    content: bytes.subarray(0, end - length),
    suffix: {
      vendorId: view.getUint16(end - 12, true),
      productId: view.getUint16(end - 14, true),
      release: view.getUint16(end - 16, true),
    },
  };
}

/** CRC-32 as the suffix has it: polynomial 0xEDB88320 reflected, all ones to start with, not inverted at the end. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}
