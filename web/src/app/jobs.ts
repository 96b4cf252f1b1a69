// SPDX-License-Identifier: ISC
// The four things a person can ask of a connected device, each as one run from start to outcome.

import { DfuSession } from '../dfu/session.ts';
import type { Ending, Progress } from '../dfu/session.ts';
import type { Destination } from '../image/check.ts';
import type { Image } from '../image/image.ts';
import type { Placement } from '../image/placement.ts';
import { texts } from '../texts/index.ts';
import { UsbFault } from '../usb/transport.ts';
import type { DfuTransport } from '../usb/transport.ts';
import { RateMeter } from './rate.ts';
import { isInstaller } from './replace.ts';
import type { ConnectedDevice, Job, JobKind, Outcome } from './state.ts';

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
  /** `left` where the device went away to start its application. */
  readonly ending: Ending;
  /** Where the job learned where the application lies. */
  readonly placement?: Placement;
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
  const { placement } = context.device;
  let measured: { placement?: Placement } = {};
  if (image.data.length > CERTAIN_ROOM && functional.canUpload && placement?.end === undefined) {
    const room = (await session.read(undefined, 'prepare')).length;
    context.log(`the device has room for ${room} bytes`);
    // Where a bootloader puts the application does not show in how much it reads.
    if (placement) measured = { placement: { ...placement, end: placement.base + room } };
    if (image.data.length > room) {
      const why = { cause: texts.verdict.tooLong(image.data.length, room), next: texts.verdict.tooLongNext };
      return { ...measured, ending: 'stayed', outcome: { kind: 'problem', title: texts.job.tooLong, ...why } };
    }
  }
  const ending = await session.write(image.data);
  const done = (how: { title: string; text: string }, end: Ending): Done => {
    const said = end === 'left' && isInstaller(image) ? texts.job.installerWritten : how;
    return { ...measured, ending: end, outcome: { kind: 'done', written: true, inFlash: true, ...said } };
  };
  if (ending === 'left') return done(texts.job.written, 'left');
  if (!functional.canUpload) return done(texts.job.writtenUnread, 'stayed');
  try {
    await session.verify(image.data);
  } catch (error) {
    // A device that leaves by itself may do so before the comparison ends: it had reported success.
    const left = functional.willDetach && error instanceof UsbFault && error.kind === 'gone';
    if (!left) throw error;
    return done(texts.job.written, 'left');
  }
  if (functional.willDetach && (await session.left())) return done(texts.job.writtenAndComparedLeft, 'left');
  return done(texts.job.writtenAndCompared, 'stayed');
}

/** Reads back as much as the image has, and compares. */
export async function verify(context: JobContext, image: Image): Promise<Done> {
  await sessionFor(context, 'verify').verify(image.data);
  const { title, text } = texts.job.verified(image.data.length, image.name);
  return { ending: 'stayed', outcome: { kind: 'done', title, text, inFlash: true } };
}

/** Reads the whole application area. */
export async function save(context: JobContext): Promise<Done> {
  const content = await sessionFor(context, 'save').read();
  const saved = withoutErasedTail(content);
  const { title, text } = saved.length === 0 ? texts.job.nothingToSave : texts.job.saved(saved.length, content.length);
  return { ending: 'stayed', saved, outcome: { kind: 'done', title, text } };
}

/** Leaves the bootloader. */
export async function start(context: JobContext): Promise<Done> {
  const ending = await sessionFor(context, 'start').start();
  const outcome: Outcome =
    ending === 'left' ? { kind: 'done', ...texts.job.started } : { kind: 'problem', ...texts.job.notStarted };
  return { ending, outcome };
}

export function destinationOf(device: ConnectedDevice): Destination {
  return {
    vendorId: device.facts.vendorId,
    productId: device.facts.productId,
    canDownload: device.target.functional.canDownload,
    placement: device.placement,
  };
}

function sessionFor(context: JobContext, kind: JobKind): DfuSession {
  let meter = new RateMeter();
  let operation: Progress['operation'] | undefined;
  return new DfuSession(context.transport, context.device.target, {
    signal: context.signal,
    log: context.log,
    sleep: context.sleep,
    progress: (progress) => {
      const step = texts.job.steps[progress.operation];
      if (progress.operation !== operation) {
        operation = progress.operation;
        meter = new RateMeter();
        context.log(step.toLowerCase());
      }
      const { done, total } = progress;
      context.show({ kind, step, done, total, rate: meter.update(context.now(), done, total) });
    },
  });
}

/** Erased flash reads 0xFF; a file that ends in it says no more than one that does not. Whole words stay whole. */
function withoutErasedTail(content: Uint8Array): Uint8Array {
  let end = content.length;
  while (end > 0 && content[end - 1] === 0xff) end--;
  return content.subarray(0, Math.min(content.length, (end + 3) & ~3));
}
