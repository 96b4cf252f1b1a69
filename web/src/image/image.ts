// SPDX-License-Identifier: ISC
// From a chosen file to an image: recognises the format by its content, takes the wrapping off, and reads the first
// words of the vector table (PM0056 section 2.3.4). A person never has to know address, size or format.

import { texts } from '../texts/index.ts';
import { looksLikeVectors } from './chip.ts';
import { hasDfuSuffix, looksLikeDfuSe, parseDfuFile } from './dfu-file.ts';
import type { DfuSuffix } from './dfu-file.ts';
import { looksLikeElf, parseElf } from './elf.ts';
import { looksLikeHex, parseHex } from './hex.ts';
import { otherKind } from './kinds.ts';
import { ImageError, joinSegments } from './segments.ts';
import { looksLikeUf2, parseUf2 } from './uf2.ts';

export type Format = 'bin' | 'hex' | 'elf' | 'dfu' | 'uf2';

export interface Vectors {
  readonly initialStack: number;
  readonly reset: number;
}

export interface Image {
  readonly name: string;
  readonly format: Format;
  /** What is sent to the device. */
  readonly data: Uint8Array;
  /** Address of the first byte, where the file says so. */
  readonly address?: number;
  readonly suffix?: DfuSuffix;
  readonly vectors: Vectors;
}

/** No STM32F103 holds more; a bigger file is a wrong file, and is not read. */
export const FILE_LIMIT = 16 * 1024 * 1024;

/** Throws ImageError. */
export function loadImage(name: string, bytes: Uint8Array): Image {
  if (bytes.length === 0) throw new ImageError(texts.image.empty);
  const { format, data, address, suffix } = unwrap(name, bytes);
  if (data.length < 8) throw new ImageError(texts.image.tooShort);
  return {
    name,
    format,
    data,
    vectors: readVectors(data, 0),
    ...(address === undefined ? {} : { address }),
    ...(suffix === undefined ? {} : { suffix }),
  };
}

/** The image from `address` on, for files that hold a bootloader in front of the application. */
export function partFrom(image: Image, start: number, address: number): Image {
  const data = image.data.subarray(start);
  return { name: image.name, format: image.format, data, address, vectors: readVectors(data, 0) };
}

/** The first two words at `at`. */
export function readVectors(data: Uint8Array, at: number): Vectors {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { initialStack: view.getUint32(at, true), reset: view.getUint32(at + 4, true) };
}

type Content = Pick<Image, 'format' | 'data' | 'address' | 'suffix'>;

function unwrap(name: string, bytes: Uint8Array): Content {
  if (looksLikeDfuSe(bytes)) throw new ImageError(texts.image.dfuSe);
  if (hasDfuSuffix(bytes) || (/\.dfu$/i.test(name) && otherKind(bytes) === undefined)) {
    const file = parseDfuFile(bytes);
    const inner = unwrapAddressed(file.content);
    return { ...inner, format: 'dfu', suffix: file.suffix };
  }
  return unwrapAddressed(bytes);
}

function unwrapAddressed(bytes: Uint8Array): Content {
  if (looksLikeElf(bytes)) return { format: 'elf', ...joinSegments(parseElf(bytes)) };
  if (looksLikeUf2(bytes)) return { format: 'uf2', ...joinSegments(parseUf2(bytes)) };
  if (looksLikeHex(bytes)) return { format: 'hex', ...joinSegments(parseHex(bytes)) };
  const program = bytes.length >= 8 && looksLikeVectors(...wordsOf(bytes));
  const other = program ? undefined : otherKind(bytes);
  if (other) throw new ImageError(texts.kinds[other]);
  return { format: 'bin', data: bytes };
}

function wordsOf(bytes: Uint8Array): [number, number] {
  const { initialStack, reset } = readVectors(bytes, 0);
  return [initialStack, reset];
}
