// SPDX-License-Identifier: ISC
// Images that look like programs, and some that do not.

/** A vector table for `base`, a function for each of its handlers, then a pattern that no two places share. */
export function program(size: number, base = 0x08002000, stack = 0x20005000): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 0; i < size; i++) data[i] = (i * 7 + (i >> 8) * 13) & 0xff;
  const view = new DataView(data.buffer);
  view.setUint32(0, stack, true);
  for (let entry = 1; entry < 16; entry++) {
    const reserved = entry >= 7 && entry <= 10;
    const at = 0x100 + entry * 0x10;
    view.setUint32(entry * 4, reserved ? 0 : base + at + 1, true);
    if (reserved || at + 2 > size) continue;
    view.setUint16(at - 2, 0x4770, true); // the function before it: BX LR
    view.setUint16(at, 0xb510, true); // PUSH {R4, LR}
  }
  return data;
}
