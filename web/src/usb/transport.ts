// SPDX-License-Identifier: ISC
// What the flasher needs from a USB device, and nothing more: WebUSB, the virtual board and the tests' fakes stand
// behind these few methods, and nobody in front of them knows which one it is.

/** A setup packet without its length and direction, which the method called implies (USB 2.0 section 9.3). */
export interface Setup {
  readonly type: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface';
  readonly request: number;
  readonly value: number;
  readonly index: number;
}

/**
 * Why a transfer brought nothing.
 *
 * stall: the device refused the request. gone: it is no longer on the bus. timeout: it is there and does not answer.
 * denied: the operating system does not let the browser at it. busy: another program or tab holds it.
 * forbidden: the page that this one is shown in, or the browser's policy, gives it no USB. failed: anything else.
 */
export type FaultKind = 'stall' | 'gone' | 'timeout' | 'denied' | 'busy' | 'forbidden' | 'failed';

/** The only error that the methods of a transport throw. */
export class UsbFault extends Error {
  constructor(
    readonly kind: FaultKind,
    readonly action: string,
    readonly detail = '',
  ) {
    super(detail ? `${action}: ${kind} (${detail})` : `${action}: ${kind}`);
    this.name = 'UsbFault';
  }
}

/** One device, from open() to close(). Every method throws UsbFault. */
export interface DfuTransport {
  open(): Promise<void>;
  /** SET_CONFIGURATION unless it is active, claim the interface, SET_INTERFACE with the alternate setting. */
  select(configuration: number, interfaceNumber: number, alternate: number): Promise<void>;
  /** At most `length` bytes; the device may answer with fewer. */
  controlIn(setup: Setup, length: number): Promise<Uint8Array>;
  controlOut(setup: Setup, data?: Uint8Array): Promise<void>;
  /** A USB reset. The device may come back as another one, or not at all. */
  reset(): Promise<void>;
  close(): Promise<void>;
  /** Fulfilled when the device leaves the bus; never rejected. */
  readonly gone: Promise<void>;
}

/** What a device is by its descriptors: in its bootloader, an application that can enter it, or neither. */
export type Mode = 'bootloader' | 'application' | 'other';

/** A device that may be opened, as a list shows it. */
export interface DeviceHandle {
  readonly kind: 'usb' | 'virtual';
  readonly vendorId: number;
  readonly productId: number;
  readonly product: string;
  readonly serial: string;
  /** bcdDevice, as "1.2.0"; an application's own version. */
  readonly version?: string;
  /** Undefined where it shows only after opening. */
  readonly mode?: Mode;
  /** One plug-in of one device: equal for as long as it stays on the bus, by Object.is. */
  readonly attachment: unknown;
  /** What tells boards with equal names and numbers apart: the link of a virtual one. */
  readonly board?: object;
  connect(): DfuTransport;
  /** Takes the person's permission back. */
  forget?(): Promise<void>;
}

/** Where devices come from. */
export interface DeviceSource {
  /** Devices that are plugged in and need no further permission. Throws UsbFault. */
  list(): Promise<DeviceHandle[]>;
  /** Calls back whenever the answer of list() may have changed. */
  watch(changed: () => void): void;
}

/** What tells a board from others of its kind: Maple's bootloader has one number for all of them, which is none. */
export function ownSerial(serial: string): string {
  return serial === 'LLM 003' ? '' : serial;
}

/**
 * Whether two handles are the same piece of hardware, before and after it left the bus. Boards without a serial
 * number can only perhaps be the same: every other board of their kind looks like them.
 */
export function sameBoard(a: DeviceHandle, b: DeviceHandle): 'same' | 'perhaps' | 'other' {
  if (Object.is(a.attachment, b.attachment)) return 'same';
  if (a.kind !== b.kind || a.board !== b.board) return 'other';
  if (a.board !== undefined) return 'same';
  if (a.serial !== '' && b.serial !== '') return a.serial === b.serial ? 'same' : 'other';
  return a.vendorId === b.vendorId && a.productId === b.productId ? 'perhaps' : 'other';
}
