// SPDX-License-Identifier: ISC
// The policy of connecting, as a state machine: which device is opened when, who may be sent what, and what a device
// that leaves or comes back means. Pure: an event and the present state give the next state and what is to be done.
// web/README.md draws it; tests/unit/connection.test.ts is its table.
//
// Two rules stand above all: an application is asked to leave for its bootloader only by a click, and a write goes on
// by itself only on the very board that it was cut off on.

import { sameBoard } from '../usb/transport.ts';
import type { DeviceHandle } from '../usb/transport.ts';

export type Phase =
  /** Nobody is connected; permitted devices in their bootloader connect by themselves. */
  | { readonly at: 'idle' }
  | {
      readonly at: 'opening';
      readonly handle: DeviceHandle;
      readonly byClick: boolean;
      /** Why it is opened: to be used, to go on with a write, because it came back at once, to be asked to detach. */
      readonly purpose: 'use' | 'resume' | 'returned' | 'detach';
      readonly resumes: number;
    }
  | { readonly at: 'connected'; readonly handle: DeviceHandle; readonly resumes: number }
  | {
      readonly at: 'working';
      readonly handle: DeviceHandle;
      readonly writes: boolean;
      readonly resumes: number;
      /** It left the bus; the job will say what that means. */
      readonly gone: boolean;
    }
  /** It left its bootloader to start the application, moments ago. */
  | { readonly at: 'started'; readonly handle: DeviceHandle }
  /** An application was asked for its bootloader, which is awaited. */
  | { readonly at: 'switching'; readonly handle: DeviceHandle }
  /** A write was cut off; its board is awaited. */
  | { readonly at: 'cut'; readonly handle: DeviceHandle; readonly resumes: number };

export interface Connection {
  readonly phase: Phase;
  /** The virtual board on the table, or undefined for what comes over USB. */
  readonly table: object | undefined;
  /** Plug-ins that are left alone until a click: released, or refused. */
  readonly declined: readonly unknown[];
}

export type Event =
  /** What is plugged in and permitted. */
  | { readonly is: 'present'; readonly handles: readonly DeviceHandle[] }
  | { readonly is: 'chosen'; readonly handle: DeviceHandle }
  /** Another place to look for devices. */
  | { readonly is: 'table'; readonly table: object | undefined }
  /** Opening ended: a bootloader; an application; one that cannot be used; one that went away meanwhile. */
  | { readonly is: 'opened' | 'is-application' | 'refused' | 'vanished' }
  /** The application took DFU_DETACH. */
  | { readonly is: 'detached' }
  | { readonly is: 'left' }
  | { readonly is: 'job'; readonly writes: boolean }
  | { readonly is: 'job-ended'; readonly how: 'stayed' | 'started' | 'failed' | 'cut' }
  | { readonly is: 'released' }
  /** The person does not want to wait for the board any more. */
  | { readonly is: 'given-up' }
  /** The time that the phase was given is over. */
  | { readonly is: 'late' };

export type Effect =
  | { readonly do: 'open'; readonly handle: DeviceHandle; readonly patient: boolean; readonly detach: boolean }
  | { readonly do: 'close' }
  | { readonly do: 'resume' }
  /** A timer, after which `late` is sent if the phase is still the same. */
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'say'; readonly what: Remark }
  /** What was said about waiting for a board is true no longer. */
  | { readonly do: 'take-back' };

export type Remark = 'cut' | 'perhaps-same' | 'returned' | 'switching' | 'still-application' | 'not-switched';

/** A write that keeps losing its device is not taken up for ever. */
export const RESUME_LIMIT = 5;
/** BOOT1 at 1 brings the bootloader back at once; a person's reset later than this is another matter. */
export const RETURN_MS = 4_000;
const SWITCH_MS = 8_000;

export const initialConnection: Connection = { phase: { at: 'idle' }, table: undefined, declined: [] };

export interface Step {
  readonly next: Connection;
  readonly effects: readonly Effect[];
}

