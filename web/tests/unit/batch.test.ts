// SPDX-License-Identifier: ISC
// The batch: every board once, errors noted and passed, and nothing but bootloaders touched.

import { expect, test } from 'vitest';
import { Batch } from '../../src/app/batch.ts';
import type { BatchRow } from '../../src/app/batch.ts';
import { FakeDevice } from '../fakes/fake-device.ts';
import { setUpWith, settle } from '../fakes/flow.ts';
import { program } from '../fakes/images.ts';

const image = program(5000);

function setUp() {
  const rows: BatchRow[] = [];
  const held: { batch?: Batch } = {};
  const all = setUpWith([], {
    render: (state) => queueMicrotask(() => state === all.flow.state && held.batch?.look(state)),
  });
  const batch = new Batch(all.flow, { noted: (row) => rows.push(row), now: () => new Date(0) });
  held.batch = batch;
  const plug = async (device: FakeDevice): Promise<void> => {
    all.source.devices.push(device);
    all.source.changed();
    await settle();
  };
  return { ...all, batch, rows, plug };
}

test('each board that comes is written once; an error is noted, and the next one is written', async () => {
  const { flow, batch, rows, plug, source } = setUp();
  flow.chooseFile('app.bin', image);
  batch.begin();
  const boards = ['A', 'B', 'C'].map((serial) => new FakeDevice({ serial }));
  boards[1]!.misbehaviour = { errorAtBlock: { block: 2, status: 'errVERIFY' } };
  for (const board of boards) {
    await plug(board);
    board.leave();
    source.changed();
    await settle();
  }
  expect(rows.map((one) => [one.serial, one.good])).toEqual([
    ['A', true],
    ['B', false],
    ['C', true],
  ]);
  expect(boards[2]!.flash.subarray(0, image.length)).toEqual(image);
  // The one that is back with BOOT1 at 1 is not written again; the one that failed is.
  boards[0]!.replug();
  source.changed();
  await settle();
  expect(boards[0]!.requests.filter((one) => one === 'DFU_DNLOAD 0')).toHaveLength(1);
  boards[1]!.misbehaviour = {};
  boards[0]!.leave();
  boards[1]!.replug();
  source.changed();
  await settle();
  expect(rows.at(-1)).toMatchObject({ serial: 'B', good: true });
  expect(batch.good).toBe(3);
});

test('a board that stays in its bootloader is released, so that the next can come', async () => {
  const { flow, batch, rows, plug } = setUp();
  flow.chooseFile('app.bin', image);
  batch.begin();
  await plug(new FakeDevice({ serial: 'A', attributes: 0x07 }));
  await plug(new FakeDevice({ serial: 'B', attributes: 0x07 }));
  expect(rows.map((one) => one.serial)).toEqual(['A', 'B']);
});

test('an application, and a board while the batch is off, are left alone', async () => {
  const { flow, batch, rows, plug } = setUp();
  flow.chooseFile('app.bin', image);
  const early = new FakeDevice({ serial: 'early', attributes: 0x07 });
  await plug(early);
  expect(early.requests.some((one) => one.startsWith('DFU_DNLOAD'))).toBe(false);
  await flow.disconnect();
  batch.begin();
  const application = new FakeDevice({ serial: 'app', protocol: 1 });
  await plug(application);
  expect(application.requests).toEqual([]);
  batch.end();
  const late = new FakeDevice({ serial: 'late' });
  await plug(late);
  expect(rows).toEqual([]);
});

test('the list is CSV, with quotes where they are needed', async () => {
  const { flow, batch, plug } = setUp();
  flow.chooseFile('a, "b".bin', image);
  batch.begin();
  await plug(new FakeDevice({ serial: 'A' }));
  expect(batch.csv()).toBe(
    'time,serial,file,outcome,detail\r\n1970-01-01T00:00:00.000Z,A,"a, ""b"".bin",good,Firmware updated\r\n',
  );
});
