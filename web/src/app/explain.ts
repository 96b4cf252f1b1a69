// SPDX-License-Identifier: ISC
// Every error as a person can use it: what happened, why, and what to do next.

import { Cancelled, DfuProtocolError, DfuStatusError, VerifyError } from '../dfu/errors.ts';
import { ImageError } from '../image/segments.ts';
import { texts } from '../texts/index.ts';
import { hex } from '../texts/numbers.ts';
import { DescriptorError } from '../usb/descriptors.ts';
import { UsbFault } from '../usb/transport.ts';

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

const { errors } = texts;

export function explain(error: unknown, circumstances: Circumstances): Explanation {
  if (error instanceof UsbFault) return explainFault(error, circumstances);
  if (error instanceof DfuStatusError) return explainStatus(error);
  if (error instanceof VerifyError) return explainVerify(error);
  if (error instanceof DfuProtocolError)
    return errors.outOfTurn(errors.verbs[error.operation], error.state, error.message);
  if (error instanceof DescriptorError) return errors.descriptors(error.message);
  if (error instanceof ImageError) return errors.image(error.message);
  if (error instanceof Cancelled) return errors.cancelled;
  return errors.unexpected(error instanceof Error ? error.message : String(error));
}

/** The rule lets the person at the screen use the device, by systemd's uaccess. */
export function udevRule(vendorId = 0x1209, productId = 0xdb42): string {
  const four = (value: number): string => value.toString(16).padStart(4, '0');
  const rule = `SUBSYSTEM=="usb", ATTR{idVendor}=="${four(vendorId)}", ATTR{idProduct}=="${four(productId)}", TAG+="uaccess"`;
  return `echo '${rule}' | sudo tee /etc/udev/rules.d/70-dapboot.rules\nsudo udevadm control --reload && sudo udevadm trigger`;
}

function explainFault(fault: UsbFault, circumstances: Circumstances): Explanation {
  switch (fault.kind) {
    case 'denied':
      return explainDenied(fault, circumstances);
    case 'busy':
      return circumstances.platform === 'windows' ? errors.busyOnWindows : errors.busy;
    case 'timeout':
    case 'stall':
      return errors[fault.kind](fault.action);
    case 'failed':
      return errors.failed(fault.detail || fault.action);
    case 'gone':
    case 'forbidden':
      return errors[fault.kind];
  }
}

function explainDenied(fault: UsbFault, circumstances: Circumstances): Explanation {
  const title = errors.denied;
  switch (circumstances.platform) {
    case 'linux':
      return { title, ...errors.deniedLinux, copy: udevRule(circumstances.vendorId, circumstances.productId) };
    case 'windows':
      return { title, ...errors.deniedWindows };
    default:
      return { title, ...errors.deniedElsewhere(fault.detail) };
  }
}

function explainStatus(error: DfuStatusError): Explanation {
  const [title, cause, next] = errors.status[error.status] ?? errors.refused;
  const offset = error.operation === 'write' ? error.offset : undefined;
  return { title, cause: errors.reported(cause, error.status, offset), next };
}

function explainVerify(error: VerifyError): Explanation {
  const { verify } = errors;
  const place = verify.place(error.offset);
  const cause =
    error.found === undefined
      ? verify.ended(place)
      : verify.differs(place, hex(error.expected, 2), hex(error.found, 2));
  return { title: verify.title, cause, next: verify.next };
}
