// SPDX-License-Identifier: ISC
// Requests, states and status codes of USB Device Firmware Upgrade 1.1, spelled as there.

/** bRequest (DFU 1.1 table 3.2). */
export const Request = {
  DFU_DETACH: 0,
  DFU_DNLOAD: 1,
  DFU_UPLOAD: 2,
  DFU_GETSTATUS: 3,
  DFU_CLRSTATUS: 4,
  DFU_GETSTATE: 5,
  DFU_ABORT: 6,
} as const;

/** bState (DFU 1.1 section 6.1.2); the index is the value. */
export const stateNames = [
  'appIDLE',
  'appDETACH',
  'dfuIDLE',
  'dfuDNLOAD-SYNC',
  'dfuDNBUSY',
  'dfuDNLOAD-IDLE',
  'dfuMANIFEST-SYNC',
  'dfuMANIFEST',
  'dfuMANIFEST-WAIT-RESET',
  'dfuUPLOAD-IDLE',
  'dfuERROR',
] as const;
export type StateName = (typeof stateNames)[number];

/** bStatus (DFU 1.1 section 6.1.2); the index is the value. */
export const statusNames = [
  'OK',
  'errTARGET',
  'errFILE',
  'errWRITE',
  'errERASE',
  'errCHECK_ERASED',
  'errPROG',
  'errVERIFY',
  'errADDRESS',
  'errNOTDONE',
  'errFIRMWARE',
  'errVENDOR',
  'errUSBR',
  'errPOR',
  'errUNKNOWN',
  'errSTALLEDPKT',
] as const;
export type StatusName = (typeof statusNames)[number];

/** Answer to DFU_GETSTATUS. */
export interface Status {
  readonly status: StatusName;
  /** bwPollTimeout: milliseconds until the next DFU_GETSTATUS may be sent. */
  readonly pollTimeout: number;
  readonly state: StateName;
}

/** Undefined where the bytes are no answer to DFU_GETSTATUS at all. */
export function parseStatus(bytes: Uint8Array): Status | undefined {
  if (bytes.length < 6) return undefined;
  const state = stateNames[bytes[4]!];
  if (!state) return undefined;
  return {
    status: statusNames[bytes[0]!] ?? 'errUNKNOWN',
    pollTimeout: bytes[1]! | (bytes[2]! << 8) | (bytes[3]! << 16),
    state,
  };
}
