// SPDX-License-Identifier: ISC
// Everything that the page shows, in one value. Views draw it; the flow alone replaces it.

import type { DeviceFacts, DfuTarget } from '../dfu/device.ts';
import type { Verdict } from '../image/check.ts';
import type { Image } from '../image/image.ts';
import type { Placement } from '../image/placement.ts';
import type { DeviceHandle } from '../usb/transport.ts';
import type { Explanation } from './explain.ts';
import type { Rate } from './rate.ts';

export interface ConnectedDevice {
  readonly handle: DeviceHandle;
  readonly facts: DeviceFacts;
  readonly target: DfuTarget;
  /** Undefined for a bootloader that is not known. */
  readonly placement: Placement | undefined;
}

export type JobKind = 'write' | 'verify' | 'save' | 'start';

export interface Job {
  readonly kind: JobKind;
  /** A sentence for the part under way. */
  readonly step: string;
  readonly done: number;
  readonly total: number | undefined;
  readonly rate: Rate | undefined;
}

/** What the last job or attempt came to. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly title: string;
      readonly text: string;
      /** A write that worked: the moment to show it. */
      readonly written?: boolean;
      /** The chosen image is in the device's flash. */
      readonly inFlash?: boolean;
      /** The board came back to its bootloader at once: what keeps it there. */
      readonly returned?: Explanation;
    }
  | ({ readonly kind: 'problem'; readonly about?: 'device' } & Explanation)
  /** Something that goes on, or that a click is needed for. */
  | ({ readonly kind: 'note'; readonly about: 'device' } & Explanation)
  /** A write was cut off by the device leaving; it goes on when the device is back. */
  | ({
      readonly kind: 'interrupted';
      /** A board without a serial number is back: it may be another one, and the person has to say so. */
      readonly asks: boolean;
    } & Explanation);

export interface State {
  /** Why USB cannot be used here, if so. */
  readonly unsupported: Explanation | undefined;
  /** Plugged in and permitted. */
  readonly available: readonly DeviceHandle[];
  readonly connecting: boolean;
  readonly device: ConnectedDevice | undefined;
  /** Of the device that is or was connected last: it stays true when that starts its application. */
  readonly known: ConnectedDevice | undefined;
  readonly image: Image | undefined;
  /** Why the chosen file is no image. */
  readonly imageProblem: Explanation | undefined;
  readonly verdict: Verdict | undefined;
  readonly job: Job | undefined;
  readonly outcome: Outcome | undefined;
}

export const initialState: State = {
  unsupported: undefined,
  available: [],
  connecting: false,
  device: undefined,
  known: undefined,
  image: undefined,
  imageProblem: undefined,
  verdict: undefined,
  job: undefined,
  outcome: undefined,
};
