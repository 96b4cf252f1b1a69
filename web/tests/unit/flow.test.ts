// SPDX-License-Identifier: ISC
// The whole flow without a browser: what a person sees after what they or the bus did.

import { describe, expect, test } from 'vitest';
import type { FlowOptions } from '../../src/app/flow.ts';
import { FakeDevice, capability } from '../fakes/fake-device.ts';
import type { FakeOptions, Misbehaviour } from '../fakes/fake-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';

function setUp(options: FakeOptions = {}, misbehaviour: Misbehaviour = {}, more: Partial<FlowOptions> = {}) {
  const device = new FakeDevice(options);
  device.misbehaviour = misbehaviour;
  return { device, ...setUpWith([device], more) };
}

const image = program(20_000);

describe('base and room', () => {
  test('are what the board announces, whatever it is called', async () => {
    const { flow, device } = setUp({ capability: capability(0x08001000, 0x08020000), product: 'Gadget' });
    await flow.refresh();
    expect(flow.state.device?.placement).toEqual({ base: 0x08001000, end: 0x08020000, from: 'announced' });
    flow.chooseFile('app.bin', program(9000, 0x08002000));
    expect(flow.state.verdict).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('first 4 KiB') as string,
    });
    flow.chooseFile('app.bin', program(9000, 0x08001000));
    expect(flow.state.verdict?.kind).toBe('good');
    flow.chooseFile('app.bin', program(124 * 1024 + 2, 0x08001000));
    expect(flow.state.verdict?.kind).toBe('refused');
    expect(device.requests.some((one) => one.startsWith('DFU_'))).toBe(false);
  });

  test.each([
    ['an empty 64 KiB chip, built with APP_BASE_ADDRESS=0x08001000', 60, undefined, 0x08001000],
    ['an empty 128 KiB chip', 120, undefined, 0x08002000],
    ['with an application for 0x08001000 in it', 124, 0x08001000, 0x08001000],
  ])('are measured where nothing is announced: %s', async (_what, kib, installed, base) => {
    const content = installed === undefined ? new Uint8Array() : program(5000, installed);
    const { flow } = setUp({ capacity: kib * 1024, content });
    await flow.refresh();
    expect(flow.state.device?.placement).toEqual({ base, end: base + kib * 1024, from: 'measured' });
  });

  test('a board that may not be read keeps what its name says', async () => {
    const { flow } = setUp({ attributes: 0x09 });
    await flow.refresh();
    expect(flow.state.device?.placement).toEqual({ base: 0x08002000, from: 'named' });
  });
});

test('a file is judged before anything is connected', () => {
  const { flow } = setUp();
  flow.chooseFile(
    'app.bin',
    Uint8Array.from({ length: 2000 }, (_, i) => (i * 3) & 0x9f),
  );
  expect(flow.state.verdict).toMatchObject({ kind: 'refused', text: expect.stringContaining('no program') as string });
  flow.chooseFile('app.bin', image);
  expect(flow.state.verdict).toBeUndefined();
  flow.chooseFile('app.bin', Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(2000)));
  expect(flow.state.imageProblem?.cause).toMatch(/ZIP archive/);
});

test('of a file with a bootloader in front, the application alone is offered and written', async () => {
  const { flow, device } = setUp();
  await flow.refresh();
  const merged = new Uint8Array(0x2000 + image.length).fill(0xff);
  merged.set(program(3000, 0x08000000));
  merged.set(image, 0x2000);
  flow.chooseFile('merged.bin', merged);
  expect(flow.state.verdict).toMatchObject({ kind: 'refused', part: { start: 0x2000, address: 0x08002000 } });
  flow.usePart();
  expect(flow.state.verdict?.kind).toBe('good');
  await flow.write();
  expect(device.flash.subarray(0, image.length)).toEqual(image);
});

