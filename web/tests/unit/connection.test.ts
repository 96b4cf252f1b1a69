// SPDX-License-Identifier: ISC
// The connection policy as a table: in this phase, after this event, that phase and these effects.

import { describe, expect, test } from 'vitest';
import { RESUME_LIMIT, initialConnection, step } from '../../src/app/connection.ts';
import type { Connection, Event, Phase } from '../../src/app/connection.ts';
import type { DeviceHandle } from '../../src/usb/transport.ts';

const handle = (serial: string, more: Partial<DeviceHandle> = {}): DeviceHandle => ({
  kind: 'usb',
  vendorId: 0x1209,
  productId: 0xdb42,
  product: 'DAPBoot',
  serial,
  mode: 'bootloader',
  attachment: {},
  connect: () => {
    throw new Error('the policy opens nothing itself');
  },
  ...more,
});

const A = handle('A');
const A2 = handle('A'); // plugged in again
const B = handle('B');
const nameless = handle('');
const nameless2 = handle('');
const application = handle('A', { mode: 'application' });
const application2 = handle('A', { mode: 'application' });
const strange = handle('C', { mode: 'application', vendorId: 0x4242 });
const table = {};
const unread = handle('V', { kind: 'virtual', board: table, mode: undefined as never });

const opening = (
  one: DeviceHandle,
  purpose: 'use' | 'resume' | 'returned' | 'detach',
  byClick = false,
  resumes = RESUME_LIMIT,
): Phase => ({
  at: 'opening',
  handle: one,
  purpose,
  byClick,
  resumes,
});
const connected = (one: DeviceHandle, resumes = RESUME_LIMIT): Phase => ({ at: 'connected', handle: one, resumes });
const working = (one: DeviceHandle, writes = true, gone = false, resumes = RESUME_LIMIT): Phase => ({
  at: 'working',
  handle: one,
  writes,
  resumes,
  gone,
});
const cut = (one: DeviceHandle, resumes = 4): Phase => ({ at: 'cut', handle: one, resumes });
const started = (one: DeviceHandle): Phase => ({ at: 'started', handle: one });
const switching = (one: DeviceHandle): Phase => ({ at: 'switching', handle: one });
const idle: Phase = { at: 'idle' };

const present = (...handles: DeviceHandle[]): Event => ({ is: 'present', handles });
const chosen = (one: DeviceHandle): Event => ({ is: 'chosen', handle: one });
const ended = (how: 'stayed' | 'started' | 'failed' | 'cut'): Event => ({ is: 'job-ended', how });

/** Effects in short: `open` for a patient one, `open!` for one that a click wants, `detach`, `say cut`. */
function short(effects: ReturnType<typeof step>['effects']): string {
  return effects
    .map((one) => {
      if (one.do === 'open') return one.detach ? 'detach' : one.patient ? 'open' : 'open!';
      return one.do === 'say' ? `say ${one.what}` : one.do;
    })
    .join(', ');
}