export function step(now: Connection, event: Event): Step {
  switch (event.is) {
    case 'present':
      return present(now, event.handles);
    case 'chosen':
      return chosen(now, event.handle);
    case 'table':
      return table(now, event.table);
    case 'released':
      return released(now);
    case 'given-up':
      return awaited(now) ? to(now, { at: 'idle' }, { do: 'take-back' }) : stay(now);
    case 'late':
      return late(now);
    case 'left':
      return left(now);
    case 'job':
      return job(now, event.writes);
    case 'job-ended':
      return jobEnded(now, event.how);
    default:
      return openingEnded(now, event.is);
  }
}

/** Whether this device is in use. */
export function inUse(phase: Phase): phase is Extract<Phase, { at: 'connected' | 'working' }> {
  return phase.at === 'connected' || phase.at === 'working';
}

function present(now: Connection, handles: readonly DeviceHandle[]): Step {
  const { phase } = now;
  // A plug-in that has ended is nobody that could be left alone.
  const declined = now.declined.filter((one) => handles.some((handle) => Object.is(handle.attachment, one)));
  const here = { ...now, declined };
  const welcome = handles.filter((one) => isWelcome(here, one));
  switch (phase.at) {
    case 'idle': {
      const first = welcome[0];
      return first ? open(here, first, 'use') : stay(here);
    }
    case 'started': {
      const back = welcome.find((one) => !Object.is(one.attachment, phase.handle.attachment));
      return back ? open(here, back, sameBoard(back, phase.handle) === 'other' ? 'use' : 'returned') : stay(here);
    }
    case 'switching': {
      const application = handles.find((one) => one.mode === 'application' && isBack(one, phase.handle));
      const bootloader = welcome.find((one) => isBootloaderOf(one, phase.handle));
      if (bootloader) return open(here, bootloader, 'use', true);
      return application ? to(here, { at: 'idle' }, { do: 'say', what: 'still-application' }) : stay(here);
    }
    case 'cut': {
      const same = welcome.find((one) => isBack(one, phase.handle));
      const perhaps = welcome.find((one) => sameBoard(one, phase.handle) === 'perhaps');
      if (same) return open(here, same, 'resume', false, phase.resumes);
      return perhaps
        ? open(here, perhaps, 'use', false, phase.resumes, { do: 'say', what: 'perhaps-same' })
        : stay(here);
    }
    default:
      return stay(here);
  }
}

function chosen(now: Connection, handle: DeviceHandle): Step {
  const { phase } = now;
  const declined = now.declined.filter((one) => !Object.is(one, handle.attachment));
  // Who asks for another board gives the connected one free, and does not want it back by itself.
  const freed = inUse(phase) && !Object.is(phase.handle.attachment, handle.attachment) ? [phase.handle.attachment] : [];
  const here = { ...now, table: handle.board, declined: [...declined, ...freed] };
  if (phase.at === 'working') return stay(now);
  const before = closing(now);
  const resumes = phase.at === 'cut' && sameBoard(handle, phase.handle) === 'same' ? phase.resumes : 0;
  if (resumes > 0) return open(here, handle, 'resume', true, resumes, ...before);
  const takeBack: Effect[] = awaited(now) ? [{ do: 'take-back' }] : [];
  return open(
    here,
    handle,
    handle.mode === 'application' ? 'detach' : 'use',
    true,
    RESUME_LIMIT,
    ...before,
    ...takeBack,
  );
}

function table(now: Connection, board: object | undefined): Step {
  const here = { ...now, table: board, declined: [] };
  return now.phase.at === 'working' ? stay(here) : to(here, { at: 'idle' }, ...closing(now));
}

function openingEnded(now: Connection, how: 'opened' | 'is-application' | 'refused' | 'vanished' | 'detached'): Step {
  const { phase } = now;
  if (phase.at !== 'opening') return stay(now);
  const { handle, purpose, resumes } = phase;
  const declined = { ...now, declined: [...now.declined, handle.attachment] };
  switch (how) {
    case 'opened': {
      const connected: Phase = { at: 'connected', handle, resumes };
      if (purpose === 'resume') return to(now, connected, { do: 'resume' });
      return purpose === 'returned' ? to(now, connected, { do: 'say', what: 'returned' }) : to(now, connected);
    }
    case 'is-application':
      if (phase.byClick) return open(now, handle, 'detach', true);
      return to(declined, { at: 'idle' });
    case 'detached':
      return to(
        now,
        { at: 'switching', handle },
        { do: 'say', what: 'switching' },
        { do: 'wait', milliseconds: SWITCH_MS },
      );
    case 'refused':
      return to(declined, { at: 'idle' });
    case 'vanished':
      return to(now, purpose === 'resume' ? { at: 'cut', handle, resumes } : { at: 'idle' });
  }
}

