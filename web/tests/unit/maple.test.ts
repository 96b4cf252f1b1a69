// SPDX-License-Identifier: ISC
// STM32duino's bootloader, from first connection to started application, and what its shared serial number must not do.

import { describe, expect, test } from 'vitest';
import { sameBoard } from '../../src/usb/transport.ts';
import { WebUsbSource } from '../../src/usb/web-usb.ts';
import { Batch } from '../../src/app/batch.ts';
import { RETURN_MS } from '../../src/app/connection.ts';
import { FakeUsb } from '../fakes/fake-usb.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';
import { MapleDevice } from '../fakes/maple-device.ts';

const image = program(20_500);

describe.each([
  [2, 0x08002000, 0],
  [1, 0x08005000, 0x3000],
])('alternate setting %i', (alternate, base, offset) => {
  async function connected() {
    const device = new MapleDevice();
    const made = setUpWith([device]);
    await made.flow.refresh();
    const { targets } = made.flow.state.device!.facts;
    await made.flow.useTarget(targets.find((one) => one.interface.alternate === alternate)!);
    return { ...made, device };
  }

  test('takes an update for its base, and starts it by a reset', async () => {
    const { device, flow, clock } = await connected();
    expect(flow.state.device?.placement?.base).toBe(base);
    const fitting = program(20_500, base);
    flow.chooseFile('app.bin', fitting);
    expect(flow.state.verdict?.kind).toBe('good');
    const began = clock.now();
    await flow.write();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
    expect(device.flash.subarray(offset, offset + fitting.length)).toEqual(fitting);
    expect(device.started).toBe(true);
    // It said that it does not leave by itself, and is not waited for.
    expect(clock.now() - began).toBeLessThan(2000);
  });

  test('is backed up to its end, where it stalls, and compared', async () => {
    const { device, flow, saved } = await connected();
    device.flash.set(image, offset);
    await flow.save();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Backup saved' });
    expect(saved[0]?.content).toEqual(image);
    flow.chooseFile('app.bin', program(20_500, base));
    device.flash.set(program(20_500, base), offset);
    await flow.verify();
    expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'The board holds this firmware' });
  });
});

test('its RAM, chosen by hand, refuses in words, and is ready again', async () => {
  const { flow } = setUpWith([new MapleDevice()]);
  await flow.refresh();
  await flow.useTarget(flow.state.device!.facts.targets[0]!);
  flow.chooseFile('app.bin', image);
  await flow.write();
  expect(flow.state.outcome).toMatchObject({ kind: 'problem', title: 'The board refused the firmware' });
  await flow.useTarget(flow.state.device!.facts.targets[2]!);
  await flow.write();
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
});

test('after its reset it is there for a moment, as a bootloader: nothing is asked of it, and no jumper is blamed', async () => {
  const device = new MapleDevice();
  const { flow, source } = setUpWith([device]);
  await flow.refresh();
  flow.chooseFile('app.bin', image);
  await flow.write();
  device.requests.length = 0;
  device.replug();
  source.changed();
  await settle();
  device.leave();
  source.changed();
  await settle();
  expect(device.requests.filter((one) => one.startsWith('DFU_'))).toEqual([]);
  expect(flow.state.outcome).toMatchObject({ kind: 'done', title: 'Firmware updated' });
  expect(flow.state.outcome).not.toHaveProperty('returned');
});

describe('the serial number that all of them have is none', () => {
  test('for the browser', async () => {
    const usb = new FakeUsb({ permitted: true, device: new MapleDevice().options });
    const [handle] = await new WebUsbSource(usb as unknown as USB).list();
    expect(handle?.serial).toBe('');
    expect(sameBoard(handle!, { ...handle!, attachment: {} })).toBe('perhaps');
  });

  test('after a cut, another board is not written to without a click', async () => {
    const device = new MapleDevice();
    const another = new MapleDevice();
    const { flow, source } = setUpWith([device]);
    await flow.refresh();
    flow.chooseFile('app.bin', image);
    const written = flow.write();
    while (device.requests.filter((one) => one.startsWith('DFU_DNLOAD')).length < 9) await Promise.resolve();
    device.leave();
    await written;
    source.devices.push(another);
    source.changed();
    await settle();
    expect(flow.state.outcome).toMatchObject({ kind: 'interrupted', asks: true });
    expect(another.requests.filter((one) => one.startsWith('DFU_DNLOAD'))).toEqual([]);
  });

  test('in a batch, each of them is written', async () => {
    const boards = [new MapleDevice(), new MapleDevice()];
    const { flow, source, clock } = setUpWith([boards[0]!], {
      render: (state) => queueMicrotask(() => batch.look(state)),
    });
    const batch = new Batch(flow, { noted: () => undefined });
    flow.chooseFile('app.bin', image);
    await flow.refresh();
    batch.begin();
    await settle();
    source.devices.push(boards[1]!);
    clock.pass(RETURN_MS + 1);
    source.changed();
    await settle();
    expect(boards.map((one) => one.started)).toEqual([true, true]);
    expect(batch.rows.map(({ good, serial }) => [good, serial])).toEqual([
      [true, ''],
      [true, ''],
    ]);
  });
});
