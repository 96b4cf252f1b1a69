// SPDX-License-Identifier: ISC
// Every error as a person can use it: what happened, why, and what to do next.

import { Cancelled, DfuProtocolError, DfuStatusError, VerifyError } from '../dfu/errors.ts';
import type { Operation } from '../dfu/errors.ts';
import type { StatusName } from '../dfu/protocol.ts';
import { ImageError } from '../image/segments.ts';
import { DescriptorError } from '../usb/descriptors.ts';
import { UsbFault } from '../usb/transport.ts';
import type { FaultKind } from '../usb/transport.ts';

export type Platform = 'linux' | 'windows' | 'mac' | 'android' | 'other';

export interface Explanation {
  readonly title: string;
  readonly cause: string;
  readonly next: string;
  /** Text to copy into a terminal or file. */
  readonly copy?: string;
}

export interface Circumstances {
  readonly platform: Platform;
  readonly vendorId?: number;
  readonly productId?: number;
}

export function explain(error: unknown, circumstances: Circumstances): Explanation {
  if (error instanceof UsbFault) return explainFault(error, circumstances);
  if (error instanceof DfuStatusError) return explainStatus(error);
  if (error instanceof VerifyError) return explainVerify(error);
  if (error instanceof DfuProtocolError) {
    return {
      title: 'The device answered out of turn',
      cause: `While it was asked to ${verbs[error.operation]}, it was in the state ${error.state}: ${error.message}.`,
      next: 'Unplug the device, plug it in again in bootloader mode, and try once more.',
    };
  }
  if (error instanceof DescriptorError) {
    return {
      title: 'The device describes itself wrongly',
      cause: `Its USB descriptors cannot be read: ${error.message}.`,
      next: 'Try another cable or port. If it stays so, its bootloader is damaged or not made to DFU 1.1.',
    };
  }
  if (error instanceof ImageError) {
    return { title: 'This file cannot be used', cause: error.message, next: 'Nothing on the device was touched.' };
  }
  if (error instanceof Cancelled) {
    return {
      title: 'Stopped',
      cause: 'You stopped before the end.',
      next: 'An unfinished write leaves the device in its bootloader: write the firmware again when you are ready.',
    };
  }
  return {
    title: 'Something unexpected happened',
    cause: `The page itself failed: ${error instanceof Error ? error.message : String(error)}.`,
    next: 'Copy the log below and report it; then unplug the device, plug it in again and retry.',
  };
}

const verbs: Record<Operation, string> = {
  prepare: 'get ready',
  write: 'write',
  finish: 'finish the update',
  read: 'read',
  verify: 'read back',
  start: 'start the application',
};

/** The rule lets the person at the screen use the device, by systemd's uaccess. */
export function udevRule(vendorId = 0x1209, productId = 0xdb42): string {
  const four = (value: number): string => value.toString(16).padStart(4, '0');
  const rule = `SUBSYSTEM=="usb", ATTR{idVendor}=="${four(vendorId)}", ATTR{idProduct}=="${four(productId)}", TAG+="uaccess"`;
  return `echo '${rule}' | sudo tee /etc/udev/rules.d/70-dapboot.rules\nsudo udevadm control --reload && sudo udevadm trigger`;
}

function explainFault(fault: UsbFault, circumstances: Circumstances): Explanation {
  if (fault.kind === 'denied') return explainDenied(fault, circumstances);
  const faults: Record<Exclude<FaultKind, 'denied'>, Explanation> = {
    gone: {
      title: 'The device is gone',
      cause: 'It left the bus: the cable came out, the port lost power, or the device reset itself.',
      next: 'Plug it in again. It is still in its bootloader, or holds the whole old or new application.',
    },
    busy: {
      title: 'The device is in use',
      cause: 'Another program or another browser tab has it open.',
      next: 'Close other flashing tools (dfu-util, IDEs) and tabs that use the device, then connect again.',
    },
    timeout: {
      title: 'The device does not answer',
      cause: `It is on the bus and gave no answer (${fault.action}).`,
      next: 'Unplug it, plug it in again in bootloader mode, and retry. Avoid hubs while you search for the cause.',
    },
    stall: {
      title: 'The device refused a request',
      cause: `It stalled (${fault.action}): it does not support this request, or not in its present state.`,
      next: 'Unplug it, plug it in again in bootloader mode, and retry.',
    },
    failed: {
      title: 'A USB transfer failed',
      cause: `The browser reports: ${fault.detail || fault.action}.`,
      next: 'Check cable and port (no hub), plug the device in again, and retry.',
    },
  };
  return faults[fault.kind];
}

