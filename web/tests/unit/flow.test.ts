// SPDX-License-Identifier: ISC
// The whole flow without a browser: what a person sees after what they or the bus did.

import { describe, expect, test } from 'vitest';
import { udevRule } from '../../src/app/explain.ts';
import type { FlowOptions } from '../../src/app/flow.ts';
import { FakeDevice } from '../fakes/fake-device.ts';
import type { FakeOptions, Misbehaviour } from '../fakes/fake-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';

function setUp(options: FakeOptions = {}, misbehaviour: Misbehaviour = {}, more: Partial<FlowOptions> = {}) {
  const device = new FakeDevice(options);
  device.misbehaviour = misbehaviour;
  return { device, ...setUpWith([device], more) };
}

const image = program(20_000);

describe('connecting', () => {
  test('a permitted device connects by itself and is shown', async () => {
    const { flow } = setUp();
    await flow.refresh();
    expect(flow.state.device?.facts).toMatchObject({ product: 'DAPBoot DFU Bootloader', manufacturer: 'Devanarchy' });
    expect(flow.state.device?.layout?.applicationBase).toBe(0x08002000);
  });

  test('plug and unplug are noticed', async () => {
    const { flow, device, source } = setUp();
    device.attached = false;
    await flow.refresh();
    expect(flow.state.device).toBeUndefined();
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.device).toBeDefined();
    device.leave();
    source.changed();
    await settle();
    expect(flow.state.device).toBeUndefined();
    expect(flow.state.outcome).toBeUndefined();
  });

  test('a device given free stays free until it is plugged in again', async () => {
    const { flow, device, source } = setUp();
    await flow.refresh();
    await flow.disconnect();
    source.changed();
    await settle();
    expect(flow.state.device).toBeUndefined();
    device.leave();
    source.changed();
    await settle();
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.device).toBeDefined();
  });

  test('access that comes late, as udev grants it, is waited for', async () => {
    const { flow, source } = setUp();
    source.openFaults = ['denied', 'denied'];
    await flow.refresh();
    expect(flow.state.device).toBeDefined();
    expect(flow.state.outcome).toBeUndefined();
  });

  test('access that never comes is explained with the udev rule to copy', async () => {
    const { flow, source } = setUp();
    source.openFaults = Array.from({ length: 20 }, () => 'denied' as const);
    await flow.refresh();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', copy: udevRule(0x1209, 0xdb42) });
    expect(udevRule()).toContain('ATTR{idVendor}=="1209", ATTR{idProduct}=="db42"');
    expect(flow.state.outcome).toHaveProperty('cause', expect.stringContaining('udev'));
  });

  test('a device held by another program is explained', async () => {
    const { flow, source } = setUp();
    source.claimFault = 'busy';
    await flow.refresh();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The device is in use' });
  });

  test('DfuSe is answered with a plain sentence', async () => {
    const { flow, device } = setUp({ dfuVersion: 0x011a });
    await flow.refresh();
    expect(flow.state.device).toBeUndefined();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'This is a DfuSe device' });
    expect(device.requests.some((one) => one.startsWith('DFU_'))).toBe(false);
  });

  test('a device without a DFU interface is told how to become one', async () => {
    const { flow } = setUp({ interfaceClass: 0xff });
    await flow.refresh();
    expect(flow.state.outcome).toMatchObject({ title: 'This device is not in bootloader mode' });
  });

  test.each([
    ['DAPBoot DFU Bootloader', [0], 0],
    ['DAPBoot DFU Bootloader', [2], 2],
    ['DAPBoot DFU Bootloader', [0, 1, 2], 2],
    ['Another device', [0, 1, 2], 0],
  ])('%s with alternate settings %j: SET_INTERFACE %i comes before the first block', async (product, alternates, first) => {
    const { flow, device } = setUp({ alternates, product }, { needsSetInterface: true });
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done' });
    expect(device.requests.filter((one) => one.startsWith('standard 11'))).toEqual([`standard 11 ${first} 0`]);
  });

  test('another alternate setting can be chosen', async () => {
    const { flow, device } = setUp({ alternates: [0, 1], product: 'Another device' });
    await flow.refresh();
    await flow.useTarget(flow.state.device!.facts.targets[1]!);
    expect(flow.state.device?.target.interface.alternate).toBe(1);
    expect(device.requests.at(-1)).toBe('standard 11 1 0');
  });

  test('an application with a DFU interface is asked for its bootloader, which then connects', async () => {
    const { flow, device, source } = setUp({ protocol: 1, product: 'My device' });
    await flow.refresh();
    expect(flow.state.outcome).toMatchObject({ title: 'The device changes into its bootloader' });
    expect(device.started).toBe(true);
    const bootloader = new FakeDevice();
    source.devices.push(bootloader);
    source.changed();
    await settle();
    expect(flow.state.device?.facts.product).toBe('DAPBoot DFU Bootloader');
    expect(flow.state.outcome).toBeUndefined();
  });

  test('a browser without WebUSB leaves devices alone', async () => {
    const unsupported = { title: 'no', cause: 'no', next: 'no' };
    const { flow } = setUp({}, {}, { unsupported });
    await flow.refresh();
    expect(flow.state.device).toBeUndefined();
  });
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
    expect(flow.state.outcome).toMatchObject({ title: 'Firmware updated and compared' });
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

  test('after Stop nothing goes on by itself', async () => {
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
    const { flow, device } = setUp({ capacity: 56 * 1024 });
    await flow.refresh();
    flow.chooseFile('app.bin', program(57 * 1024));
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The firmware does not fit' });
    expect(flow.state.device?.capacity).toBe(56 * 1024);
    expect(flow.state.verdict?.kind).toBe('refused');
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
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'The device holds this firmware' });
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
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Application started' });
});
