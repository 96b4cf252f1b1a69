// SPDX-License-Identifier: ISC
// What the browser at hand can do, and what to tell a person when it cannot.

import { texts } from '../texts/index.ts';
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
  if (!surroundings.secure) return texts.support.insecure;
  return /iPhone|iPad/i.test(surroundings.userAgent) ? texts.support.iphone : texts.support.noWebUsb;
}