function explainDenied(fault: UsbFault, circumstances: Circumstances): Explanation {
  const title = 'The system does not let the browser use this device';
  switch (circumstances.platform) {
    case 'linux':
      return {
        title,
        cause: 'On Linux a udev rule has to give you access, and there is none for this device yet.',
        next: 'Run these two lines in a terminal, plug the device in again, then connect.',
        copy: udevRule(circumstances.vendorId, circumstances.productId),
      };
    case 'windows':
      return {
        title,
        cause: 'Windows has bound another driver than WinUSB to it.',
        next: 'Remove that driver in the Device Manager (with its files), plug the device in again, then connect.',
      };
    default:
      return {
        title,
        cause: `The browser reports: ${fault.detail || 'access denied'}.`,
        next: 'Close other programs that use the device, plug it in again, then connect.',
      };
  }
}

function explainStatus(error: DfuStatusError): Explanation {
  const [title, cause, next] = statusTexts[error.status] ?? [
    'The device refused the firmware',
    'It gives no reason that DFU 1.1 knows.',
    'Unplug it, plug it in again in bootloader mode, and retry.',
  ];
  const where = error.operation === 'write' ? ` at byte ${error.offset}` : '';
  return { title, cause: `${cause} It reported ${error.status}${where}.`, next };
}

const again = 'Write the firmware again. If it fails at the same place, the flash is worn out or write-protected.';

const statusTexts: Partial<Record<StatusName, readonly [string, string, string]>> = {
  errTARGET: [
    'This firmware cannot run on this device',
    'The bootloader looked at the first block: the image is not linked for the place it would get, or is no program.',
    'Your installed application is untouched. Link the firmware for this bootloader, or choose the right file.',
  ],
  errFILE: [
    'This firmware is not for this device',
    'The bootloader says that the file is made for another device.',
    'Choose the file for this device.',
  ],
  errWRITE: ['The device cannot write its flash', 'The flash did not take the data.', again],
  errERASE: ['The device cannot erase its flash', 'A page of flash did not become empty.', again],
  errCHECK_ERASED: ['The flash was not empty after erasing', 'A page of flash did not become empty.', again],
  errPROG: ['Programming the flash failed', 'The flash refused to be programmed.', again],
  errVERIFY: [
    'The flash does not hold what was sent',
    'After writing, the bootloader read back something else.',
    'Write the firmware again with a good cable. If it stays so, the chip has less flash than it claims, or is worn out.',
  ],
  errADDRESS: [
    'The firmware does not fit',
    'It is longer than the room that this device has for an application.',
    'Make the application smaller (optimise for size), then write it. The bootloader waits.',
  ],
  errNOTDONE: [
    'The device expected more data',
    'The firmware ended before the bootloader had all that it needs.',
    'Check that the file is complete, then write it again.',
  ],
  errFIRMWARE: [
    "The device's application is damaged",
    'The bootloader cannot start the installed application.',
    'Write a working firmware: the bootloader itself is well.',
  ],
  errVENDOR: [
    'The device refused the firmware',
    'Its bootloader gives a reason of its own, which only its maker knows.',
    'Look into the documentation of the bootloader, and check that the file is meant for it.',
  ],
  errUSBR: [
    'The update was cut off',
    'The device saw a USB reset in the middle: another program touched it, or the port did.',
    'Close other programs that use USB devices, then write the firmware again.',
  ],
  errPOR: [
    'The update was cut off',
    'The device lost its power in the middle.',
    'Use another cable or port (no hub), then write the firmware again.',
  ],
  errSTALLEDPKT: [
    'The device refused a request',
    'It got a request that it does not know.',
    'Plug the device in again in bootloader mode, and retry.',
  ],
};

function explainVerify(error: VerifyError): Explanation {
  const place = `byte ${error.offset} (0x${error.offset.toString(16).toUpperCase()})`;
  return {
    title: 'The device holds something else than this file',
    cause:
      error.found === undefined
        ? `The device's flash ends at ${place}, before the file does.`
        : `The first difference is at ${place}: the file has ${two(error.expected)}, the device ${two(error.found)}.`,
    next: 'If this file is the one you want on the device, write it.',
  };
}

function two(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
