// SPDX-License-Identifier: ISC
// Installing a bootloader by both ways, and everything that can be wrong with wires, chips and cables.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainWay } from '../../src/install/explain-way.ts';
import { InstallRefused, ReadBackDiffers, check, install } from '../../src/install/installer.ts';
import type { InstallProgress } from '../../src/install/installer.ts';
import type { ChipAccess } from '../../src/install/line.ts';
import { boardKinds, pagesOf } from '../../src/install/chips.ts';
import { RomLoader } from '../../src/install/rom-loader.ts';
import { StLink } from '../../src/install/stlink.ts';
import { parseHex } from '../../src/image/hex.ts';
import { FakeChip, FakeRomLine } from '../fakes/fake-chip.ts';
import type { ChipOptions, WireOptions } from '../fakes/fake-chip.ts';
import { FakeProbe } from '../fakes/fake-probe.ts';
import type { ProbeOptions } from '../fakes/fake-probe.ts';

const folder = process.env['DAPBOOT_FIRMWARE_DIR'] ?? new URL('../../../build/firmware', import.meta.url).pathname;
const image = (name: string) => parseHex(new Uint8Array(readFileSync(join(folder, name))));
const standard = image('dapboot-bluepill.hex');
const high = image('dapboot-bluepill-high.hex');
const soon = (): Promise<void> => Promise.resolve();

const ways: readonly (readonly [string, (chip: FakeChip, faults?: WireOptions & ProbeOptions) => ChipAccess])[] = [
  ['USB-serial adapter', (chip, faults) => new RomLoader(new FakeRomLine(chip, faults), soon)],
  ['ST-Link', (chip, faults) => new StLink(new FakeProbe(chip, faults), soon)],
];

async function run(way: ChipAccess, segments = standard) {
  const steps: string[] = [];
  const facts = await way.connect();
  await install(way, facts, segments, ({ step }: InstallProgress) => steps.at(-1) === step || steps.push(step));
  await way.close();
  return { facts, steps };
}

function expectInstalled(chip: FakeChip, segments = standard): void {
  for (const { address, data } of segments)
    expect(chip.flash.subarray(address - 0x08000000, address - 0x08000000 + data.length)).toEqual(data);
}

describe.each(ways)('by %s', (_name, make) => {
  test.each([
    ['the standard layout', standard, {}],
    ['high memory: page 0 and the end of flash', high, {}],
    ['a chip with pages of 2 KiB', standard, { id: 0x414, flashKib: 512, pageSize: 2048 }],
  ] as const)(
    '%s is written, read back and started; page 0 is the last',
    async (_what, segments, options: ChipOptions) => {
      const chip = new FakeChip(options);
      const before = chip.flash.slice();
      const { steps, facts } = await run(make(chip), segments);
      expect(facts).toMatchObject({ id: chip.id, flashKib: chip.flashKib, protected: false });
      expectInstalled(chip, segments);
      expect(chip.started).toBe(true);
      expect(steps).toEqual(['erase', 'write', 'verify', 'start']);
      const writes = chip.history.filter((one) => one.startsWith('write')).map((one) => Number(one.split(' ')[1]));
      expect(writes.slice(-1)[0]).toBeLessThan(chip.pageSize);
      // What is not the bootloader's stays.
      const pages = pagesOf(segments, chip.pageSize).map((one) => one.number);
      const other = [...Array(chip.flash.length / chip.pageSize).keys()].find((page) => !pages.includes(page))!;
      expect(chip.flash.subarray(other * chip.pageSize, (other + 1) * chip.pageSize)).toEqual(
        before.subarray(other * chip.pageSize, (other + 1) * chip.pageSize),
      );
    },
  );

  test('a protected chip is unprotected, which erases it, and installed', async () => {
    const chip = new FakeChip({ protected: true });
    const { facts, steps } = await run(make(chip));
    expect(facts.protected).toBe(true);
    expect(chip.history[0]).toBe('mass erase');
    expect(steps[0]).toBe('unprotect');
    expectInstalled(chip);
  });

  test('looking alone changes nothing', async () => {
    const chip = new FakeChip({ protected: true });
    await make(chip).connect();
    expect(chip.history).toEqual([]);
  });

  test('another chip is refused before anything is written', async () => {
    const chip = new FakeChip({ id: 0x420 });
    await expect(run(make(chip))).rejects.toBeInstanceOf(InstallRefused);
    expect(chip.history).toEqual([]);
  });

  test('flash that does not take a bit is found by reading back', async () => {
    const worn = standard[0]!.data.findIndex((byte) => (byte & 1) === 0);
    await expect(run(make(new FakeChip({ worn })))).rejects.toBeInstanceOf(ReadBackDiffers);
  });

  test.each([15, 30, 45, 60])('the cable comes out after %i bytes or commands', async (goneAfter) => {
    await expect(run(make(new FakeChip(), { goneAfter }))).rejects.toMatchObject({ kind: 'gone' });
  });
});