function left(now: Connection): Step {
  const { phase } = now;
  if (phase.at === 'connected') return to(now, { at: 'idle' });
  return phase.at === 'working' ? to(now, { ...phase, gone: true }) : stay(now);
}

function job(now: Connection, writes: boolean): Step {
  const { phase } = now;
  if (phase.at !== 'connected') return stay(now);
  return to(now, { at: 'working', handle: phase.handle, writes, resumes: phase.resumes, gone: false });
}

function jobEnded(now: Connection, how: 'stayed' | 'started' | 'failed' | 'cut'): Step {
  const { phase } = now;
  if (phase.at !== 'working') return stay(now);
  const { handle, resumes } = phase;
  if (how === 'started') return to(now, { at: 'started', handle }, { do: 'wait', milliseconds: RETURN_MS });
  if (how === 'cut' && phase.writes && resumes > 0) {
    return to(now, { at: 'cut', handle, resumes: resumes - 1 }, { do: 'say', what: 'cut' });
  }
  return to(now, phase.gone || how === 'cut' ? { at: 'idle' } : { at: 'connected', handle, resumes: RESUME_LIMIT });
}

function released(now: Connection): Step {
  const { phase } = now;
  if (phase.at !== 'connected') return stay(now);
  const declined = [...now.declined, phase.handle.attachment];
  return to({ ...now, declined }, { at: 'idle' }, { do: 'close' });
}

function late(now: Connection): Step {
  const { phase } = now;
  if (phase.at === 'started') return to(now, { at: 'idle' });
  return phase.at === 'switching' ? to(now, { at: 'idle' }, { do: 'say', what: 'not-switched' }) : stay(now);
}

/** In its bootloader as far as is known, on the table that is looked at, and not declined. */
function isWelcome(now: Connection, handle: DeviceHandle): boolean {
  const declined = now.declined.some((one) => Object.is(one, handle.attachment));
  const mayBe = handle.mode === undefined || handle.mode === 'bootloader';
  return mayBe && !declined && handle.board === now.table;
}

/** The same board, plugged in again. */
function isBack(handle: DeviceHandle, before: DeviceHandle): boolean {
  return sameBoard(handle, before) === 'same' && !Object.is(handle.attachment, before.attachment);
}

/** Bootloader and application of one board may have different ids; a serial number or the vendor shows the kinship. */
function isBootloaderOf(handle: DeviceHandle, application: DeviceHandle): boolean {
  if (handle.board !== application.board || Object.is(handle.attachment, application.attachment)) return false;
  if (handle.serial !== '' && handle.serial === application.serial) return true;
  return handle.board !== undefined || handle.vendorId === application.vendorId;
}

function awaited(now: Connection): boolean {
  return now.phase.at === 'cut' || now.phase.at === 'switching';
}

function closing(now: Connection): Effect[] {
  return inUse(now.phase) ? [{ do: 'close' }] : [];
}

function open(
  now: Connection,
  handle: DeviceHandle,
  purpose: Extract<Phase, { at: 'opening' }>['purpose'],
  byClick = false,
  resumes = RESUME_LIMIT,
  ...also: Effect[]
): Step {
  const opening: Effect = { do: 'open', handle, patient: !byClick, detach: purpose === 'detach' };
  return to(now, { at: 'opening', handle, purpose, byClick, resumes }, ...also, opening);
}

function to(now: Connection, phase: Phase, ...effects: Effect[]): Step {
  return { next: { ...now, phase }, effects };
}

function stay(now: Connection): Step {
  return { next: now, effects: [] };
}
