// SPDX-License-Identifier: ISC
// Numbers with words or signs of English in them.

const KIB = 1024;

export function bytes(count: number): string {
  if (count < KIB) return `${Math.round(count)} bytes`;
  const kib = count / KIB;
  return `${Number.isInteger(kib) || kib >= 10 ? kib.toFixed(0) : kib.toFixed(1)} KiB`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** Of a share between 0 and 1. */
export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
