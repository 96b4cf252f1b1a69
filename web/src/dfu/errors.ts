// SPDX-License-Identifier: ISC
// What can go wrong in a DFU session beyond the transfer itself, with the facts a person needs to act on it.

import type { StateName, StatusName } from './protocol.ts';

export type Operation = 'prepare' | 'write' | 'finish' | 'read' | 'verify' | 'start';

/** The device answered, and said no: dfuERROR with a status. */
export class DfuStatusError extends Error {
  override readonly name = 'DfuStatusError';
  constructor(
    readonly operation: Operation,
    readonly status: StatusName,
    readonly offset: number,
  ) {
    super(`${operation} at byte ${offset}: the device reports ${status}`);
  }
}

/** The device answered with something that DFU 1.1 does not allow here. */
export class DfuProtocolError extends Error {
  override readonly name = 'DfuProtocolError';
  constructor(
    readonly operation: Operation,
    readonly state: StateName | 'unreadable',
    message: string,
  ) {
    super(`${operation}: ${message} (state ${state})`);
  }
}

/** What is on the device is not the image. */
export class VerifyError extends Error {
  override readonly name = 'VerifyError';
  constructor(
    readonly offset: number,
    /** Undefined where the device ended before the image did. */
    readonly found: number | undefined,
    readonly expected: number,
  ) {
    super(`byte ${offset} is ${found === undefined ? 'missing' : hex(found)}, expected ${hex(expected)}`);
  }
}

/** The person pressed Stop. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
