// SPDX-License-Identifier: ISC
// Intel HEX: text records of address, type, data and checksum.

import { ImageError } from './segments.ts';
import type { Segment } from './segments.ts';

/** True for a file whose first line can only be a HEX record. */
export function looksLikeHex(bytes: Uint8Array): boolean {
  let at = 0;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3; // byte order mark of a text editor
  while (at < bytes.length && (bytes[at] === 0x0d || bytes[at] === 0x0a || bytes[at] === 0x20)) at++;
  const head = new TextDecoder('latin1').decode(bytes.subarray(at, at + 11));
  return /^:[0-9A-Fa-f]{10}$/.test(head);
}

/** Every data record with its full address. Throws ImageError with the number of the line at fault. */
export function parseHex(bytes: Uint8Array): Segment[] {
  const lines = new TextDecoder('latin1').decode(bytes).replace(/^\u00ef\u00bb\u00bf/, '').split(/\r\n|\r|\n/);
  const segments: Segment[] = [];
  let upper = 0; // what records of type 02 and 04 add to the 16 bits of a data record
  let ended = false;

  lines.forEach((raw, index) => {
    const line = raw.trim();
    if (line === '') return;
    if (ended) throw wrong(index, 'comes after the end record');
    const record = decode(line, index);
    const body = record.subarray(4, record.length - 1);
    const address = (record[1]! << 8) | record[2]!;
    switch (record[3]) {
      case 0:
        segments.push({ address: upper + address, data: body });
        break;
      case 1:
        ended = true;
        break;
      case 2:
        upper = word(body, index) * 16;
        break;
      case 4:
        upper = word(body, index) * 0x10000;
        break;
      case 3:
      case 5:
        break; // where the program starts: an STM32 starts at its vector table
      default:
        throw wrong(index, `has the unknown type ${record[3]}`);
    }
  });
  if (!ended) throw new ImageError('The HEX file has no end record: it is cut off. Copy or build it again.');
  return segments;
}

function decode(line: string, index: number): Uint8Array {
  if (!/^:([0-9A-Fa-f]{2}){5,}$/.test(line)) throw wrong(index, 'is no HEX record');
  const record = new Uint8Array((line.length - 1) / 2);
  let sum = 0;
  for (let i = 0; i < record.length; i++) {
    record[i] = Number.parseInt(line.slice(1 + i * 2, 3 + i * 2), 16);
    sum += record[i]!;
  }
  if (record[0] !== record.length - 5) throw wrong(index, 'is longer or shorter than it says');
  if ((sum & 0xff) !== 0) throw wrong(index, 'has a wrong checksum');
  return record;
}

function word(body: Uint8Array, index: number): number {
  if (body.length !== 2) throw wrong(index, 'has an address of the wrong length');
  return (body[0]! << 8) | body[1]!;
}

function wrong(index: number, what: string): ImageError {
  return new ImageError(`Line ${index + 1} of the HEX file ${what}. Copy or build the file again.`);
}
