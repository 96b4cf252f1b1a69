// SPDX-License-Identifier: ISC
// Every format against files that other programs made, then against damage.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UF2Flags } from 'uf2';
import { describe, expect, inject, test } from 'vitest';
import { loadImage } from '../../src/image/image.ts';
import { ImageError } from '../../src/image/segments.ts';
import { crc32 } from '../../src/image/dfu-file.ts';
import { program } from '../fakes/images.ts';
import { STM32F1, uf2 } from '../fakes/uf2-file.ts';

const made = (name: string): Uint8Array => new Uint8Array(readFileSync(join(inject('made'), name)));
const load = (name: string) => loadImage(name, made(name));
const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = bytes.slice();
  changed[at]! ^= 0x01;
  return changed;
};
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('files of other programs', () => {
  test.each(['app.elf', 'app.hex', 'srec.hex'])('%s holds what objcopy made of the program', (name) => {
    const image = load(name);
    expect(image.data).toEqual(made('app.bin'));
    expect(image.address).toBe(0x08002000);
    expect(image.vectors.initialStack).toBe(0x20005000);
    expect(image.vectors.reset & 1).toBe(1);
  });

  test('.hex records with segment addresses (type 02)', () => {
    expect(new TextDecoder().decode(made('segments.hex'))).toMatch(/^:02000002/m);
    const image = load('segments.hex');
    expect(image.address).toBe(0x20000);
    expect(image.data).toEqual(made('app.bin'));
  });

  test('a gap between sections is erased flash', () => {
    expect(load('gap.elf').data).toEqual(made('gap.bin'));
    expect(load('gap.hex').data.length).toBe(made('gap.bin').length);
  });

  test('a plain binary says no address', () => {
    const image = load('app.bin');
    expect(image.address).toBeUndefined();
    expect(image.data).toEqual(made('app.bin'));
  });

  test.each([
    ['any.dfu', 0xffff, 0xffff],
    ['ours.dfu', 0x1209, 0xdb42],
    ['other.dfu', 0x0483, 0xdf11],
  ])('%s: the suffix of dfu-suffix is read and taken off', (name, vendorId, productId) => {
    const image = load(name);
    expect(image.suffix).toMatchObject({ vendorId, productId });
    expect(image.data).toEqual(made('app.bin'));
    expect(image.format).toBe('dfu');
  });

  test('a suffix is taken off whatever the file is called', () => {
    expect(loadImage('renamed.bin', made('ours.dfu')).data).toEqual(made('app.bin'));
  });

  test('Intel HEX inside a .dfu is decoded, not flashed as text', () => {
    expect(load('hex-inside.dfu').data).toEqual(made('app.bin'));
  });
});

