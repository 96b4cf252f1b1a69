// SPDX-License-Identifier: ISC
// Images that look like programs, and some that do not.

/** A vector table for `base`, two functions for it, then a pattern that no two places share. */
export function program(size: number, base = 0x08002000, stack = 0x20005000): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 0; i < size; i++) data[i] = (i * 7 + (i >> 8) * 13) & 0xff;
  const view = new DataView(data.buffer);
  if (size > 0x122) {
    view.setUint16(0x100, 0xb510, true); // the reset handler: PUSH {R4, LR}
    view.setUint16(0x120, 0xe7fe, true); // all others: B to itself
  }
  view.setUint32(0, stack, true);
  view.setUint32(4, base + 0x101, true);
  for (let at = 8; at < 64; at += 4) view.setUint32(at, at >= 28 && at < 44 ? 0 : base + 0x121, true);
  return data;
}
