// SPDX-License-Identifier: ISC
// Old bootloaders: who is offered an installer, which one, and what is said of it.

import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installerFor, isInstaller, replaceableAt } from '../../src/app/replace.ts';
import { boardKinds } from '../../src/install/chips.ts';
import { FakeDevice, capability } from '../fakes/fake-device.ts';
import type { FakeOptions } from '../fakes/fake-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';

const NEWEST = 0x0210;
const standard = capability(0x08002000, 0x08020000);
const maple = { vendorId: 0x1eaf, productId: 3, product: 'Maple 003' };

test.each<[string, FakeOptions, number | undefined]>([
  ['the C dapboot, which announces nothing', {}, 0x08002000],
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
  ["STM32duino's bootloader", 'STM32duino bootloader v1.0  Upload to Flash 0x8002000', 0x08002000],
  ['the original Maple bootloader', 'STM32duino bootloader v1.0  Upload to Flash 0x8005000', 0x08005000],
  ['one that begins elsewhere', 'Upload to Flash 0x8004000', undefined],
])('%s, by the name of its setting', async (_what, name, base) => {
  const { flow } = setUpWith([new FakeDevice({ ...maple, alternates: [2], alternateNames: [name] })]);
  await flow.refresh();
  expect(replaceableAt(flow.state.device!, NEWEST)).toBe(base);
});

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
