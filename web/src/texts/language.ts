// SPDX-License-Identifier: ISC
// What a language must have: all that English has, with other words in it. The compiler refuses one that lacks a sentence,
// has one too many, or takes other values.

import type { language as english } from './en/index.ts';

type Words<T> = T extends string
  ? string
  : T extends (...values: infer V) => infer R
    ? (...values: V) => Words<R>
    : { readonly [K in keyof T]: Words<T[K]> };

export type Language = Words<typeof english>;
