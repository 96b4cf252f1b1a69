// SPDX-License-Identifier: ISC
// The DFU session against a device that behaves, and against ones that do not.

import { describe, expect, test } from 'vitest';
import { readFacts } from '../../src/dfu/device.ts';
import { Cancelled, DfuProtocolError, DfuStatusError, VerifyError } from '../../src/dfu/errors.ts';
import { DfuSession } from '../../src/dfu/session.ts';
import type { Progress } from '../../src/dfu/session.ts';
import { UsbFault } from '../../src/usb/transport.ts';
import { FakeDevice } from '../fakes/fake-device.ts';
import type { FakeOptions, Misbehaviour } from '../fakes/fake-device.ts';
import { FakeClock, FakeTransport } from '../fakes/fake-transport.ts';
import { program } from '../fakes/images.ts';

async function open(options: FakeOptions = {}, misbehaviour: Misbehaviour = {}, signal?: AbortSignal) {
  const device = new FakeDevice(options);
  device.misbehaviour = misbehaviour;
  const transport = new FakeTransport(device);
  const clock = new FakeClock();
  await transport.open();
  const facts = await readFacts(transport);
  const target = facts.targets[0]!;
  await transport.select(1, 0, target.interface.alternate);
  const progress: (Progress & { at: number })[] = [];
  const session = new DfuSession(transport, target, {
    sleep: clock.sleep,
    progress: (one) => progress.push({ ...one, at: clock.time }),
    ...(signal ? { signal } : {}),
  });
  return { device, session, progress, clock };
}

const TOLERANT = 0x07;
const NEEDS_RESET = 0x03;

describe('writing', () => {
  test.each([8, 1023, 1024, 1025, 5000])('%i bytes arrive, and the device leaves', async (size) => {
    const { device, session } = await open();
    const image = program(Math.max(size, 64)).slice(0, size);
    expect(await session.write(image)).toBe('left');
    expect(device.flash.subarray(0, size)).toEqual(image);
    expect(device.started).toBe(true);
  });

  test('a manifestation tolerant device stays', async () => {
    const { session, device } = await open({ attributes: TOLERANT });
    expect(await session.write(program(3000))).toBe('stayed');
    expect(device.state).toBe('dfuIDLE');
  });

  test('a device that waits for a reset gets one', async () => {
    const { session, device } = await open({ attributes: NEEDS_RESET });
    expect(await session.write(program(3000))).toBe('left');
    expect(device.requests).toContain('reset');
  });

  test('a device that forgets to leave is reset', async () => {
    const { session, device } = await open({}, { doesNotLeave: true });
    expect(await session.write(program(3000))).toBe('left');
    expect(device.requests).toContain('reset');
  });

  test('blocks count on beyond 65535', async () => {
    const { session, device } = await open({ transferSize: 8, capacity: 600_000, pollTimeout: 0 });
    const image = program(8 * 65_540);
    expect(await session.write(image)).toBe('left');
    expect(device.flash.subarray(0, image.length)).toEqual(image);
    expect(device.requests).toContain('DFU_DNLOAD 65535');
  });

  test.each(['errTARGET', 'errADDRESS', 'errVERIFY', 'errERASE', 'errPROG', 'errWRITE'] as const)(
    '%s is reported with its place, and cleared',
    async (status) => {
      const { session, device } = await open({}, { errorAtBlock: { block: 2, status } });
      const failure = await session.write(program(5000)).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DfuStatusError);
      expect(failure).toMatchObject({ status, offset: 2048, operation: 'write' });
      expect(device.state).toBe('dfuIDLE');
    },
  );

  test('a stalled block is explained by its status', async () => {
    const { session } = await open({}, { stallAtBlock: 1 });
    await expect(session.write(program(5000))).rejects.toMatchObject({ status: 'errSTALLEDPKT', offset: 1024 });
  });

  test('a failed manifestation is a failure', async () => {
    const { session } = await open({}, { manifestStatus: 'errVERIFY' });
    await expect(session.write(program(2000))).rejects.toMatchObject({ status: 'errVERIFY', operation: 'finish' });
  });

  test('a cable pulled in the middle is a device that is gone', async () => {
    const { session } = await open({}, { goneAtBlock: 3 });
    const failure = await session.write(program(5000)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsbFault);
    expect(failure).toMatchObject({ kind: 'gone' });
  });

  test('a device that is busy for ever is given up', async () => {
    const { session, clock } = await open({}, { busyForEver: true });
    await expect(session.write(program(2000))).rejects.toBeInstanceOf(DfuProtocolError);
    expect(clock.time).toBeGreaterThan(30_000);
  });

  test('an answer that is too short is an error, not a crash', async () => {
    const { session } = await open({}, { shortStatus: 3 });
    await expect(session.write(program(2000))).rejects.toBeInstanceOf(DfuProtocolError);
  });

  test('stopping leaves the device idle', async () => {
    const stop = new AbortController();
    const { session, device, progress } = await open({}, {}, stop.signal);
    const writing = session.write(program(50_000));
    while (progress.length < 20) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await expect(writing).rejects.toBeInstanceOf(Cancelled);
    expect(device.state).toBe('dfuIDLE');
  });

  test.each(['dfuERROR', 'dfuDNLOAD-IDLE', 'dfuUPLOAD-IDLE'] as const)(
    'a device found in %s is made ready',
    async (state) => {
      const { session, device } = await open();
      device.state = state;
      expect(await session.write(program(2000))).toBe('left');
    },
  );
});