describe('what is wrong with the wires has a sentence', () => {
  test.each([
    ['echo', /sent came back.*TX and RX/s],
    ['silent', /BOOT0.*reset/s],
    ['noise', /ground|GND/s],
  ] as const)('%s', async (fault, sentence) => {
    const line = new RomLoader(new FakeRomLine(new FakeChip(), { fault }), soon);
    const error = await line.connect().catch((one: unknown) => one);
    expect(error).toMatchObject({ kind: fault });
    const { title, cause, next } = explainWay(error, 'serial');
    expect(`${title} ${cause} ${next}`).toMatch(sentence);
  });

  test.each([
    ['no chip at the probe', { noChip: true }, 'no-chip', /SWDIO.*SWCLK/s],
    ['a probe with old firmware', { firmware: 17 }, 'old-probe', /J26/],
    ['a probe in use', { fault: 'busy' }, 'busy', /program|tab/],
  ] as const)('%s', async (_what, options, kind, sentence) => {
    const error = await new StLink(new FakeProbe(new FakeChip(), options), soon).connect().catch((one: unknown) => one);
    expect(error).toMatchObject({ kind });
    const { title, cause, next } = explainWay(error, 'stlink');
    expect(`${title} ${cause} ${next}`).toMatch(sentence);
  });

  test('every fault, on both ways', () => {
    for (const kind of [
      'silent',
      'echo',
      'noise',
      'gone',
      'busy',
      'denied',
      'refused',
      'no-chip',
      'old-probe',
      'failed',
    ] as const) {
      for (const way of ['serial', 'stlink'] as const) {
        const said = explainWay({ name: 'WayError', kind, action: 'x', detail: 'd' }, way);
        expect(JSON.stringify(said)).not.toMatch(/undefined|\[object/);
        expect(said.next.length).toBeGreaterThan(20);
      }
    }
    expect(explainWay(new ReadBackDiffers(0x08000400), 'serial').cause).toMatch(/0x08000400/);
    expect(explainWay(new InstallRefused({ why: 'wrong-chip', id: 0x420 }), 'serial').cause).toMatch(/0x420/);
    expect(explainWay(new InstallRefused({ why: 'too-small', needed: 64, kib: 32 }), 'serial').cause).toMatch(/32 KiB/);
  });
});

test('an old loader is erased page by page', async () => {
  const chip = new FakeChip();
  await run(new RomLoader(new FakeRomLine(chip, { oldErase: true }), soon));
  expectInstalled(chip);
});

test('a chip that is too small is refused; 64 KiB that may be 128 are not', () => {
  expect(() => check({ id: 0x412, flashKib: 32, protected: false }, high)).toThrow(InstallRefused);
  expect(check({ id: 0x410, flashKib: 64, protected: false }, image('dapboot-bluepill-high-128.hex')).pageSize).toBe(
    1024,
  );
});

test('every board of the firmware build is on offer, and every offer has an image', () => {
  const built = new Set(readdirSync(folder).flatMap((name) => /^dapboot-([a-z0-9]+)\.hex$/.exec(name)?.[1] ?? []));
  expect(new Set(boardKinds.map((one) => one.id))).toEqual(built);
});
