// SPDX-License-Identifier: ISC
// What the browser at hand can do, and what to tell a person when it cannot.

import type { Explanation, Platform } from './explain.ts';

export interface Surroundings {
  readonly hasUsb: boolean;
  readonly secure: boolean;
  readonly userAgent: string;
}

export function platformOf(userAgent: string): Platform {
  if (/Android/i.test(userAgent)) return 'android';
  if (/Windows/i.test(userAgent)) return 'windows';
  if (/Mac OS X|Macintosh|iPhone|iPad/i.test(userAgent)) return 'mac';
  if (/Linux|CrOS|X11/i.test(userAgent)) return 'linux';
  return 'other';
}

/** Undefined where USB works; else why it does not. */
export function missingUsb(surroundings: Surroundings): Explanation | undefined {
  if (surroundings.hasUsb) return undefined;
  if (!surroundings.secure) {
    return {
      title: 'This page was not opened securely',
      cause: 'Browsers give USB devices only to pages that come over https, or from this computer itself.',
      next: 'Open the same address with https:// in front.',
    };
  }
  if (/iPhone|iPad/i.test(surroundings.userAgent)) {
    return {
      title: 'This device cannot flash over USB',
      cause: 'No browser on iPhone or iPad has WebUSB.',
      next: 'Open this page in Chrome or Edge on a computer, or in Chrome on an Android phone.',
    };
  }
  return {
    title: 'This browser cannot reach USB devices',
    cause: 'It does not have WebUSB; Firefox and Safari do not offer it.',
    next: 'Open this page in Chrome, Edge or Opera on a computer, or in Chrome on an Android phone. Or use dfu-util.',
  };
}