type Row = readonly [string, Phase, Event, Phase, string];
const rows: readonly Row[] = [
  ['nothing is there', idle, present(), idle, ''],
  ['a permitted bootloader connects by itself', idle, present(B), opening(B, 'use'), 'open'],
  ['an application does not', idle, present(application), idle, ''],
  ['an application of another maker does not', idle, present(strange), idle, ''],
  ['a click connects', idle, chosen(B), opening(B, 'use', true), 'open!'],
  ['a click asks an application to leave', idle, chosen(application), opening(application, 'detach', true), 'detach'],

  ['opened', opening(A, 'use'), { is: 'opened' }, connected(A), ''],
  ['opened to go on', opening(A2, 'resume', false, 3), { is: 'opened' }, connected(A2, 3), 'resume'],
  ['opened because it came back at once', opening(A2, 'returned'), { is: 'opened' }, connected(A2), 'say returned'],
  ['an application that shows only now, unasked', opening(unread, 'use'), { is: 'is-application' }, idle, ''],
  [
    'an application that shows only now, by click',
    opening(unread, 'use', true),
    { is: 'is-application' },
    opening(unread, 'detach', true),
    'detach',
  ],
  [
    'the application takes it',
    opening(application, 'detach', true),
    { is: 'detached' },
    switching(application),
    'say switching, wait',
  ],
  ['refused', opening(A, 'use'), { is: 'refused' }, idle, ''],
  ['gone while opening', opening(A, 'use'), { is: 'vanished' }, idle, ''],
  ['gone while opening to go on', opening(A2, 'resume', false, 3), { is: 'vanished' }, cut(A2, 3), ''],
  ['others come while opening', opening(A, 'use'), present(A, B), opening(A, 'use'), ''],
  ['another is chosen while opening', opening(A, 'use'), chosen(B), opening(B, 'use', true), 'open!'],

  ['the cable comes out at rest', connected(A), { is: 'left' }, idle, ''],
  ['released', connected(A), { is: 'released' }, idle, 'close'],
  ['another is chosen', connected(A), chosen(B), opening(B, 'use', true), 'close, open!'],
  ['a job begins', connected(A), { is: 'job', writes: true }, working(A), ''],
  ['no job without a device', idle, { is: 'job', writes: true }, idle, ''],

  ['it leaves during a job: the job will say', working(A), { is: 'left' }, working(A, true, true), ''],
  ['nothing is opened during a job', working(A), present(A, B), working(A), ''],
  ['nothing is released during a job', working(A), { is: 'released' }, working(A), ''],
  ['nothing else is chosen during a job', working(A), chosen(B), working(A), ''],
  ['it stays after the job', working(A), ended('stayed'), connected(A), ''],
  ['it left after the job', working(A, true, true), ended('stayed'), idle, ''],
  ['it started its application', working(A, true, true), ended('started'), started(A), 'wait'],
  ['a write is cut off', working(A, true, true), ended('cut'), cut(A), 'say cut'],
  ['a write is cut off too often', working(A, true, true, 0), ended('cut'), idle, ''],
  ['a reading is cut off', working(A, false, true), ended('cut'), idle, ''],
  ['a job fails, the device stays', working(A), ended('failed'), connected(A), ''],

  ['the same plug-in is still listed', started(A), present(A), started(A), ''],
  ['back at once: BOOT1', started(A), present(A2), opening(A2, 'returned'), 'open'],
  ['the new application shows up', started(A), present(application), started(A), ''],
  ['another board is plugged in', started(A), present(B), opening(B, 'use'), 'open'],
  ['it stays away', started(A), { is: 'late' }, idle, ''],

  ['the same plug-in is still listed after a cut', cut(A), present(A), cut(A), ''],
  ['the board is back', cut(A), present(A2), opening(A2, 'resume', false, 4), 'open'],
  ['another board comes', cut(A), present(B), cut(A), ''],
  ['another board is chosen', cut(A), chosen(B), opening(B, 'use', true), 'take-back, open!'],
  ['the board itself is chosen', cut(A), chosen(A2), opening(A2, 'resume', true, 4), 'open!'],
  [
    'a board that may be another',
    cut(nameless),
    present(nameless2),
    opening(nameless2, 'use', false, 4),
    'say perhaps-same, open',
  ],
  ['given up', cut(A), { is: 'given-up' }, idle, 'take-back'],

  ['the bootloader appears', switching(application), present(A), opening(A, 'use', true), 'open!'],
  ['the application comes back', switching(application), present(application2), idle, 'say still-application'],
  ['the application is still listed', switching(application), present(application), switching(application), ''],
  ['somebody else appears', switching(application), present(strange), switching(application), ''],
  ['nobody appears', switching(application), { is: 'late' }, idle, 'say not-switched'],
];

test.each(rows)('%s', (_what, phase, event, next, effects) => {
  const taken = step({ ...initialConnection, phase }, event);
  expect(taken.next.phase).toEqual(next);
  expect(short(taken.effects)).toBe(effects);
});

/** Runs events one after the other. */
function run(first: Connection, ...events: Event[]): Connection {
  return events.reduce((now, event) => step(now, event).next, first);
}

describe('who is left alone', () => {
  test('a released board, until it is plugged in again', () => {
    const free = run({ ...initialConnection, phase: connected(A) }, { is: 'released' }, present(A));
    expect(free.phase).toEqual(idle);
    expect(run(free, present(), present(A2)).phase).toMatchObject({ at: 'opening', handle: A2 });
  });

  test('a released board, until it is chosen', () => {
    expect(run({ ...initialConnection, phase: connected(A) }, { is: 'released' }, chosen(A)).phase.at).toBe('opening');
  });

  test('a refused board, and the one that another was preferred to', () => {
    expect(run(initialConnection, present(A), { is: 'refused' }, present(A)).phase).toEqual(idle);
    const preferred = run({ ...initialConnection, phase: connected(A) }, chosen(B), { is: 'refused' }, present(A, B));
    expect(preferred.phase).toEqual(idle);
  });

  test('everything over USB while a virtual board lies on the table, and the other way round', () => {
    const onTable = run(initialConnection, { is: 'table', table }, present(A, unread));
    expect(onTable.phase).toMatchObject({ at: 'opening', handle: unread });
    expect(run(initialConnection, present(unread)).phase).toEqual(idle);
    expect(
      run({ ...onTable, phase: connected(unread) }, { is: 'table', table: undefined }, present(A)).phase,
    ).toMatchObject({ handle: A });
  });
});

test('an application is never sent anything without a click, in whatever phase it appears', () => {
  const phases = [idle, opening(A, 'use'), connected(A), working(A), started(A), cut(A), switching(strange)];
  for (const phase of phases) {
    for (const one of [application, application2, strange]) {
      const { effects } = step({ ...initialConnection, phase }, present(one));
      expect(effects.filter((effect) => effect.do === 'open')).toEqual([]);
    }
  }
});

test('a write that loses its board at every attempt ends', () => {
  let now: Connection = { ...initialConnection, phase: connected(A) };
  let resumed = 0;
  for (let i = 0; i < 20 && now.phase.at !== 'idle'; i++) {
    now = run(now, { is: 'job', writes: true }, { is: 'left' }, ended('cut'));
    if (now.phase.at !== 'cut') break;
    now = run(now, present(handle('A')), { is: 'opened' });
    resumed++;
  }
  expect(resumed).toBe(RESUME_LIMIT);
});
