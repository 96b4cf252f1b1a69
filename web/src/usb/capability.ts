// SPDX-License-Identifier: ISC
// The capability by which dapboot announces where it puts applications (docs/capability.md): a platform capability
// in the BOS descriptor (USB 3.2 section 9.6.2, WebUSB's way of describing itself).

import { DescriptorError, DescriptorType } from './descriptors.ts';

export interface Capability {
  readonly layout: 'standard' | 'high-memory';
  /** Bytes of a flash page. */
  readonly pageSize: number;
  readonly applicationBase: number;
  /** First address behind the application's flash. */
  readonly applicationEnd: number;
}

const DEVICE_CAPABILITY = 0x10;
const PLATFORM = 0x05;
const LENGTH = 32;
/** {a16127d5-528d-4da7-8281-59d9a911f8c4}, as it is sent. */
const UUID = [0xd5, 0x27, 0x61, 0xa1, 0x8d, 0x52, 0xa7, 0x4d, 0x82, 0x81, 0x59, 0xd9, 0xa9, 0x11, 0xf8, 0xc4];

/** wTotalLength, from the first bytes of a BOS descriptor. Throws DescriptorError. */
export function bosLength(bytes: Uint8Array): number {
  if (bytes.length < 5 || bytes[1] !== DescriptorType.bos) {
    throw new DescriptorError('the BOS descriptor is cut off or has a wrong type');
  }
  return bytes[2]! | (bytes[3]! << 8);
}

/** Undefined where the device has no such capability, or one of a later major version. Throws DescriptorError. */
export function parseCapability(bos: Uint8Array): Capability | undefined {
  const total = bosLength(bos);
  if (total > bos.length) throw new DescriptorError(`the BOS descriptor claims ${total} bytes and sent ${bos.length}`);
  for (let at = bos[0]!; at < total; ) {
    const length = bos[at]!;
    if (length < 3 || at + length > total) {
      throw new DescriptorError(`a capability at byte ${at} has the impossible length ${length}`);
    }
    const isOurs = bos[at + 1] === DEVICE_CAPABILITY && bos[at + 2] === PLATFORM && length >= LENGTH;
    if (isOurs && UUID.every((byte, i) => bos[at + 4 + i] === byte)) return read(bos.subarray(at, at + length));
    at += length;
  }
  return undefined;
}

function read(bytes: Uint8Array): Capability | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(20, true) >> 8 !== 1) return undefined;
  const capability: Capability = {
    layout: view.getUint8(22) === 1 ? 'high-memory' : 'standard',
    pageSize: view.getUint8(23) * 1024,
    applicationBase: view.getUint32(24, true),
    applicationEnd: view.getUint32(28, true),
  };
  if (capability.applicationBase >= capability.applicationEnd) {
    throw new DescriptorError('the announced flash for applications ends before it begins');
  }
  return capability;
}
