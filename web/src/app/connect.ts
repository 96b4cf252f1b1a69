// SPDX-License-Identifier: ISC
// From a handle to a device that is ready for a session: open it, read it, pick the interface, claim it, and find out
// where it puts the application. Nothing on the device changes, unless it is an application that is to leave.

import { readFacts } from '../dfu/device.ts';
import type { DeviceFacts, DfuTarget } from '../dfu/device.ts';
import { DfuProtocolError, DfuStatusError } from '../dfu/errors.ts';
import { DfuSession } from '../dfu/session.ts';
import { placementByProduct, placementMeasured, placementNamed } from '../image/placement.ts';
import type { Placement } from '../image/placement.ts';
import { texts } from '../texts/index.ts';
import { UsbFault } from '../usb/transport.ts';
import type { DeviceHandle, DfuTransport } from '../usb/transport.ts';
import type { Explanation } from './explain.ts';
import type { ConnectedDevice } from './state.ts';

export type Connecting =
  | { readonly kind: 'ready'; readonly transport: DfuTransport; readonly device: ConnectedDevice }
  | { readonly kind: 'application' }
  /** An application was asked for its bootloader; the device comes back as another one. */
  | { readonly kind: 'detached' }
  | { readonly kind: 'unusable'; readonly why: Explanation };

export interface ConnectOptions {
  /** A device that has just appeared may not have its access rights yet (udev), or still be probed by the system. */
  readonly patient: boolean;
  /** Sends DFU_DETACH to an application; without it, an application is left as it is. */
  readonly detach: boolean;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: (line: string) => void;
}

const PATIENT_ATTEMPTS = 5;
const CLICK_ATTEMPTS = 2;
const RETRY_MS = 300;

/** Throws UsbFault, DescriptorError. */
export async function connect(handle: DeviceHandle, options: ConnectOptions): Promise<Connecting> {
  const transport = await openPatiently(handle, options);
  try {
    const facts = await readFacts(transport);
    logFacts(facts, options.log);
    const unusable = judge(facts);
    const target = unusable ? undefined : pick(facts);
    if (!target || (target.interface.mode === 'runtime' && !options.detach)) {
      await transport.close();
      return unusable ? { kind: 'unusable', why: unusable } : { kind: 'application' };
    }
    const { configuration, interfaceNumber, alternate, mode } = target.interface;
    await transport.select(configuration, interfaceNumber, alternate);
    if (mode === 'runtime') {
      options.log('an application with a DFU interface: asking it for its bootloader');
      await new DfuSession(transport, target, options).detach();
      await transport.close();
      return { kind: 'detached' };
    }
    const placement = await placementOf(transport, facts, target, options);
    return { kind: 'ready', transport, device: { handle, facts, target, placement } };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** As announced, as the alternate setting says, or for an older dapboot as reading it shows. */
export async function placementOf(
  transport: DfuTransport,
  facts: DeviceFacts,
  target: DfuTarget,
  options: Pick<ConnectOptions, 'sleep' | 'log'>,
): Promise<Placement | undefined> {
  const { capability } = facts;
  if (capability) return { base: capability.applicationBase, end: capability.applicationEnd, from: 'announced' };
  const named = placementNamed(target.name);
  const byProduct = placementByProduct(facts.product);
  if (named || !byProduct || !target.functional.canUpload) return named ?? byProduct;
  try {
    return placementMeasured(await new DfuSession(transport, target, options).read(), facts.product);
  } catch (error) {
    // A read-protected chip, or a bootloader without UPLOAD in spite of its word: what it is called must do.
    const refused = error instanceof DfuStatusError || error instanceof DfuProtocolError;
    if (!refused && !(error instanceof UsbFault && error.kind === 'stall')) throw error;
    options.log(`the room cannot be measured: ${error.message}`);
    return byProduct;
  }
}

async function openPatiently(handle: DeviceHandle, options: ConnectOptions): Promise<DfuTransport> {
  const attempts = options.patient ? PATIENT_ATTEMPTS : CLICK_ATTEMPTS;
  for (let attempt = 1; ; attempt++) {
    const transport = handle.connect();
    try {
      await transport.open();
      return transport;
    } catch (error) {
      if (!(error instanceof UsbFault) || error.kind === 'gone' || attempt >= attempts) throw error;
      options.log(`${error.message}; trying again`);
      await options.sleep(RETRY_MS);
    }
  }
}

/**
 * DFU mode before run-time. Then what its name says: STM32duino's bootloader has its RAM, which it refuses, at 0 and
 * flash behind it. Then the lowest alternate setting, which is what dfu-util takes when nobody asks for more; but
 * dapboot puts settings without a function before its own: there it is the highest.
 */
function pick(facts: DeviceFacts): DfuTarget {
  const highest = facts.capability !== undefined || placementByProduct(facts.product) !== undefined;
  const rank = ({ interface: one, name }: DfuTarget): number => {
    const mode = one.mode === 'dfu' ? 0 : 10_000;
    const byName = /\bram\b|not supported/i.test(name) ? 1000 : 0;
    const last = highest || placementNamed(name) !== undefined;
    return mode + byName + (last ? -one.alternate : one.alternate);
  };
  return facts.targets.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

function judge(facts: DeviceFacts): Explanation | undefined {
  if (facts.dfuSe) return texts.connect.dfuSe;
  return facts.targets.length === 0 ? texts.connect.noDfu : undefined;
}

function logFacts(facts: DeviceFacts, log: (line: string) => void): void {
  const four = (value: number): string => value.toString(16).padStart(4, '0');
  log(`device ${four(facts.vendorId)}:${four(facts.productId)} "${facts.product}", serial ${facts.serial || 'none'}`);
  for (const { interface: one, functional, name } of facts.targets) {
    log(
      `  interface ${one.interfaceNumber}, alternate setting ${one.alternate}, ${one.mode} mode, "${name}": ` +
        `DFU ${four(functional.version)}, ${functional.transferSize} bytes a block` +
        (functional.canDownload ? ', download' : '') +
        (functional.canUpload ? ', upload' : '') +
        (functional.willDetach ? ', leaves by itself' : '') +
        (functional.manifestationTolerant ? ', manifestation tolerant' : ''),
    );
  }
}