describe('progress', () => {
  test('moves while the flash is busy, never back, and never waits less than the device asks', async () => {
    const { session, progress, clock } = await open({ pollTimeout: 2000, attributes: TOLERANT });
    await session.write(program(4096));
    const moves = progress.filter((one) => one.operation === 'write');
    for (let i = 1; i < moves.length; i++) {
      expect(moves[i]!.done).toBeGreaterThanOrEqual(moves[i - 1]!.done);
      expect(moves[i]!.at - moves[i - 1]!.at).toBeLessThanOrEqual(100);
    }
    expect(moves.at(-1)).toMatchObject({ done: 4096, total: 4096 });
    expect(clock.time).toBeGreaterThanOrEqual(4 * 2000);
  });
});

describe('reading', () => {
  test.each([0, 1, 56 * 1024])('all of the flash comes back (%i bytes of content)', async (size) => {
    const content = program(Math.max(size, 64)).slice(0, size);
    const { session, device } = await open({ content });
    expect(await session.read()).toEqual(device.flash);
    expect(device.state).toBe('dfuIDLE');
  });

  test('a device that never ends is ended', async () => {
    const { session, device } = await open({}, { endlessUpload: true });
    expect((await session.read()).length).toBe(1024 * 1024);
    expect(device.state).toBe('dfuIDLE');
  });

  test('comparing reads no more than needed, and names the first difference', async () => {
    const image = program(5000);
    const { session, device } = await open({ content: image });
    await session.verify(image);
    expect(device.state).toBe('dfuIDLE');
    expect(device.requests.filter((one) => one.startsWith('DFU_UPLOAD'))).toHaveLength(5);
    device.flash[3333]! ^= 0x10;
    await expect(session.verify(image)).rejects.toMatchObject({ offset: 3333, expected: image[3333] });
  });

  test('flash that ends before the image does is a difference', async () => {
    const { session, device } = await open({ capacity: 2048, content: program(2048) });
    const failure = await session.verify(program(4096)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VerifyError);
    expect(failure).toMatchObject({ offset: 2048, found: undefined });
    expect(device.state).toBe('dfuIDLE');
  });
});

test('starting the application: DFU_DETACH, and the device is gone', async () => {
  const { session, device } = await open();
  expect(await session.start()).toBe('left');
  expect(device.started).toBe(true);
});
