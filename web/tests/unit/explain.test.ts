// SPDX-License-Identifier: ISC
// Every error, of every kind and on every system, names its cause and a next step.

import { describe, expect, test } from 'vitest';
import { explain } from '../../src/app/explain.ts';
import type { Explanation, Platform } from '../../src/app/explain.ts';
import { missingUsb, platformOf } from '../../src/app/support.ts';
import { Cancelled, DfuProtocolError, DfuStatusError, VerifyError } from '../../src/dfu/errors.ts';
import { statusNames } from '../../src/dfu/protocol.ts';
import { ImageError } from '../../src/image/segments.ts';
import { DescriptorError } from '../../src/usb/descriptors.ts';
import { UsbFault } from '../../src/usb/transport.ts';
import { faultOf } from '../../src/usb/web-usb.ts';

const platforms: Platform[] = ['linux', 'windows', 'mac', 'android', 'other'];

/** Sentences, not codes: a capital, an end, and no value that was forgotten. */
function expectWords(one: Explanation): void {
  expect(one.title).toMatch(/^[A-Z][^.]{6,}$/);
  for (const text of [one.cause, one.next]) expect(text).toMatch(/^[A-Z][^]{8,}[.)0-9]$/);
  expect(JSON.stringify(one)).not.toMatch(/undefined|null|\[object/);
}

test.each(statusNames.filter((status) => status !== 'OK'))('%s', (status) => {
  const said = explain(new DfuStatusError('write', status, 4096), { platform: 'linux' });
  expectWords(said);
  expect(said.cause).toContain(status);
  expect(said.cause).toContain('byte 4096');
});

describe.each(['stall', 'gone', 'timeout', 'denied', 'busy', 'forbidden', 'failed'] as const)(
  'a transfer: %s',
  (kind) => {
    test.each(platforms)('on %s', (platform) => {
      const said = explain(new UsbFault(kind, 'class request 1 out, value 7', 'as the browser says'), { platform });
      expectWords(said);
      expect('copy' in said).toBe(kind === 'denied' && platform === 'linux');
    });
  },
);

test('the rule for Linux is for the device at hand', () => {
  const said = explain(new UsbFault('denied', 'opening'), { platform: 'linux', vendorId: 0x0483, productId: 0x00ff });
  expect(said.copy).toContain('ATTR{idVendor}=="0483", ATTR{idProduct}=="00ff", TAG+="uaccess"');
  expect(said.copy).toContain('/etc/udev/rules.d/70-dapboot.rules');
  expect(said.copy).toContain('udevadm control --reload');
});

test('an interface that cannot be claimed on Windows may lack its driver, and elsewhere is in use', () => {
  const fault = faultOf(new DOMException('Unable to claim interface.', 'NetworkError'), 'claiming the interface');
  const windows = explain(fault, { platform: 'windows' });
  expect(`${windows.cause} ${windows.next}`).toMatch(/no WinUSB driver.*Zadig/);
  const mac = explain(fault, { platform: 'mac' });
  expect(mac.title).toBe('The board is in use');
  expect(JSON.stringify(mac)).not.toMatch(/driver/);
});

test.each([
  [new VerifyError(4097, 0x12, 0x34), /byte 4097 \(0x1001\).*0x34.*0x12/],
  [new VerifyError(2048, undefined, 0x34), /ends at byte 2048/],
  [new DfuProtocolError('finish', 'appIDLE', 'odd'), /finish the update.*appIDLE/],
  [new DescriptorError('too short'), /too short/],
  [new ImageError('The file is empty.'), /empty/],
  [new Cancelled('stopped'), /You cancelled/],
  [new TypeError('x is not a function'), /x is not a function/],
])('%s', (error, cause) => {
  const said = explain(error, { platform: 'other' });
  expectWords(said);
  expect(said.cause).toMatch(cause);
});

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1';

test.each([
  ['Firefox', { hasUsb: false, secure: true, userAgent: firefox }, /Chrome, Edge or Opera/],
  ['an iPhone', { hasUsb: false, secure: true, userAgent: iphone }, /on a computer, or in Chrome on an Android phone/],
  ['plain http', { hasUsb: false, secure: false, userAgent: 'Chrome' }, /https:\/\//],
])('a browser without WebUSB, %s, is told where there is one', (_what, surroundings, next) => {
  const said = missingUsb(surroundings);
  expect(said?.next).toMatch(next);
  expectWords(said!);
});

test('nothing is missing where there is WebUSB, and the system is recognised', () => {
  expect(missingUsb({ hasUsb: true, secure: true, userAgent: '' })).toBeUndefined();
  expect(platformOf(firefox)).toBe('linux');
  expect(platformOf(iphone)).toBe('mac');
  expect(platformOf('Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile')).toBe('android');
  expect(platformOf('Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0')).toBe('windows');
  expect(platformOf('something else')).toBe('other');
});
