// SPDX-License-Identifier: ISC
// The language of the page: another one is another file of the same shape, named here.

export { en as texts } from './en.ts';
