// SPDX-License-Identifier: ISC
// The C bootloader of the same name, from first connection to started application.

import { describe, expect, test } from 'vitest';
import { AncestorDevice } from '../fakes/ancestor-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';

const image = program(20_000);

describe.each([
  ['today', true],
  ['of 2017', false],
])('the C bootloader %s', (_when, knowsDetach) => {
  test.each([
    ['DAPBoot DFU Bootloader', 0x08002000],
    ['DAPBoot High-Memory DFU Bootloader', 0x08000000],
  ])('%s takes an update for %i and starts it', async (product, base) => {
    const device = new AncestorDevice(knowsDetach, { product });
    const { flow } = setUpWith([device]);
    await flow.refresh();
    expect(flow.state.device?.placement?.base).toBe(base);
    const fitting = program(20_000, base);
    flow.chooseFile('app.bin', fitting);
    expect(flow.state.verdict?.kind).toBe('good');
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
    expect(device.flash.subarray(0, fitting.length)).toEqual(fitting);
    expect(device.started).toBe(true);
    expect(device.requests).not.toContain('reset');
  });

  test('is read and compared', async () => {
    const device = new AncestorDevice(knowsDetach, { content: image });
    const { flow, saved } = setUpWith([device]);
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.verify();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'The board holds this firmware' });
    await flow.save();
    expect(saved[0]?.content).toEqual(image);
  });

  test('left in dfuERROR by another program, it is made ready', async () => {
    const device = new AncestorDevice(knowsDetach);
    device.state = 'dfuERROR';
    device.status = 'errVERIFY';
    const { flow } = setUpWith([device]);
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
  });

  test('a cable pulled in the middle: plugged in again, the write goes on', async () => {
    const device = new AncestorDevice(knowsDetach);
    device.misbehaviour = { goneAtBlock: 9 };
    const { flow, source } = setUpWith([device]);
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'interrupted' });
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
    expect(device.flash.subarray(0, image.length)).toEqual(image);
  });
});

test('today it starts its application when asked; that of 2017 cannot, and the page says what can', async () => {
  for (const [knowsDetach, outcome] of [
    [true, { kind: 'done', title: 'Firmware started' }],
    [false, { kind: 'problem', next: expect.stringContaining('press reset') as string }],
  ] as const) {
    const device = new AncestorDevice(knowsDetach, { content: image });
    const { flow } = setUpWith([device]);
    await flow.refresh();
    await flow.start();
    expect(flow.state.outcome).toMatchObject(outcome);
  }
});
