// SPDX-License-Identifier: ISC
// Connecting, without a browser: who is connected when, and what is said where nobody can be.

import { describe, expect, test } from 'vitest';
import { udevRule } from '../../src/app/explain.ts';
import type { FlowOptions } from '../../src/app/flow.ts';
import { UsbFault } from '../../src/usb/transport.ts';
import { RETURN_MS } from '../../src/app/connection.ts';
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
    expect(flow.state.device?.placement?.base).toBe(0x08002000);
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

  test('a released device is left alone until it is plugged in again', async () => {
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
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The board is in use' });
  });

  test('DfuSe is answered with a plain sentence', async () => {
    const { flow, device } = setUp({ dfuVersion: 0x011a });
    await flow.refresh();
    expect(flow.state.device).toBeUndefined();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'This is a DfuSe device' });
    expect(device.requests.some((one) => one.startsWith('DFU_'))).toBe(false);
  });

  test('a device without a DFU interface is told how to become one', async () => {
    const { flow, device, source } = setUp({ interfaceClass: 0xff });
    await flow.choose(source.handle(device));
    expect(flow.state.outcome).toMatchObject({ title: 'This board is not in bootloader mode' });
  });

  test.each([
    ['DAPBoot DFU Bootloader', [0], 0],
    ['DAPBoot DFU Bootloader', [2], 2],
    ['DAPBoot DFU Bootloader', [0, 1, 2], 2],
    ['Another device', [0, 1, 2], 0],
  ])(
    '%s with alternate settings %j: SET_INTERFACE %i comes before the first block',
    async (product, alternates, first) => {
      const { flow, device } = setUp({ alternates, product }, { needsSetInterface: true });
      await flow.refresh();
      flow.chooseFile('app.bin', image);
      await flow.write();
      expect(flow.state.outcome).toMatchObject({ kind: 'done' });
      expect(device.requests.filter((one) => one.startsWith('standard 11'))).toEqual([`standard 11 ${first} 0`]);
    },
  );

  test('another alternate setting can be chosen', async () => {
    const { flow, device } = setUp({ alternates: [0, 1], product: 'Another device' });
    await flow.refresh();
    await flow.useTarget(flow.state.device!.facts.targets[1]!);
    expect(flow.state.device?.target.interface.alternate).toBe(1);
    expect(device.requests.at(-1)).toBe('standard 11 1 0');
  });

  test('an application with a DFU interface is asked for its bootloader by a click, and never by itself', async () => {
    const { flow, device, source } = setUp({ protocol: 1, product: 'My device' });
    await flow.refresh();
    source.changed();
    await settle();
    expect(device.requests).toEqual([]);
    expect(flow.state.available).toHaveLength(1);

    await flow.choose(source.handle(device));
    expect(flow.state.outcome).toMatchObject({ kind: 'note', title: 'The board changes to bootloader mode' });
    expect(device.started).toBe(true);
    const bootloader = new FakeDevice();
    source.devices.push(bootloader);
    source.changed();
    await settle();
    expect(flow.state.device?.facts.product).toBe('DAPBoot DFU Bootloader');
    expect(flow.state.outcome).toBeUndefined();
  });

  test('an application that comes back as itself, and one whose bootloader does not appear, are told', async () => {
    const { flow, device, source, clock } = setUp({ protocol: 1, product: 'My device' });
    await flow.choose(source.handle(device));
    clock.pass(60_000);
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The bootloader did not appear' });
    device.replug();
    await flow.choose(source.handle(device));
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The firmware keeps its board' });
    expect(device.requests.filter((one) => one.startsWith('DFU_DETACH'))).toHaveLength(2);
  });

  test('a new application with a DFU interface is left alone after its update, and success stays on the page', async () => {
    const { flow, source } = setUp();
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    const application = new FakeDevice({ protocol: 1, product: 'My device' });
    source.devices.push(application);
    source.changed();
    await settle();
    expect(application.requests).toEqual([]);
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
  });

  test('BOOT1 still at 1: a bootloader that is back at once is success with a word on the jumper', async () => {
    const { flow, device, source } = setUp();
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({
      kind: 'done',
      returned: { next: expect.stringMatching(/BOOT1 .*to 0/) as string },
    });
    expect(flow.state.device).toBeDefined();
  });

  test('a bootloader that is there again later has been called by a person', async () => {
    const { flow, device, source, clock } = setUp();
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    await flow.write();
    await settle();
    clock.pass(RETURN_MS + 1);
    device.replug();
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', written: true });
    expect(flow.state.outcome).not.toHaveProperty('returned');
  });

  test('a page that may not use USB says so, and not that a udev rule is missing', async () => {
    const { flow, source } = setUp();
    source.refusal = new UsbFault('forbidden', 'asking for devices');
    await flow.refresh();
    expect(flow.state.unsupported).toMatchObject({ next: expect.stringContaining('allow="usb') as string });
  });

  test('one board of two is chosen while the other is connected, and stays the one', async () => {
    const { flow, source } = setUp();
    await flow.refresh();
    const other = new FakeDevice({ serial: 'other' });
    source.devices.push(other);
    await flow.choose(source.handle(other));
    source.changed();
    await settle();
    expect(flow.state.device?.facts.serial).toBe('other');
  });

  test('a board that is forgotten is released first', async () => {
    const { flow, device, source } = setUp();
    await flow.refresh();
    await flow.forget();
    expect(source.forgotten).toEqual([device]);
    expect(flow.state.device).toBeUndefined();
  });

  test("STM32duino's bootloader: not its RAM, and the base that the alternate setting names", async () => {
    const name = 'STM32duino bootloader v1.0  Upload to Flash 0x800';
    const { flow, device } = setUp({
      vendorId: 0x1eaf,
      productId: 3,
      product: 'Maple 003',
      alternates: [0, 1, 2],
      alternateNames: ['STM32duino bootloader v1.0  ERROR. Upload to RAM not supported.', `${name}5000`, `${name}2000`],
    });
    await flow.refresh();
    expect(flow.state.device?.target.interface.alternate).toBe(2);
    expect(flow.state.device?.placement).toEqual({ base: 0x08002000, from: 'named' });
    flow.chooseFile('app.bin', program(20_000, 0x08005000));
    expect(flow.state.verdict).toMatchObject({
      kind: 'refused',
      text: expect.stringContaining('0x08005000') as string,
    });
    await flow.useTarget(flow.state.device!.facts.targets[1]!);
    expect(flow.state.verdict?.kind).toBe('good');
    expect(device.requests.some((one) => one.startsWith('DFU_'))).toBe(false);
  });

  test('a browser without WebUSB leaves devices alone', async () => {
    const unsupported = { title: 'no', cause: 'no', next: 'no' };
    const { flow } = setUp({}, {}, { unsupported });
    await flow.refresh();
    expect(flow.state.device).toBeUndefined();
  });
});
