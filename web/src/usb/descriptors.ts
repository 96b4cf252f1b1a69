// SPDX-License-Identifier: ISC
// Reads descriptors (USB 2.0 section 9.6, DFU 1.1 section 4) out of bytes that a device sent. Pure functions;
// a device that lies about lengths gets a DescriptorError, never a read outside its bytes.

export const DescriptorType = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  bos: 0x0f,
  dfuFunctional: 0x21,
} as const;

export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/** The fields of a device descriptor that the flasher uses; string fields are indices, 0 for none. */
export interface DeviceDescriptor {
  /** bcdUSB; a device of 2.01 and later has a BOS descriptor. */
  readonly usbVersion: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  readonly manufacturerIndex: number;
  readonly productIndex: number;
  readonly serialIndex: number;
}

/** DFU functional descriptor (DFU 1.1 table 4.2). */
export interface DfuFunctional {
  readonly canDownload: boolean;
  readonly canUpload: boolean;
  readonly manifestationTolerant: boolean;
  readonly willDetach: boolean;
  /** wDetachTimeOut in milliseconds. */
  readonly detachTimeout: number;
  /** wTransferSize in bytes. */
  readonly transferSize: number;
  /** bcdDFUVersion; 0x0100 where the device has the shorter descriptor of DFU 1.0. */
  readonly version: number;
}

/** One alternate setting that speaks DFU. */
export interface DfuInterface {
  readonly configuration: number;
  readonly interfaceNumber: number;
  readonly alternate: number;
  /** bInterfaceProtocol: 1 in an application (run-time), 2 in DFU mode. */
  readonly mode: 'runtime' | 'dfu';
  readonly nameIndex: number;
  /** Absent where the device sends none, which DFU 1.1 does not allow and some devices do. */
  readonly functional?: DfuFunctional;
}

/** bcdDFUVersion of ST's own protocol, which only looks like DFU (ST AN3156). */
export const DFUSE_VERSION = 0x011a;

export function parseDeviceDescriptor(bytes: Uint8Array): DeviceDescriptor {
  if (bytes.length < 18 || bytes[0]! < 18 || bytes[1] !== DescriptorType.device) {
    throw new DescriptorError(`the device descriptor has ${bytes.length} bytes or a wrong type`);
  }
  const view = viewOf(bytes);
  return {
    usbVersion: view.getUint16(2, true),
    vendorId: view.getUint16(8, true),
    productId: view.getUint16(10, true),
    release: view.getUint16(12, true),
    manufacturerIndex: bytes[14]!,
    productIndex: bytes[15]!,
    serialIndex: bytes[16]!,
  };
}

/** wTotalLength, from the first bytes of a configuration descriptor. */
export function configurationLength(bytes: Uint8Array): number {
  if (bytes.length < 9 || bytes[1] !== DescriptorType.configuration) {
    throw new DescriptorError('the configuration descriptor is cut off or has a wrong type');
  }
  return viewOf(bytes).getUint16(2, true);
}

/** Every alternate setting of class FE, subclass 01, in the device's order. */
export function parseDfuInterfaces(bytes: Uint8Array): DfuInterface[] {
  const total = configurationLength(bytes);
  if (total > bytes.length) {
    throw new DescriptorError(`the configuration claims ${total} bytes and sent ${bytes.length}`);
  }
  const view = viewOf(bytes);
  const configuration = bytes[5]!;
  const found: DfuInterface[] = [];
  let current = -1; // the interface that a functional descriptor belongs to; -1 between others

  for (let at = bytes[0]!; at < total; ) {
    const length = bytes[at]!;
    if (length < 2 || at + length > total) {
      throw new DescriptorError(`a descriptor at byte ${at} has the impossible length ${length}`);
    }
    const type = bytes[at + 1];
    if (type === DescriptorType.interface && length >= 9) {
      const isDfu = bytes[at + 5] === 0xfe && bytes[at + 6] === 0x01;
      current = isDfu ? found.length : -1;
      if (isDfu) {
        found.push({
          configuration,
          interfaceNumber: bytes[at + 2]!,
          alternate: bytes[at + 3]!,
          mode: bytes[at + 7] === 2 ? 'dfu' : 'runtime',
          nameIndex: bytes[at + 8]!,
        });
      }
    } else if (type === DescriptorType.dfuFunctional && current >= 0 && length >= 7) {
      found[current] = { ...found[current]!, functional: parseFunctional(view, at, length) };
    }
    at += length;
  }
  return shareFunctional(found);
}

function parseFunctional(view: DataView, at: number, length: number): DfuFunctional {
  const attributes = view.getUint8(at + 2);
  return {
    canDownload: (attributes & 1) !== 0,
    canUpload: (attributes & 2) !== 0,
    manifestationTolerant: (attributes & 4) !== 0,
    willDetach: (attributes & 8) !== 0,
    detachTimeout: view.getUint16(at + 3, true),
    transferSize: view.getUint16(at + 5, true),
    version: length >= 9 ? view.getUint16(at + 7, true) : 0x0100,
  };
}

/** Devices with several alternate settings send one functional descriptor behind the last of an interface. */
function shareFunctional(interfaces: DfuInterface[]): DfuInterface[] {
  return interfaces.map((one) => {
    if (one.functional) return one;
    const sibling = interfaces.find((other) => other.interfaceNumber === one.interfaceNumber && other.functional);
    return sibling?.functional ? { ...one, functional: sibling.functional } : one;
  });
}

/** Text of a string descriptor (USB 2.0 section 9.6.7): UTF-16, little-endian. */
export function parseStringDescriptor(bytes: Uint8Array): string {
  if (bytes.length < 2 || bytes[1] !== DescriptorType.string) {
    throw new DescriptorError('a string descriptor has a wrong type');
  }
  const end = Math.min(bytes[0]!, bytes.length) & ~1;
  return new TextDecoder('utf-16le').decode(bytes.subarray(2, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
