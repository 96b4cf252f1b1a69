// SPDX-License-Identifier: ISC
// What the installer needs from a way to a chip, and nothing more: a serial line, a debug probe's pipe, and the chip
// behind either. Browsers' interfaces, virtual ones and the tests' fakes stand behind these few methods.

/**
 * Why the way to the chip failed.
 *
 * silent: nothing came back. echo: what was sent came back. noise: bits that are no characters (framing or parity).
 * gone: the adapter left. busy: another program has it. denied: the system or the person says no. refused: the chip
 * answered NACK. no-chip: the probe sees nobody. old-probe: its own firmware cannot do what is needed. failed: else.
 */
export type WayFault =
  | 'silent'
  | 'echo'
  | 'noise'
  | 'gone'
  | 'busy'
  | 'denied'
  | 'refused'
  | 'no-chip'
  | 'old-probe'
  | 'failed';

/** The only error that these interfaces throw. */
export class WayError extends Error {
  override readonly name = 'WayError';
  constructor(
    readonly kind: WayFault,
    readonly action: string,
    readonly detail = '',
  ) {
    super(detail ? `${action}: ${kind} (${detail})` : `${action}: ${kind}`);
  }
}

/** A serial line with even parity, as the ROM loader wants it (AN3155 section 2). */
export interface SerialLine {
  /** Bits per second; 8 data bits, even parity, 1 stop bit. */
  open(baud: number): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** Exactly `length` bytes, or `silent` after this many milliseconds without the last of them. */
  read(length: number, milliseconds: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** The pair of bulk endpoints of a debug probe. */
export interface ProbePipe {
  open(): Promise<void>;
  send(bytes: Uint8Array): Promise<void>;
  receive(length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface ChipFacts {
  /** DEV_ID of DBGMCU_IDCODE (RM0008 section 31.6.1), which the ROM loader calls product ID. */
  readonly id: number;
  /** KiB of flash by its size register; undefined where it cannot be read. */
  readonly flashKib: number | undefined;
  /** The flash cannot be read or written before it is unprotected, which erases it. */
  readonly protected: boolean;
}

/** A chip that can be programmed, by whatever way. */
export interface ChipAccess {
  connect(): Promise<ChipFacts>;
  read(address: number, length: number): Promise<Uint8Array>;
  /** Whole pages; `pages` are their numbers from the start of flash. */
  erase(pages: readonly number[], pageSize: number): Promise<void>;
  /** An even number of bytes into erased flash. */
  write(address: number, data: Uint8Array): Promise<void>;
  /** Takes the protection off, which erases all of the flash; the chip is connected anew. */
  unprotect(): Promise<ChipFacts>;
  /** Starts what is at the beginning of flash. */
  start(): Promise<void>;
  close(): Promise<void>;
}
