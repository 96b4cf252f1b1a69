// SPDX-License-Identifier: ISC
// Numbers as people read them, in any language.

/** An address, a word of flash. */
export function hex(value: number, digits = 8): string {
  return `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;
}

export function usbId(vendorId: number, productId: number): string {
  const four = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');
  return `${four(vendorId)}:${four(productId)}`;
}

/** Binary coded decimal, as bcdDFUVersion has it: 0x0110 is 1.1. */
export function bcd(value: number): string {
  const major = (value >> 8).toString(16);
  const minor = (value & 0xff).toString(16).padStart(2, '0').replace(/0$/, '');
  return `${major}.${minor}`;
}
