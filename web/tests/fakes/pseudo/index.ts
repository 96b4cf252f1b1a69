// SPDX-License-Identifier: ISC
// A second language: English in brackets. A build that speaks it shows which words of the page do not come from the
// language's folder.

import { language as english } from '../../../src/texts/en/index.ts';
import type { Language } from '../../../src/texts/language.ts';

function bracketed(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? '' : `⟦${value}⟧`;
  if (typeof value === 'function')
    return (...given: unknown[]) => bracketed((value as (...all: unknown[]) => unknown)(...given));
  if (Array.isArray(value)) return value.map(bracketed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, bracketed(one)]));
}

export const language: Language = { ...(bracketed({ ...english }) as Language), code: 'en' };
