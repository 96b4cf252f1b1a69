// SPDX-License-Identifier: ISC
// Everything that the page shows, in one value. Views draw it; the flow alone replaces it.

import type { DeviceFacts, DfuTarget } from '../dfu/device.ts';
import type { Image } from '../image/image.ts';
import type { Verdict } from '../image/check.ts';
import type { Layout } from '../image/layout.ts';
import type { DeviceHandle } from '../usb/transport.ts';
import type { Explanation } from './explain.ts';
import type { Rate } from './rate.ts';

export interface ConnectedDevice {
  readonly handle: DeviceHandle;
  readonly facts: DeviceFacts;
  readonly target: DfuTarget;
  readonly layout: Layout | undefined;
  /** Bytes for the application, where they were measured. */
  readonly capacity?: number;
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
export type Outcome = (
  | {
      readonly kind: 'done';
      readonly title: string;
      readonly text: string;
      /** The chosen image is in the device's flash. */
      readonly inFlash?: boolean;
    }
  | ({ readonly kind: 'problem' } & Explanation)
  /** A write was cut off by the device leaving; it goes on by itself when the device is back. */
  | ({ readonly kind: 'interrupted' } & Explanation)
) & {
  /** Where people look for it: with the device when it is about connecting. */
  readonly about?: 'device';
};

export interface State {
  /** Why USB cannot be used here, if so. */
  readonly unsupported: Explanation | undefined;
  /** Plugged in and permitted. */
  readonly available: readonly DeviceHandle[];
  readonly connecting: boolean;
  readonly device: ConnectedDevice | undefined;
  /** The device that is or was connected last: what is known of its flash stays so when it starts the application. */
  readonly known: Pick<ConnectedDevice, 'layout' | 'capacity'> | undefined;
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
