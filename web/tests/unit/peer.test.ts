// SPDX-License-Identifier: ISC
// The fake device, and the WebUSB transport, against another implementation: the npm package "dfu" must be able to
// use the fake as a device, or the fake proves nothing; and both must agree on what it is.

import { describe, expect, test, vi } from 'vitest';
import { WebDFU } from 'dfu';
import { readFacts } from '../../src/dfu/device.ts';
import { DfuSession } from '../../src/dfu/session.ts';
import { WebUsbSource, faultOf } from '../../src/usb/web-usb.ts';
import { FakeUsb } from '../fakes/fake-usb.ts';
import type { FakeUsbOptions } from '../fakes/fake-usb.ts';
import { program } from '../fakes/images.ts';

const silent = { info: () => undefined, warning: () => undefined, progress: () => undefined };
const fake = (options: FakeUsbOptions = {}) => new FakeUsb({ permitted: true, ...options });
const asUsb = (usb: FakeUsb): USB => usb as unknown as USB;

async function peer(usb: FakeUsb): Promise<WebDFU> {
  const [device] = await usb.getDevices();
  const dfu = new WebDFU(device as unknown as USBDevice, {}, silent);
  await dfu.init();
  await dfu.connect(0);
  return dfu;
}

describe('another implementation', () => {
  test('reads the same facts from the fake', async () => {
    const dfu = await peer(fake());
    expect(dfu.properties).toMatchObject({
      CanDownload: true,
      CanUpload: true,
      WillDetach: true,
      ManifestationTolerant: false,
      TransferSize: 1024,
      DFUVersion: 0x0110,
    });
  });

  test('writes to the fake what this page then reads', async () => {
    const usb = fake({ device: { attributes: 0x07, pollTimeout: 1 } });
    const image = program(5000);
    const dfu = await peer(usb);
    const writing = dfu.write(1024, image.slice().buffer, true);
    await new Promise<void>((resolve, reject) => {
      writing.events.on('end', resolve);
      writing.events.on('error', reject);
    });
    await dfu.close().catch(() => undefined);
    expect(usb.device.flash.subarray(0, image.length)).toEqual(image);

    const [handle] = await new WebUsbSource(asUsb(usb)).list();
    const transport = handle!.connect();
    await transport.open();
    const facts = await readFacts(transport);
    await transport.select(1, 0, 0);
    await new DfuSession(transport, facts.targets[0]!).verify(image);
    await transport.close();
  });

  test('reads from the fake what this page wrote', async () => {
    const usb = fake({ device: { attributes: 0x07, pollTimeout: 1, capacity: 8192 } });
    const image = program(3000);
    const [handle] = await new WebUsbSource(asUsb(usb)).list();
    const transport = handle!.connect();
    await transport.open();
    const facts = await readFacts(transport);
    await transport.select(1, 0, 0);
    expect(await new DfuSession(transport, facts.targets[0]!).write(image)).toBe('stayed');
    await transport.close();

    const dfu = await peer(usb);
    const reading = dfu.read(1024, 8192);
    const blob = await new Promise<Blob>((resolve, reject) => {
      reading.events.on('end', resolve);
      reading.events.on('error', reject);
    });
    expect(new Uint8Array(await blob.arrayBuffer()).subarray(0, image.length)).toEqual(image);
  });
});

