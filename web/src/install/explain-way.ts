// SPDX-License-Identifier: ISC
// What went wrong on the way to the chip, as a person can use it.

import type { Explanation } from '../app/explain.ts';
import { texts } from '../texts/index.ts';
import { InstallRefused, ReadBackDiffers } from './installer.ts';
import type { WayError } from './line.ts';

const { faults } = texts.install;

export type Way = 'serial' | 'stlink';

export function explainWay(error: unknown, way: Way): Explanation {
  if (error instanceof InstallRefused) {
    const { refusal } = error;
    return refusal.why === 'wrong-chip' ? faults.wrongChip(refusal.id) : faults.tooSmall(refusal.needed, refusal.kib);
  }
  if (error instanceof ReadBackDiffers) return faults.differs(error.address);
  if (isWayError(error))
    return { ...faults[way][error.kind], cause: faults[way][error.kind].cause(error.detail || error.action) };
  return texts.errors.unexpected(error instanceof Error ? error.message : String(error));
}

function isWayError(error: unknown): error is Pick<WayError, 'kind' | 'action' | 'detail'> {
  return typeof error === 'object' && error !== null && (error as { name?: string }).name === 'WayError';
}