describe('damaged or wrong files', () => {
  test.each([
    ['empty', 'a.bin', () => new Uint8Array(), /empty/],
    ['too short', 'a.bin', () => Uint8Array.of(1, 2, 3), /too short/],
    ['.dfu with one bit changed', 'a.dfu', () => flip(made('ours.dfu'), 40), /checksum/],
    ['.dfu that is no .dfu', 'a.dfu', () => made('app.bin'), /no DFU suffix/],
    ['.dfu cut off', 'a.dfu', () => made('ours.dfu').slice(0, -3), /no DFU suffix/],
    ['DfuSe container', 'a.dfu', () => text('DfuSe\x01 and a header that must never reach flash'), /DfuSe/],
    ['.hex with a wrong digit', 'a.hex', () => text(':0100000001FF\n:00000001FF\n'), /Line 1 .* checksum/],
    ['.hex cut off', 'a.hex', () => text(':0100000001FE\n'), /no end record/],
    ['.hex with a wrong count', 'a.hex', () => text(':0200000001FD\n:00000001FF\n'), /longer or shorter/],
    ['.hex that goes on', 'a.hex', () => text(':00000001FF\n:0100000001FE\n'), /after the end/],
    ['.hex with a strange type', 'a.hex', () => text(':0000000AF6\n:00000001FF\n'), /unknown type/],
    ['.elf cut off', 'a.elf', () => made('app.elf').slice(0, 200), /damaged/],
    ['.elf header only', 'a.elf', () => made('app.elf').slice(0, 20), /damaged/],
    ['.elf object file', 'a.elf', () => made('app.o'), /not linked/],
    ['.elf for another processor', 'a.elf', () => flip(made('app.elf'), 18), /another processor/],
    ['.uf2 cut off', 'a.uf2', () => uf2(program(1000), { base: 0x08002000 }).slice(0, 700), /multiple of 512/],
    [
      '.uf2 with a block missing',
      'a.uf2',
      () => uf2(program(1000), { base: 0x08002000 }).slice(512),
      /of its 4 blocks/,
    ],
    ['.uf2 with a damaged block', 'a.uf2', () => flip(uf2(program(1000), { base: 0x08002000 }), 511), /damaged/],
    [
      '.uf2 of another family',
      'a.uf2',
      () => uf2(program(900), { base: 0x10000000, family: 0xe48bff56 }),
      /0xE48BFF56/,
    ],
  ])('%s is refused in words', (_what, name, content, sentence) => {
    expect(() => loadImage(name, content())).toThrow(ImageError);
    expect(() => loadImage(name, content())).toThrow(sentence);
  });

  test('no damage to any format escapes as another error', () => {
    for (const name of ['app.elf', 'app.hex', 'ours.dfu']) {
      const whole = made(name);
      for (let at = 0; at < whole.length; at += 3) {
        for (const bytes of [flip(whole, at), whole.slice(0, at)]) {
          try {
            loadImage(name, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ImageError);
          }
        }
      }
    }
  });

  test('two different bytes for one address are refused', () => {
    const hex = ':0100000001FE\n:0100000002FD\n:00000001FF\n';
    expect(() => loadImage('a.hex', text(hex))).toThrow(/two different bytes/);
  });

  test('data further apart than any flash is refused', () => {
    const hex = ':0100000001FE\n:020000041000EA\n:0100000002FD\n:00000001FF\n';
    expect(() => loadImage('a.hex', text(hex))).toThrow(/further apart/);
  });
});

describe('files that are something else are called by their name', () => {
  const padded = (...head: number[]): Uint8Array => Uint8Array.from({ length: 600 }, (_, i) => head[i] ?? i & 0x7f);
  const noise = (): Uint8Array => {
    let state = 1;
    return Uint8Array.from({ length: 20_000 }, () => (state = (state * 1103515245 + 12345) >>> 0) >>> 24);
  };
  test.each([
    ['a ZIP archive', padded(0x50, 0x4b, 3, 4), /ZIP archive/],
    ['a gzip archive', padded(0x1f, 0x8b, 8), /gzip archive/],
    ['a 404 page', text('\r\n<!DOCTYPE html><html><title>404 Not Found</title></html>'), /web page/],
    ['S-records', text('S0080000612E737265C4\nS1130000285F245F2212226A000424290008237C2A\n'), /S-record/],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x3a, 0, 0x31, 0, 0x30, 0, 0x30, 0), /UTF-16/],
    ['source text', text('void setup() { pinMode(PC13, OUTPUT); }\n'), /a text/],
    ['random bytes', noise(), /compressed or encrypted/],
    ['a Windows program', padded(0x4d, 0x5a, 0x90), /Windows/],
  ])('%s', (_what, content, sentence) => {
    expect(() => loadImage('firmware.bin', content)).toThrow(sentence);
  });

  test('a program is a program whatever its bytes look like', () => {
    const data = noise();
    data.set(program(64));
    expect(loadImage('a.bin', data).format).toBe('bin');
  });
});

