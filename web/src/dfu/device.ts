// SPDX-License-Identifier: ISC
// Opens a device and reads who it is: descriptors, strings, DFU interfaces. Nothing on the device changes.

import type { DfuTransport, Setup } from '../usb/transport.ts';
import { UsbFault, ownSerial } from '../usb/transport.ts';
import {
  DFUSE_VERSION,
  DescriptorError,
  DescriptorType,
  configurationLength,
  parseDeviceDescriptor,
  parseDfuInterfaces,
  parseStringDescriptor,
} from '../usb/descriptors.ts';
import type { DfuFunctional, DfuInterface } from '../usb/descriptors.ts';
import { bosLength, parseCapability } from '../usb/capability.ts';
import type { Capability } from '../usb/capability.ts';

/** An alternate setting with everything a person or a session needs to know of it. */
export interface DfuTarget {
  readonly interface: DfuInterface;
  readonly name: string;
  readonly functional: DfuFunctional;
}

export interface DeviceFacts {
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly targets: readonly DfuTarget[];
  /** ST's DfuSe, another protocol under the same interface class. */
  readonly dfuSe: boolean;
  /** What a dapboot says about its layout; undefined for other devices. */
  readonly capability: Capability | undefined;
}

/** What DFU 1.1 lets a host assume of a device that sends no functional descriptor: nothing much. */
const ASSUMED_FUNCTIONAL: DfuFunctional = {
  canDownload: true,
  canUpload: false,
  manifestationTolerant: false,
  willDetach: false,
  detachTimeout: 1000,
  transferSize: 64,
  version: 0x0100,
};

/** bcdUSB from which on a device has a BOS descriptor. */
const BOS_SINCE = 0x0201;
const GET_DESCRIPTOR = 6;
const ENGLISH = 0x0409;

/** Reads the device behind an open transport. Throws UsbFault or DescriptorError. */
export async function readFacts(transport: DfuTransport): Promise<DeviceFacts> {
  const device = parseDeviceDescriptor(await readDescriptor(transport, DescriptorType.device, 0, 0, 18));
  const head = await readDescriptor(transport, DescriptorType.configuration, 0, 0, 9);
  const whole = await readDescriptor(transport, DescriptorType.configuration, 0, 0, configurationLength(head));
  const interfaces = parseDfuInterfaces(whole);

  const targets: DfuTarget[] = [];
  for (const one of interfaces) {
    targets.push({
      interface: one,
      name: await readString(transport, one.nameIndex),
      functional: usable(one.functional ?? ASSUMED_FUNCTIONAL),
    });
  }
  return {
    vendorId: device.vendorId,
    productId: device.productId,
    release: device.release,
    manufacturer: await readString(transport, device.manufacturerIndex),
    product: await readString(transport, device.productIndex),
    serial: ownSerial(await readString(transport, device.serialIndex)),
    targets,
    dfuSe: targets.some((target) => target.functional.version === DFUSE_VERSION),
    capability: device.usbVersion >= BOS_SINCE ? await readCapability(transport) : undefined,
  };
}

/** A transfer size of 0 would never end; 64 bytes fit every control endpoint. */
function usable(functional: DfuFunctional): DfuFunctional {
  return functional.transferSize === 0 ? { ...functional, transferSize: 64 } : functional;
}

function readDescriptor(
  transport: DfuTransport,
  type: number,
  number: number,
  index: number,
  length: number,
): Promise<Uint8Array> {
  const setup: Setup = {
    type: 'standard',
    recipient: 'device',
    request: GET_DESCRIPTOR,
    value: (type << 8) | number,
    index,
  };
  return transport.controlIn(setup, length);
}

/** A damaged or missing BOS is that of a device which announces nothing. */
async function readCapability(transport: DfuTransport): Promise<Capability | undefined> {
  try {
    const head = await readDescriptor(transport, DescriptorType.bos, 0, 0, 5);
    return parseCapability(await readDescriptor(transport, DescriptorType.bos, 0, 0, bosLength(head)));
  } catch (error) {
    if (error instanceof DescriptorError || (error instanceof UsbFault && error.kind === 'stall')) return undefined;
    throw error;
  }
}

/** A string is decoration: a device that stalls it is still a device. */
async function readString(transport: DfuTransport, number: number): Promise<string> {
  if (number === 0) return '';
  try {
    const bytes = await readDescriptor(transport, DescriptorType.string, number, ENGLISH, 255);
    return parseStringDescriptor(bytes);
  } catch (error) {
    if (error instanceof UsbFault && error.kind !== 'stall') throw error;
    return '';
  }
}
