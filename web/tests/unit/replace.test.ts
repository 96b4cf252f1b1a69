// SPDX-License-Identifier: ISC
// Old bootloaders: who is offered an installer, which one, and what is said of it.

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installerFor, isInstaller, replaceableAt } from '../../src/app/replace.ts';
import { boardKinds } from '../../src/install/chips.ts';
import { AncestorDevice } from '../fakes/ancestor-device.ts';
import { FakeDevice, capability } from '../fakes/fake-device.ts';
import type { FakeOptions } from '../fakes/fake-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';
import { MapleDevice } from '../fakes/maple-device.ts';

const NEWEST = 0x0210;
const standard = capability(0x08002000, 0x08020000);

test.each<[string, FakeOptions, number | undefined]>([
  ['an older dapboot', { capability: standard, release: 0x0200 }, 0x08002000],
  ['this one', { capability: standard, release: NEWEST }, undefined],
  ['a newer one', { capability: standard, release: 0x0220 }, undefined],
  ['an older one in high memory', { capability: capability(0x08000000, 0x0801e000), release: 0x0200 }, undefined],
  ['an older one with another base', { capability: capability(0x08001000, 0x08020000), release: 0x0200 }, undefined],
  ['somebody else', { product: 'Somebody else' }, undefined],
])('%s', async (_what, options, base) => {
  const { flow } = setUpWith([new FakeDevice(options)]);
  await flow.refresh();
  expect(replaceableAt(flow.state.device!, NEWEST)).toBe(base);
});

test.each([
  ['today', true],
  ['of 2017', false],
])(
  'the C dapboot %s, as it describes itself: its standard layout, and not the one in high memory',
  async (_when, knows) => {
    for (const [product, base] of [
      ['DAPBoot DFU Bootloader', 0x08002000],
      ['DAPBoot High-Memory DFU Bootloader', undefined],
    ] as const) {
      const { flow } = setUpWith([new AncestorDevice(knows, { product })]);
      await flow.refresh();
      expect(flow.state.device?.facts).toMatchObject({ release: 0x0111, capability: undefined });
      expect(replaceableAt(flow.state.device!, NEWEST)).toBe(base);
    }
  },
);

test("STM32duino's bootloader, as it describes itself: by the alternate setting that is chosen", async () => {
  const { flow } = setUpWith([new MapleDevice()]);
  await flow.refresh();
  expect(replaceableAt(flow.state.device!, NEWEST)).toBe(0x08002000);
  const [ram, upper] = flow.state.device!.facts.targets;
  await flow.useTarget(upper!);
  expect(replaceableAt(flow.state.device!, NEWEST)).toBe(0x08005000);
  await flow.useTarget(ram!);
  expect(replaceableAt(flow.state.device!, NEWEST)).toBeUndefined();
});

test("one of Maple's that begins elsewhere has no installer", async () => {
  const flash = 'Upload to Flash 0x8004000';
  const { flow } = setUpWith([new MapleDevice({ alternates: [2], alternateNames: [flash] })]);
  await flow.refresh();
  expect(flow.state.device?.placement?.base).toBe(0x08004000);
  expect(replaceableAt(flow.state.device!, NEWEST)).toBeUndefined();
});

test.each<[string, FakeDevice]>([
  ['the C dapboot', new AncestorDevice(true)],
  ["STM32duino's", new MapleDevice()],
])(
  'an installer is written to %s like firmware, and what is there then is called the new bootloader',
  async (_what, old) => {
    const { flow, source } = setUpWith([old], { newest: NEWEST });
    await flow.refresh();
    flow.chooseFile('install-dapboot-bluepill.bin', program(6000));
    expect(flow.state.verdict?.kind).toBe('good');
    await flow.write();
    expect(old.started).toBe(true);
    source.devices.splice(0, 1, new FakeDevice({ capability: standard, release: NEWEST }));
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'The new bootloader is in its place' });
  },
);

test('each board has its installers in the firmware build, by the names that the page asks for', () => {
  const folder = process.env['DAPBOOT_FIRMWARE_DIR'] ?? new URL('../../../build/firmware', import.meta.url).pathname;
  for (const { id } of boardKinds)
    for (const base of [0x08002000, 0x08005000]) {
      const name = installerFor(id, base);
      expect({ name, there: existsSync(`${folder}/${name}`) }).toEqual({ name, there: true });
    }
});

test.each([
  ['the new bootloader', { capability: standard, release: NEWEST }, { title: 'The new bootloader is in its place' }],
  ['the old one', {}, { returned: { title: 'The old bootloader is still there' } }],
] as const)(
  'what comes back after an installer is %s, and is called so, at once or later',
  async (_what, after, said) => {
    for (const wait of [0, 60_000]) {
      const old = new FakeDevice({ pollTimeout: 1 });
      const { flow, source, clock } = setUpWith([old], { newest: NEWEST });
      await flow.refresh();
      flow.chooseFile('install-dapboot-bluepill.bin', program(6000));
      expect(isInstaller(flow.state.image)).toBe(true);
      await flow.write();
      await settle();
      expect(flow.state.outcome).toMatchObject({ title: 'The installer runs', written: true });
      clock.pass(wait);
      // What is there for a moment between the two makes no sense, and is no problem of the person's.
      source.devices.splice(0, 1, new FakeDevice({ dfuVersion: 0x011a }));
      source.changed();
      await settle();
      expect(flow.state.outcome).toMatchObject({ title: 'The installer runs' });
      source.devices.splice(0, 1, new FakeDevice(after));
      source.changed();
      await settle();
      expect(flow.state.outcome).toMatchObject({ written: true, ...said });
      flow.startOver();
      expect(flow.state).toMatchObject({ image: undefined, verdict: undefined, outcome: undefined });
    }
  },
);
