// SPDX-License-Identifier: ISC
// From a chosen file to an image: recognises the format by its content, takes the wrapping off, and reads the first
// words of the vector table (PM0056 section 2.3.4). A person never has to know address, size or format.

import { hasDfuSuffix, looksLikeDfuSe, parseDfuFile } from './dfu-file.ts';
import type { DfuSuffix } from './dfu-file.ts';
import { looksLikeElf, parseElf } from './elf.ts';
import { looksLikeHex, parseHex } from './hex.ts';
import { ImageError, joinSegments } from './segments.ts';
import { looksLikeUf2, parseUf2 } from './uf2.ts';

export type Format = 'bin' | 'hex' | 'elf' | 'dfu' | 'uf2';

export interface Vectors {
  readonly initialStack: number;
  readonly reset: number;
  /** Entries 2 to 15, the exceptions of the core; 0 where reserved. */
  readonly exceptions: readonly number[];
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
const VECTOR_BYTES = 16 * 4;

/** Throws ImageError. */
export function loadImage(name: string, bytes: Uint8Array): Image {
  if (bytes.length === 0) throw new ImageError('The file is empty.');
  const { format, data, address, suffix } = unwrap(name, bytes);
  if (data.length < 8) {
    throw new ImageError('The file is too short to be a program: it has no vector table.');
  }
  return {
    name,
    format,
    data,
    vectors: readVectors(data),
    ...(address === undefined ? {} : { address }),
    ...(suffix === undefined ? {} : { suffix }),
  };
}

type Content = Pick<Image, 'format' | 'data' | 'address' | 'suffix'>;

function unwrap(name: string, bytes: Uint8Array): Content {
  if (looksLikeDfuSe(bytes)) {
    throw new ImageError(
      "This is a DfuSe file, ST's container with a header of its own. Choose the .bin, .hex or .elf file of the " +
        'same build.',
    );
  }
  if (hasDfuSuffix(bytes) || /\.dfu$/i.test(name)) {
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
  return { format: 'bin', data: bytes };
}

function readVectors(data: Uint8Array): Vectors {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const exceptions: number[] = [];
  for (let at = 8; at + 4 <= Math.min(VECTOR_BYTES, data.length); at += 4) exceptions.push(view.getUint32(at, true));
  return { initialStack: view.getUint32(0, true), reset: view.getUint32(4, true), exceptions };
}