describe('Intel HEX as others write it', () => {
  const lines = (): string[] => new TextDecoder().decode(made('app.hex')).trim().split(/\r?\n/);
  const plain = () => loadImage('app.hex', made('app.hex')).data;
  test.each([
    ['ends in Ctrl-Z', (all: string[]) => `${all.join('\r\n')}\r\n\u001a`],
    ['begins with a comment', (all: string[]) => ['; built today', ...all].join('\n')],
    [
      'has comments behind and between records',
      (all: string[]) => all.map((one) => `${one} ; record\n# next`).join('\n'),
    ],
    [
      'begins with a start record',
      (all: string[]) =>
        [':0400000508002041 8E'.replace(' ', ''), ...all.filter((one) => !one.startsWith(':04000005'))].join('\n'),
    ],
  ])('a file that %s', (_what, change) => {
    expect(loadImage('app.hex', text(change(lines()))).data).toEqual(plain());
  });
});

test("Keil's .axf: initialised data follows the code in the file, and its section names only its place in RAM", () => {
  const elf = made('app.elf').slice();
  const view = new DataView(elf.buffer);
  const [table, size, count] = [view.getUint32(32, true), view.getUint16(46, true), view.getUint16(48, true)];
  const programs = { at: view.getUint32(28, true), size: view.getUint16(42, true), count: view.getUint16(44, true) };
  // As armlink writes it: one loadable header over code and data, virtual equal to physical.
  const first = programs.at;
  let end = 0;
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    const isData = view.getUint32(at + 12, true) >= 0x20000000 && view.getUint32(at + 4, true) === 1;
    if (isData) end = view.getUint32(at + 16, true) + view.getUint32(at + 20, true);
  }
  expect(end).toBeGreaterThan(0);
  const original = loadImage('app.elf', made('app.elf'));
  // Everything up to the data is at the place in the file that the first header covers.
  const offset = view.getUint32(first + 4, true);
  view.setUint32(first + 12, view.getUint32(first + 8, true), true);
  view.setUint32(first + 16, end - offset, true);
  for (let i = 1; i < programs.count; i++) view.setUint32(first + i * programs.size, 0, true);
  const image = loadImage('keil.axf', elf);
  expect(image.address).toBe(original.address);
  expect(image.data.subarray(0, 64)).toEqual(original.data.subarray(0, 64));
  expect(image.data.subarray(-4)).toEqual(Uint8Array.of(0x78, 0x56, 0x34, 0x12));
});

describe('UF2', () => {
  const data = program(1000);

  test('the family is the one that others call STM32F1', () => {
    expect(STM32F1).toBe(0x5ee21072);
  });

  test.each([256, 476, 4])('blocks of %i bytes are put together, in whatever order they come', (payload) => {
    const file = uf2(data, { base: 0x08002000, payload });
    const reversed = new Uint8Array(file.length);
    for (let at = 0; at < file.length; at += 512) reversed.set(file.subarray(at, at + 512), file.length - 512 - at);
    for (const bytes of [file, reversed]) {
      const image = loadImage('a.uf2', bytes);
      expect(image.data).toEqual(data);
      expect(image.address).toBe(0x08002000);
      expect(image.format).toBe('uf2');
    }
  });

  test('a file for several families gives the part for this one', () => {
    const other = uf2(program(700, 0x10000000), { base: 0x10000000, family: 0xe48bff56 });
    const ours = uf2(data, { base: 0x08002000 });
    const both = new Uint8Array(other.length + ours.length);
    both.set(other);
    both.set(ours, other.length);
    expect(loadImage('a.uf2', both).data).toEqual(data);
  });

  test('blocks that are not for flash are left out', () => {
    const comment = uf2(program(256), { base: 0, flags: UF2Flags.notMainFlash });
    const ours = uf2(data, { base: 0x08002000 });
    const both = new Uint8Array(comment.length + ours.length);
    both.set(ours);
    both.set(comment, ours.length);
    expect(loadImage('a.uf2', both).data).toEqual(data);
  });
});

test('the checksum is that of DFU 1.1 appendix B: the known value of "123456789", not inverted', () => {
  expect(crc32(text('123456789'))).toBe(~0xcbf43926 >>> 0);
});
