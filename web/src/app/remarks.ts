// SPDX-License-Identifier: ISC
// What connecting and leaving make of the outcome that the page shows.

import { texts } from '../texts/index.ts';
import type { Remark } from './connection.ts';
import { isInstaller, replaceableAt } from './replace.ts';
import type { ConnectedDevice, Outcome, State } from './state.ts';

type Shown = Pick<State, 'outcome' | 'image'>;

/** After a remark of the policy of connecting. */
export function remarked(what: Remark, { outcome, image }: Shown): Outcome | undefined {
  switch (what) {
    case 'cut':
      return { kind: 'interrupted', asks: false, ...texts.remarks.cut };
    case 'perhaps-same':
      return { kind: 'interrupted', asks: true, ...texts.remarks['perhaps-same'] };
    case 'returned':
      // An installer is meant to come back.
      return outcome?.kind === 'done' && !isInstaller(image)
        ? { ...outcome, returned: texts.remarks.returned }
        : outcome;
    case 'switching':
      return { kind: 'note', about: 'device', ...texts.remarks.switching };
    default:
      return { kind: 'problem', about: 'device', ...texts.remarks[what] };
  }
}

/** When a device is connected: troubles with connecting are over. */
export function atConnection({ outcome }: Shown): Outcome | undefined {
  return outcome?.kind === 'note' || (outcome?.kind === 'problem' && outcome.about === 'device') ? undefined : outcome;
}

/** When a device has left by itself: one that came back is gone again, by a moved jumper, or as Maple's bootloader does. */
export function afterLeaving(outcome: Outcome | undefined): Outcome | undefined {
  if (outcome?.kind !== 'done' || outcome.returned !== texts.remarks.returned) return outcome;
  const { returned: _over, ...rest } = outcome;
  return rest;
}

/** What an installer came to, as the device that is there after it tells; `ran` is what was said when it was written. */
export function afterInstaller(ran: Outcome, device: ConnectedDevice, newest = 0): Outcome {
  if (ran.kind !== 'done') return ran;
  const { title, cause, next } = texts.remarks.replaced;
  const still = replaceableAt(device, newest) !== undefined;
  return { ...ran, ...(still ? { returned: texts.remarks['not-replaced'] } : { title, text: `${cause} ${next}` }) };
}
