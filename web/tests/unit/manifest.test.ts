// SPDX-License-Identifier: ISC
// A vendor's manifest: what is read, and what is refused with the field that is wrong.

import { expect, test } from 'vitest';
import { isNewer, parseManifest } from '../../src/element/manifest.ts';

const url = new URL('https://example.com/firmware/manifest.json');
const file = { path: 'a.bin', sha256: 'AB'.repeat(32), base: '0x08002000' };
const whole = { name: 'Gadget', version: '1.3', boards: [{ vendorId: '0x1209', productId: 56130 }], files: [file] };

test('a whole manifest', () => {
  expect(parseManifest(whole, url)).toEqual({
    name: 'Gadget',
    version: '1.3',
    notes: '',
    boards: [{ vendorId: 0x1209, productId: 0xdb42 }],
    files: [{ url: new URL('https://example.com/firmware/a.bin'), sha256: 'ab'.repeat(32), base: 0x08002000 }],
  });
});

test.each([
  ['manifest', []],
  ['manifest', null],
  ['name', { ...whole, name: 7 }],
  ['version', { ...whole, version: '' }],
  ['notes', { ...whole, notes: {} }],
  ['files', { ...whole, files: [] }],
  ['files[0].path', { ...whole, files: [{ ...file, path: undefined }] }],
  ['files[0].sha256', { ...whole, files: [{ ...file, sha256: 'abc' }] }],
  ['files[0].base', { ...whole, files: [{ ...file, base: '8002000' }] }],
  ['files[0].base', { ...whole, files: [{ ...file, base: -1 }] }],
  ['boards[0].vendorId', { ...whole, boards: [{ productId: 1 }] }],
])('%s is named when it is wrong', (field, content) => {
  expect(() => parseManifest(content, url)).toThrow(`the field ${field} is missing or wrong`);
});

test.each([
  ['1.3.0', '1.2.9', true],
  ['1.10', '1.9', true],
  ['1.3', '1.3.0', false],
  ['1.2', '1.3', false],
  ['2024-rc', '1.3', undefined],
])('%s after %s: %s', (newest, installed, newer) => {
  expect(isNewer(newest, installed)).toBe(newer);
});
