// SPDX-License-Identifier: ISC
// Files that are no firmware, recognised by how they begin, so that the person hears what was chosen instead of
// what its first words would be as a vector table.

import type { texts } from '../texts/index.ts';

type Kind = keyof typeof texts.kinds;

const magics: readonly (readonly [Kind, readonly number[], number?])[] = [
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
  ['gzip', [0x1f, 0x8b]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['sevenZip', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['rar', [0x52, 0x61, 0x72, 0x21]],
  ['tar', [0x75, 0x73, 0x74, 0x61, 0x72], 257],
  ['pdf', [0x25, 0x50, 0x44, 0x46]],
  ['picture', [0x89, 0x50, 0x4e, 0x47]],
  ['picture', [0xff, 0xd8, 0xff]],
  ['picture', [0x47, 0x49, 0x46, 0x38]],
  ['windowsProgram', [0x4d, 0x5a]],
  ['macProgram', [0xcf, 0xfa, 0xed, 0xfe]],
  ['library', [0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e]],
  ['utf16', [0xff, 0xfe]],
  ['utf16', [0xfe, 0xff]],
];

/** What the file is instead of firmware; undefined where nothing speaks against a program. */
export function otherKind(bytes: Uint8Array): Kind | undefined {
  const known = magics.find(([, magic, at = 0]) => magic.every((byte, i) => bytes[at + i] === byte));
  if (known) return known[0];
  if (bytes.every((byte) => byte === bytes[0])) return 'blank';
  const head = bytes.subarray(0, 4096);
  if (!isText(head)) return isNoise(bytes) ? 'noise' : undefined;
  const text = new TextDecoder('latin1')
    .decode(head)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  if (/^<(!doctype|html|head|\?xml|svg)/i.test(text)) return 'webPage';
  if (/^S[0-9]([0-9A-F]{2}){4,}\s/i.test(text)) return 'srecord';
  if (/^[[{]/.test(text)) return 'json';
  return 'text';
}

/** UTF-8 without control characters. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0d, 0x1a].includes(byte))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Compressed or encrypted data uses all bytes alike; programs do not (7.9 bits of entropy a byte is beyond them). */
function isNoise(bytes: Uint8Array): boolean {
  if (bytes.length < 4096) return false;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]!++;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  return bits > 7.9;
}
