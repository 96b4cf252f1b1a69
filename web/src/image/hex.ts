// SPDX-License-Identifier: ISC
// Intel HEX: text records of address, type, data and checksum. Lines of other text before, between and after the
// records are comments, as Intel's specification allows them; some editors and DOS tools end the file in Ctrl-Z.

import { texts } from '../texts/index.ts';
import { ImageError } from './segments.ts';
import type { Segment } from './segments.ts';

const HEAD = 4096;
const CTRL_Z = '\u001a';

/** True for a text file that has a HEX record within its first lines. */
export function looksLikeHex(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD));
  return (
    /^(\u00ef\u00bb\u00bf)?[\t\r\n -~]*$/.test(head.replace(/[^\n\r]*$/, '')) &&
    /^\s*:[0-9A-F]{10}/im.test(head.replace(/^\u00ef\u00bb\u00bf/, ''))
  );
}

/** Every data record with its full address. Throws ImageError with the number of the line at fault. */
export function parseHex(bytes: Uint8Array): Segment[] {
  const text = new TextDecoder('latin1').decode(bytes).replace(/^\u00ef\u00bb\u00bf/, '');
  const lines = text.split(CTRL_Z)[0]!.split(/\r\n|\r|\n/);
  const segments: Segment[] = [];
  let upper = 0; // what records of type 02 and 04 add to the 16 bits of a data record
  let ended = false;

  lines.forEach((raw, index) => {
    const line = raw.trim();
    if (!line.startsWith(':')) return;
    if (ended) throw wrong(index, texts.intelHex.afterEnd);
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
        throw wrong(index, texts.intelHex.unknownType(record[3]!));
    }
  });
  if (!ended) throw new ImageError(texts.intelHex.noEnd);
  return segments;
}

/** A comment may follow a record. */
function decode(line: string, index: number): Uint8Array {
  const digits = /^:((?:[0-9A-Fa-f]{2}){5,})(?:$|[\s;#/])/.exec(line)?.[1];
  if (!digits) throw wrong(index, texts.intelHex.noRecord);
  const record = new Uint8Array(digits.length / 2);
  let sum = 0;
  for (let i = 0; i < record.length; i++) {
    record[i] = Number.parseInt(digits.slice(i * 2, 2 + i * 2), 16);
    sum += record[i]!;
  }
  if (record[0] !== record.length - 5) throw wrong(index, texts.intelHex.length);
  if ((sum & 0xff) !== 0) throw wrong(index, texts.intelHex.checksum);
  return record;
}

function word(body: Uint8Array, index: number): number {
  if (body.length !== 2) throw wrong(index, texts.intelHex.address);
  return (body[0]! << 8) | body[1]!;
}

function wrong(index: number, what: string): ImageError {
  return new ImageError(texts.intelHex.line(index + 1, what));
}
