// SPDX-License-Identifier: ISC
// Descriptors: as dapboot sends them, as others do, and as no device should.

import { expect, test } from 'vitest';
import {
  DFUSE_VERSION,
  DescriptorError,
  parseDeviceDescriptor,
  parseDfuInterfaces,
  parseStringDescriptor,
} from '../../src/usb/descriptors.ts';
import { FakeDevice } from '../fakes/fake-device.ts';

const of = (options: ConstructorParameters<typeof FakeDevice>[0]) => new FakeDevice(options).configurationDescriptor();

test('the interface of dapboot', () => {
  expect(parseDfuInterfaces(of({}))).toEqual([
    {
      configuration: 1,
      interfaceNumber: 0,
      alternate: 0,
      mode: 'dfu',
      nameIndex: 4,
      functional: {
        canDownload: true,
        canUpload: true,
        manifestationTolerant: false,
        willDetach: true,
        detachTimeout: 255,
        transferSize: 1024,
        version: 0x0110,
      },
    },
  ]);
});

test('one functional descriptor serves all alternate settings before it', () => {
  const found = parseDfuInterfaces(of({ alternates: [0, 1, 2] }));
  expect(found.map((one) => one.alternate)).toEqual([0, 1, 2]);
  expect(found.every((one) => one.functional?.transferSize === 1024)).toBe(true);
});

test('alternate setting 2 alone, as on the SKR board', () => {
  expect(parseDfuInterfaces(of({ alternates: [2] }))[0]?.alternate).toBe(2);
});

test('run-time interfaces, DfuSe, other classes, and none', () => {
  expect(parseDfuInterfaces(of({ protocol: 1 }))[0]?.mode).toBe('runtime');
  expect(parseDfuInterfaces(of({ dfuVersion: 0x011a }))[0]?.functional?.version).toBe(DFUSE_VERSION);
  expect(parseDfuInterfaces(of({ interfaceClass: 0xff }))).toEqual([]);
  expect(parseDfuInterfaces(of({ withoutFunctional: true }))[0]?.functional).toBeUndefined();
});

test('the functional descriptor of DFU 1.0 has no version', () => {
  const bytes = Uint8Array.of(9, 2, 25, 0, 1, 1, 0, 0xc0, 50, 9, 4, 0, 0, 0, 0xfe, 1, 2, 0, 7, 0x21, 1, 0, 1, 64, 0);
  expect(parseDfuInterfaces(bytes)[0]?.functional).toMatchObject({ version: 0x0100, transferSize: 64 });
});

test('every cut of a configuration is refused or read, never overrun', () => {
  const whole = of({ alternates: [0, 1] });
  for (let length = 0; length < whole.length; length++) {
    expect(() => parseDfuInterfaces(whole.slice(0, length))).toThrow(DescriptorError);
  }
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 2, 7, 9, 0xff]) {
      const bytes = whole.slice();
      bytes[at] = value;
      try {
        parseDfuInterfaces(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(DescriptorError);
      }
    }
  }
});

test('device descriptors and strings', () => {
  const device = Uint8Array.of(18, 1, 0x10, 2, 0, 0, 0, 64, 9, 0x12, 0x42, 0xdb, 3, 2, 1, 2, 3, 1);
  expect(parseDeviceDescriptor(device)).toMatchObject({ vendorId: 0x1209, productId: 0xdb42, release: 0x0203 });
  expect(() => parseDeviceDescriptor(device.slice(0, 8))).toThrow(DescriptorError);
  expect(parseStringDescriptor(Uint8Array.of(8, 3, 0x44, 0, 0xfc, 0, 0x3a, 0x26))).toBe('Dü☺');
  expect(parseStringDescriptor(Uint8Array.of(200, 3, 0x44, 0))).toBe('D');
  expect(() => parseStringDescriptor(Uint8Array.of(4, 1, 0, 0))).toThrow(DescriptorError);
});
