// SPDX-License-Identifier: ISC
// Writes UF2 as its specification describes it; Debian has no program that does.

export function uf2(data: Uint8Array, options: { base: number; family?: number; payload?: number }): Uint8Array {
  const payload = options.payload ?? 256;
  const count = Math.ceil(data.length / payload);
  const file = new Uint8Array(count * 512);
  const view = new DataView(file.buffer);
  for (let block = 0; block < count; block++) {
    const at = block * 512;
    const piece = data.subarray(block * payload, (block + 1) * payload);
    const words = [
      0x0a324655,
      0x9e5d5157,
      0x2000,
      options.base + block * payload,
      piece.length,
      block,
      count,
      options.family ?? 0x5ee21072,
    ];
    words.forEach((word, index) => view.setUint32(at + index * 4, word, true));
    file.set(piece, at + 32);
    view.setUint32(at + 508, 0x0ab16f30, true);
  }
  return file;
}
