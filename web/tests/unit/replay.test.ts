// SPDX-License-Identifier: ISC
// Whole updates, request by request, against what the true bootloader answered on the virtual board.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { setUpWith } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';
import { ReplayTransport } from '../fakes/replay-transport.ts';
import type { Exchange } from '../fakes/replay-transport.ts';

const recording = (name: string): Exchange[] =>
  JSON.parse(readFileSync(new URL(`../recordings/${name}.json`, import.meta.url), 'utf8')) as Exchange[];

async function update(exchanges: Exchange[]) {
  const { flow, log } = setUpWith([]);
  const transport = new ReplayTransport(exchanges);
  await flow.choose(transport.handle());
  const device = flow.state.device;
  flow.chooseFile('a.bin', program(3000));
  await flow.write();
  return { transport, device, outcome: flow.state.outcome, log };
}

test('a Blue Pill: it leaves to start the application', async () => {
  const { transport, device, outcome } = await update(recording('bluepill'));
  expect(device?.facts).toMatchObject({ product: 'DAPBoot DFU Bootloader', serial: '394417875166824853FF6706' });
  expect(device?.target.functional).toMatchObject({ transferSize: 2048, willDetach: true, version: 0x0110 });
  expect(outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
  expect(transport.finished).toBe(true);
});

test('an SKR mini E3: alternate setting 2, and every byte read back', async () => {
  const { transport, device, outcome } = await update(recording('skr'));
  expect(device?.target.interface.alternate).toBe(2);
  expect(outcome).toMatchObject({ kind: 'done', title: 'Firmware updated and verified' });
  expect(transport.finished).toBe(true);
});

test('the same conversation with one answer changed is an error with its place', async () => {
  const exchanges = recording('skr');
  const second = exchanges.findIndex((one) => one.setup[0] === 0x21 && one.setup[2] === 1);
  exchanges[second + 1] = { ...exchanges[second + 1]!, answer: '070000000a00' };
  exchanges.splice(second + 2, Number.POSITIVE_INFINITY, {
    do: 'control-out',
    setup: [0x21, 4, 0, 0],
    data: '',
    result: 'ok',
  });
  const { outcome } = await update(exchanges);
  expect(outcome).toMatchObject({ kind: 'problem', cause: expect.stringMatching(/errVERIFY at byte 2048/) as string });
});
