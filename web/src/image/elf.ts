// SPDX-License-Identifier: ISC
// ELF: what a linker writes, for 32-bit Arm, little-endian (System V ABI chapters 4 and 5).
//
// Content comes from the sections that occupy memory, at their load addresses, as objcopy takes it: the program
// headers may begin earlier, with the ELF header itself as their first bytes. A section's load address follows from its
// place in the file: Keil's linker gives initialised data the address in RAM as virtual and none of its own as physical.
// A file stripped of its section headers is taken by its program headers.

import { texts } from '../texts/index.ts';
import { ImageError } from './segments.ts';
import type { Segment } from './segments.ts';

const EM_ARM = 40;
const ET_EXEC = 2;
const PT_LOAD = 1;
const SHT_NULL = 0;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2;

interface ProgramHeader {
  readonly offset: number;
  readonly physical: number;
  readonly virtual: number;
  readonly fileSize: number;
}

export function looksLikeElf(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Throws ImageError where the file is damaged, or for another kind of processor. */
export function parseElf(bytes: Uint8Array): Segment[] {
  if (bytes.length < 52) throw damaged(texts.elf.header);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[4] !== 1 || bytes[5] !== 1 || view.getUint16(18, true) !== EM_ARM) {
    throw new ImageError(texts.elf.otherProcessor);
  }
  if (view.getUint16(16, true) !== ET_EXEC) {
    throw new ImageError(texts.elf.notLinked);
  }
  const programs = programHeaders(bytes, view);
  const segments = sections(bytes, view, programs);
  if (segments.length > 0) return segments;
  return programs.map((one) => ({ address: one.physical, data: slice(bytes, one.offset, one.fileSize) }));
}

function programHeaders(bytes: Uint8Array, view: DataView): ProgramHeader[] {
  const table = view.getUint32(28, true);
  const size = view.getUint16(42, true);
  const count = view.getUint16(44, true);
  const found: ProgramHeader[] = [];
  if (count > 0 && size < 32) throw damaged(texts.elf.programHeaders);
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    slice(bytes, at, 32);
    const fileSize = view.getUint32(at + 16, true);
    if (view.getUint32(at, true) !== PT_LOAD || fileSize === 0) continue;
    found.push({
      offset: view.getUint32(at + 4, true),
      physical: view.getUint32(at + 12, true),
      virtual: view.getUint32(at + 8, true),
      fileSize,
    });
  }
  // Keil leaves the physical addresses at 0.
  const named = found.some((one) => one.physical !== 0);
  return named ? found : found.map((one) => ({ ...one, physical: one.virtual }));
}

function sections(bytes: Uint8Array, view: DataView, programs: readonly ProgramHeader[]): Segment[] {
  const table = view.getUint32(32, true);
  const size = view.getUint16(46, true);
  const count = view.getUint16(48, true);
  const found: Segment[] = [];
  if (table === 0 || count === 0) return found;
  if (size < 40) throw damaged(texts.elf.sectionHeaders);
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    slice(bytes, at, 40);
    const type = view.getUint32(at + 4, true);
    const flags = view.getUint32(at + 8, true);
    const offset = view.getUint32(at + 16, true);
    const length = view.getUint32(at + 20, true);
    if (type === SHT_NULL || type === SHT_NOBITS || (flags & SHF_ALLOC) === 0 || length === 0) continue;
    const home = programs.find((one) => offset >= one.offset && offset + length <= one.offset + one.fileSize);
    if (!home) continue;
    found.push({ address: home.physical + (offset - home.offset), data: slice(bytes, offset, length) });
  }
  return found;
}

function slice(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  if (offset + length > bytes.length) throw damaged(texts.elf.end(offset + length));
  return bytes.subarray(offset, offset + length);
}

function damaged(how: string): ImageError {
  return new ImageError(texts.elf.damaged(how));
}