describe('the WebUSB transport', () => {
  test.each([
    ['SecurityError', 'Access denied.', 'opening the device', 'denied'],
    ['NetworkError', 'Access denied.', 'opening the device', 'denied'],
    ['NetworkError', 'Unable to claim interface.', 'claiming the interface', 'busy'],
    ['NotFoundError', 'The device was disconnected.', 'x', 'gone'],
    ['InvalidStateError', 'An operation that changes the device state is in progress.', 'x', 'busy'],
    ['NetworkError', 'A transfer error has occurred.', 'x', 'failed'],
  ])('%s "%s" while %s is %s', (name, message, action, kind) => {
    expect(faultOf(new DOMException(message, name), action).kind).toBe(kind);
  });

  test('a device that leaves during a transfer is gone, whatever the browser calls it', async () => {
    const usb = fake({ misbehaviour: { goneAtBlock: 1 } });
    const [handle] = await new WebUsbSource(asUsb(usb)).list();
    const transport = handle!.connect();
    await transport.open();
    const facts = await readFacts(transport);
    await transport.select(1, 0, 0);
    const session = new DfuSession(transport, facts.targets[0]!);
    await expect(session.write(program(5000))).rejects.toMatchObject({ kind: 'gone' });
  });

  test('alternate setting 0 alone is not set, which some devices refuse; 2 is, and so is 0 among several', async () => {
    for (const [alternates, expected] of [
      [[0], []],
      [[2], ['standard 11 2 0']],
      [[0, 1], ['standard 11 0 0']],
    ] as const) {
      const usb = fake({ device: { alternates: [...alternates] } });
      const [handle] = await new WebUsbSource(asUsb(usb)).list();
      const transport = handle!.connect();
      await transport.open();
      await transport.select(1, 0, alternates[0]);
      expect(usb.device.requests.filter((one) => one.startsWith('standard 11'))).toEqual(expected);
    }
  });

  test.each([
    ['dapboot, by its ids', {}, true],
    ['dapboot, whatever its interface says', { interfaceClass: 0xff }, true],
    ['any device in DFU mode', { vendorId: 0x1234, productId: 1 }, true],
    ['an application that can enter DFU mode', { vendorId: 0x1234, productId: 1, protocol: 1 }, true],
    ['a keyboard', { vendorId: 0x1234, productId: 1, interfaceClass: 3, protocol: 1 }, false],
    ['another device of the same vendor', { productId: 1, interfaceClass: 0xff }, false],
  ])('the chooser shows %s: %j %s', async (_what, device, shown) => {
    const handle = await new WebUsbSource(asUsb(new FakeUsb({ device }))).request();
    expect(handle !== undefined).toBe(shown);
  });

  test('a permitted device is remembered, one that speaks no DFU is left out', async () => {
    expect(await new WebUsbSource(asUsb(fake())).list()).toHaveLength(1);
    expect(await new WebUsbSource(asUsb(fake({ permitted: false }))).list()).toHaveLength(0);
    const keyboard = { vendorId: 0x1234, productId: 1, interfaceClass: 3 };
    expect(await new WebUsbSource(asUsb(fake({ device: keyboard }))).list()).toHaveLength(0);
  });

  test('a device that is there and never answers is given up after ten seconds', async () => {
    const usb = fake();
    const transport = (await new WebUsbSource(asUsb(usb)).list())[0]!.connect();
    await transport.open();
    const [device] = await usb.getDevices();
    device!.controlTransferIn = () => new Promise(() => undefined);
    vi.useFakeTimers();
    try {
      const setup = { type: 'class', recipient: 'interface', request: 3, value: 0, index: 0 } as const;
      const asking = transport.controlIn(setup, 6).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(9_900);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(200);
      expect(await asking).toMatchObject({ kind: 'timeout' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('a transfer that fails 295 ms before the browser tells that the device is gone is a device that is gone', async () => {
    const usb = fake();
    const [handle] = await new WebUsbSource(asUsb(usb)).list();
    const transport = handle!.connect();
    await transport.open();
    await transport.select(1, 0, 0);
    usb.unplug();
    const began = Date.now();
    const asking = { type: 'class', recipient: 'interface', request: 3, value: 0, index: 0 } as const;
    await expect(transport.controlIn(asking, 6)).rejects.toMatchObject({ kind: 'gone' });
    expect(Date.now() - began).toBeGreaterThan(200);
  });

  test('a person who is asked by the system at open() may take more than ten seconds', async () => {
    vi.useFakeTimers();
    try {
      const usb = fake();
      const [device] = await usb.getDevices();
      let permit: () => void = () => undefined;
      const open = device!.open.bind(device);
      device!.open = () => new Promise<void>((resolve) => (permit = resolve)).then(open);
      const [handle] = await new WebUsbSource(asUsb(usb)).list();
      const opening = handle!.connect().open();
      await vi.advanceTimersByTimeAsync(60_000);
      permit();
      await opening;
    } finally {
      vi.useRealTimers();
    }
  });

  test('what a device is shows before it is opened', async () => {
    for (const [device, mode] of [
      [{}, 'bootloader'],
      [{ protocol: 1 }, 'application'],
      [{ interfaceClass: 0xff }, 'other'],
    ] as const) {
      expect((await new WebUsbSource(asUsb(fake({ device }))).list())[0]?.mode).toBe(mode);
    }
  });

  test('a page without permission for USB gets a fault of its own', async () => {
    const source = new WebUsbSource(asUsb(fake({ forbidden: true })));
    await expect(source.list()).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(source.request()).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('plugging in and out is told', async () => {
    const usb = fake();
    const source = new WebUsbSource(asUsb(usb));
    let changes = 0;
    source.watch(() => changes++);
    usb.unplug();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await source.list()).toHaveLength(0);
    usb.plug();
    expect(await source.list()).toHaveLength(1);
    expect(changes).toBe(2);
  });
});