describe('writing', () => {
  test('to the end, with progress, rate and time left', async () => {
    const { flow, device, states } = setUp({ pollTimeout: 40 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    expect(flow.state.verdict?.kind).toBe('good');
    await flow.write();
    expect(device.flash.subarray(0, image.length)).toEqual(image);
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
    const rated = states.filter((state) => state.job?.rate?.secondsLeft !== undefined);
    expect(rated.length).toBeGreaterThan(5);
    await settle();
    expect(flow.state.device).toBeUndefined();
    expect(flow.state.outcome).toMatchObject({ kind: 'done' });
  });

  test('a device that stays is compared byte by byte', async () => {
    const { flow } = setUp({ attributes: 0x07 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ title: 'Firmware updated and verified' });
  });

  test('a byte that flash did not take is found by that comparison', async () => {
    const { flow } = setUp({ attributes: 0x07 }, { flipByte: 12_345 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', cause: expect.stringContaining('byte 12345') });
  });

  test('a cable pulled in the middle: plugged in again, the write goes on', async () => {
    const { flow, device, source } = setUp({}, { goneAtBlock: 7 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'interrupted' });
    expect(flow.state.device).toBeUndefined();
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
    expect(device.flash.subarray(0, image.length)).toEqual(image);
  });

  test('another device does not get the rest of a write', async () => {
    const { flow, source } = setUp({}, { goneAtBlock: 7 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    const other = new FakeDevice({ serial: 'other' });
    source.devices.push(other);
    await flow.choose(source.handle(other));
    await settle();
    expect(other.requests.some((one) => one.startsWith('DFU_DNLOAD'))).toBe(false);
  });

  test('a board without a serial number may be another one: it gets the rest by a click alone', async () => {
    const { flow, device, source } = setUp({ serial: '' }, { goneAtBlock: 7 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    const blocks = (): number => device.requests.filter((one) => one.startsWith('DFU_DNLOAD')).length;
    const before = blocks();
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'interrupted', asks: true });
    expect(blocks()).toBe(before);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
  });

  test('after a cut on one board, a write to another promises nothing about the first', async () => {
    const { flow, device, source } = setUp({}, { goneAtBlock: 7 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    const other = new FakeDevice({ serial: 'other' });
    other.misbehaviour = { goneAtBlock: 3 };
    source.devices.push(other);
    await flow.choose(source.handle(other));
    expect(flow.state.outcome).toBeUndefined();
    await flow.write();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'interrupted', asks: false });
    device.replug();
    source.changed();
    await settle();
    expect(device.requests.filter((one) => one === 'DFU_DNLOAD 0')).toHaveLength(1);
    other.replug();
    source.changed();
    await settle();
    expect(other.flash.subarray(0, image.length)).toEqual(image);
  });

  test('the screen stays on as long as a job runs', async () => {
    const awake: string[] = [];
    const { flow } = setUp(
      {},
      {},
      {
        stayAwake: () => {
          awake.push('on');
          return () => awake.push('off');
        },
      },
    );
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(awake).toEqual(['on', 'off']);
  });

  test('after Cancel nothing goes on by itself', async () => {
    const { flow, device, source } = setUp({}, { goneAtBlock: 7 });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    flow.stop();
    expect(flow.state.outcome).toBeUndefined();
    device.replug();
    source.changed();
    await settle();
    expect(device.requests.filter((one) => one === 'DFU_DNLOAD 0')).toHaveLength(1);
  });

  test('a device that leaves at every attempt is not tried for ever', async () => {
    const { flow, device, source } = setUp();
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    device.misbehaviour = { goneAtBlock: 1 };
    await flow.write();
    for (let i = 0; i < 10; i++) {
      await settle();
      device.misbehaviour = { goneAtBlock: 1 };
      device.replug();
      source.changed();
    }
    await settle();
    expect(device.requests.filter((one) => one === 'DFU_DNLOAD 0').length).toBeLessThanOrEqual(6);
    expect(flow.state.job).toBeUndefined();
  });

  test('an image that may be too long is measured before anything is changed', async () => {
    const { flow, device } = setUp({ capacity: 56 * 1024, product: 'Gadget' });
    await flow.refresh();
    expect(flow.state.device?.placement).toBeUndefined();
    flow.chooseFile('app.bin', program(57 * 1024));
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The firmware does not fit' });
    expect(flow.state.outcome).toHaveProperty('cause', expect.stringContaining('room for 57344'));
    expect(device.requests.some((one) => one.startsWith('DFU_DNLOAD'))).toBe(false);
  });

  test('a long image that fits is written', async () => {
    const { flow, device } = setUp({ capacity: 120 * 1024 });
    await flow.refresh();
    const long = program(119 * 1024);
    flow.chooseFile('app.bin', long);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done' });
    expect(device.flash.subarray(0, long.length)).toEqual(long);
  });

  test('an image that cannot run sends nothing', async () => {
    const { flow, device } = setUp();
    await flow.refresh();
    flow.chooseFile('app.bin', program(4000, 0x08000000));
    await flow.write();
    expect(device.requests.some((one) => one.startsWith('DFU_DNLOAD'))).toBe(false);
  });

  test.each([
    ['errTARGET', /untouched/],
    ['errADDRESS', /smaller/],
    ['errVERIFY', /again/],
    ['errUNKNOWN', /Unplug/],
  ] as const)('%s says what to do next', async (status, next) => {
    const { flow } = setUp({}, { errorAtBlock: { block: 1, status } });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', next: expect.stringMatching(next) });
    expect(flow.state.outcome).toHaveProperty('cause', expect.stringContaining(status));
  });
});

test('saving gives a file without the erased rest', async () => {
  const content = program(3001);
  const { flow, saved } = setUp({ content });
  await flow.refresh();
  await flow.save();
  expect(saved).toHaveLength(1);
  expect(saved[0]!.name).toBe('0123456789ABCDEF01234567-application.bin');
  expect(saved[0]!.content.subarray(0, 3001)).toEqual(content);
  expect(saved[0]!.content.length).toBe(3004);
});

test('comparing says when the device holds something else', async () => {
  const { flow } = setUp({ content: program(20_000) });
  await flow.refresh();
  flow.chooseFile('app.bin', image);
  await flow.verify();
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'The board holds this firmware' });
  const changed = image.slice();
  changed[100]! ^= 1;
  flow.chooseFile('app.bin', changed);
  await flow.verify();
  expect(flow.state.outcome).toMatchObject({ kind: 'problem', cause: expect.stringContaining('byte 100') });
});

test('starting the application', async () => {
  const { flow, device } = setUp();
  await flow.refresh();
  await flow.start();
  expect(device.started).toBe(true);
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware started' });
});
