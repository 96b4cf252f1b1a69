// SPDX-License-Identifier: ISC
// The page's judgement of images against the corpus that the command-line flasher is held to as well (tests/images).

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { judge } from '../../src/image/check.ts';
import { loadImage } from '../../src/image/image.ts';
import { clearlyOtherBase, estimateBase } from '../../src/image/link-base.ts';

interface Corpus {
  readonly images: readonly { file: string; style: string; base: string; evidence: boolean; complete: boolean }[];
  readonly formats: readonly { file: string; format: string; base: string | null; content: string }[];
  readonly foreign: readonly { file: string; what: string }[];
}

const root = new URL('../../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'dapboot-corpus-'));
const firmware = process.env['DAPBOOT_FIRMWARE_DIR'] ?? join(root, 'build/firmware');
execFileSync(join(root, 'tests/images/build'), [folder, firmware], { stdio: 'pipe' });
afterAll(() => rmSync(folder, { recursive: true }));

const corpus = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Corpus;
const content = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));

test('the corpus is as large as it should be', () => {
  expect(corpus.images.length).toBeGreaterThan(150);
  expect(corpus.formats.length).toBeGreaterThanOrEqual(10);
  expect(corpus.foreign.length).toBeGreaterThanOrEqual(6);
});

test('no other base ever beats the true one, and the true one is the estimate', () => {
  const wrong: string[] = [];
  for (const { file, base, evidence } of corpus.images) {
    const truth = Number(base);
    const data = content(file);
    const other = clearlyOtherBase(data, truth);
    if (other !== undefined) wrong.push(`${file}: ${other.toString(16)} beats ${base}`);
    const estimate = estimateBase(data);
    if (estimate === undefined ? evidence : estimate !== truth)
      wrong.push(`${file}: ${base} is taken for ${estimate?.toString(16)}`);
  }
  expect(wrong).toEqual([]);
});

test.each([0x08000000, 0x08001000, 0x08002000, 0x08005000])(
  'a board that begins applications at %i takes what is linked for it, and nothing else',
  (base) => {
    const device = {
      vendorId: 1,
      productId: 2,
      canDownload: true,
      placement: { base, end: base + 0x40000, from: 'announced' as const },
    };
    const wrong: string[] = [];
    let taken = 0;
    for (const one of corpus.images) {
      const verdict = judge(loadImage(one.file, content(one.file)), device);
      const belongs = Number(one.base) === base && one.complete;
      if ((verdict.kind === 'good') !== belongs)
        wrong.push(`${one.file} (${one.style}) for ${one.base}: ${verdict.text}`);
      if (verdict.kind === 'good') taken++;
    }
    expect(wrong).toEqual([]);
    expect(taken).toBeGreaterThan(10);
  },
);

test('every format holds the same bytes', () => {
  for (const one of corpus.formats.filter(({ format }) => format !== 'srec')) {
    const image = loadImage(one.file, content(one.file));
    expect(image.data, one.file).toEqual(content(one.content));
    expect(image.address, one.file).toBe(one.base === null ? undefined : Number(one.base));
  }
});

test('S-records and foreign files are called by their names', () => {
  const names: Record<string, RegExp> = {
    gzip: /gzip/,
    zip: /ZIP/,
    html: /web page/,
    'utf-16': /UTF-16/,
    text: /text/,
    blank: /blank|empty|no program/,
  };
  for (const one of corpus.formats.filter(({ format }) => format === 'srec')) {
    expect(() => loadImage(one.file, content(one.file)), one.file).toThrow(/S-record/);
  }
  for (const one of corpus.foreign) {
    const device = { vendorId: 1, productId: 2, canDownload: true, placement: undefined };
    let said = '';
    try {
      said = judge(loadImage(one.file, content(one.file)), device).text;
    } catch (error) {
      said = String(error);
    }
    expect(said, one.file).toMatch(names[one.what] ?? /never/);
  }
});
