// SPDX-License-Identifier: ISC
// The four things a person can ask of a connected device, each as one run from start to outcome.

import { DfuSession } from '../dfu/session.ts';
import type { Progress } from '../dfu/session.ts';
import { judge } from '../image/check.ts';
import type { Destination } from '../image/check.ts';
import type { Image } from '../image/image.ts';
import type { DfuTransport } from '../usb/transport.ts';
import type { ConnectedDevice, Job, JobKind, Outcome } from './state.ts';
import { RateMeter } from './rate.ts';

export interface JobContext {
  readonly transport: DfuTransport;
  readonly device: ConnectedDevice;
  readonly signal: AbortSignal;
  readonly show: (job: Job) => void;
  readonly log: (line: string) => void;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface Done {
  readonly outcome: Outcome;
  /** Bytes for the application, where the job learned them. */
  readonly capacity?: number;
  readonly saved?: Uint8Array;
}

/** The smallest part, 64 KiB, has room for this much; only beyond it must the device's end be known beforehand. */
const CERTAIN_ROOM = 54 * 1024;

/**
 * Writes, and compares where the device allows it.
 *
 * A bootloader can refuse an image that is too long only at the block that crosses the end, when the first pages
 * have already replaced the installed application; so the room is measured first, wherever it is in doubt.
 */
export async function write(context: JobContext, image: Image): Promise<Done> {
  const session = sessionFor(context, 'write');
  const { functional } = context.device.target;
  let { capacity } = context.device;
  if (image.data.length > CERTAIN_ROOM && functional.canUpload && capacity === undefined) {
    capacity = await session.capacity();
    context.log(`the device has room for ${capacity} bytes`);
    const verdict = judge(image, destinationOf({ ...context.device, capacity }));
    if (verdict.kind === 'refused') {
      const problem = { title: 'The firmware does not fit', cause: verdict.text, next: verdict.next };
      return { capacity, outcome: { kind: 'problem', ...problem } };
    }
  }
  const measured = capacity === undefined ? {} : { capacity };
  const ending = await session.write(image.data);
  if (ending === 'left') {
    const text =
      'The device reported success and left its bootloader to start the application. To compare it byte by byte as ' +
      'well, bring it back into bootloader mode and press Compare.';
    return { ...measured, outcome: { kind: 'done', title: 'Firmware updated', text, inFlash: true } };
  }
  if (!functional.canUpload) {
    const text = 'The device reported success and stays in its bootloader. It cannot be read, so nothing was compared.';
    return { ...measured, outcome: { kind: 'done', title: 'Firmware updated', text, inFlash: true } };
  }
  await session.verify(image.data);
  const text = 'Every byte was read back and is as it should be. The device stays in its bootloader until you start it.';
  return { ...measured, outcome: { kind: 'done', title: 'Firmware updated and compared', text, inFlash: true } };
}

/** Reads back as much as the image has, and compares. */
export async function verify(context: JobContext, image: Image): Promise<Done> {
  await sessionFor(context, 'verify').verify(image.data);
  const text = `All ${image.data.length} bytes on the device are those of ${image.name}.`;
  return { outcome: { kind: 'done', title: 'The device holds this firmware', text, inFlash: true } };
}

/** Reads the whole application area. */
export async function save(context: JobContext): Promise<Done> {
  const content = await sessionFor(context, 'save').read();
  const saved = withoutErasedTail(content);
  const text =
    saved.length === 0
      ? 'There is no application on the device: its flash is empty.'
      : `${saved.length} bytes were read; the rest of the ${content.length} bytes is empty flash.`;
  const title = saved.length === 0 ? 'Nothing to save' : 'Firmware saved';
  return { capacity: content.length, saved, outcome: { kind: 'done', title, text } };
}

/** Leaves the bootloader. */
export async function start(context: JobContext): Promise<Done> {
  const ending = await sessionFor(context, 'start').start();
  if (ending === 'left') {
    const text = 'The device left its bootloader. If it comes back at once, it has no application that can run.';
    return { outcome: { kind: 'done', title: 'Application started', text } };
  }
  return {
    outcome: {
      kind: 'problem',
      title: 'The device stays in its bootloader',
      cause:
        'It did not leave: its bootloader button is held, it has no application that can run, or it is an older ' +
        'bootloader that leaves only when its board is reset.',
      next: 'Release the button (Blue Pill: BOOT1 back to 0) and press reset. If it is still here, write a firmware.',
    },
  };
}

export function destinationOf(device: ConnectedDevice): Destination {
  return {
    vendorId: device.facts.vendorId,
    productId: device.facts.productId,
    canDownload: device.target.functional.canDownload,
    layout: device.layout,
    ...(device.capacity === undefined ? {} : { capacity: device.capacity }),
  };
}

const steps: Record<Progress['operation'], string> = {
  prepare: 'Measuring the room on the device',
  write: 'Writing',
  finish: 'Finishing: the new application comes into force',
  read: 'Reading',
  verify: 'Comparing',
  start: 'Starting the application',
};

function sessionFor(context: JobContext, kind: JobKind): DfuSession {
  let meter = new RateMeter();
  let operation: Progress['operation'] | undefined;
  return new DfuSession(context.transport, context.device.target, {
    signal: context.signal,
    log: context.log,
    sleep: context.sleep,
    progress: (progress) => {
      if (progress.operation !== operation) {
        operation = progress.operation;
        meter = new RateMeter();
        context.log(steps[operation].toLowerCase());
      }
      const { done, total } = progress;
      context.show({ kind, step: steps[operation], done, total, rate: meter.update(context.now(), done, total) });
    },
  });
}

/** Erased flash reads 0xFF; a file that ends in it says no more than one that does not. Whole words stay whole. */
function withoutErasedTail(content: Uint8Array): Uint8Array {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0xff) end--;
  return content.subarray(0, Math.min(content.length, (end + 3) & ~3));
}
