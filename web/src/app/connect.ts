// SPDX-License-Identifier: ISC
// From a handle to a device that is ready for a session: open it, read it, pick the interface, claim it.

import { readFacts } from '../dfu/device.ts';
import type { DeviceFacts, DfuTarget } from '../dfu/device.ts';
import { DfuSession } from '../dfu/session.ts';
import { layoutOf } from '../image/layout.ts';
import { UsbFault } from '../usb/transport.ts';
import type { DeviceHandle, DfuTransport } from '../usb/transport.ts';
import type { ConnectedDevice } from './state.ts';
import type { Explanation } from './explain.ts';

export type Connection =
  | { readonly kind: 'ready'; readonly transport: DfuTransport; readonly device: ConnectedDevice }
  /** An application was asked for its bootloader; the device comes back as another one. */
  | { readonly kind: 'switching' }
  | { readonly kind: 'unusable'; readonly why: Explanation };

export interface ConnectOptions {
  readonly attempts: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: (line: string) => void;
}

const RETRY_MS = 300;

/** Throws UsbFault, DescriptorError. */
export async function connect(handle: DeviceHandle, options: ConnectOptions): Promise<Connection> {
  const transport = await openPatiently(handle, options);
  try {
    const facts = await readFacts(transport);
    logFacts(facts, options.log);
    const unusable = judge(facts);
    if (unusable) {
      await transport.close();
      return { kind: 'unusable', why: unusable };
    }
    const target = pick(facts);
    const { configuration, interfaceNumber, alternate, mode } = target.interface;
    await transport.select(configuration, interfaceNumber, alternate);
    if (mode === 'runtime') {
      options.log('an application with a DFU interface: asking it for its bootloader');
      await new DfuSession(transport, target, options).detach();
      await transport.close();
      return { kind: 'switching' };
    }
    return { kind: 'ready', transport, device: { handle, facts, target, layout: layoutOf(facts) } };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** A device that has just appeared may not have its access rights yet (udev), or still be probed by the system. */
async function openPatiently(handle: DeviceHandle, options: ConnectOptions): Promise<DfuTransport> {
  for (let attempt = 1; ; attempt++) {
    const transport = handle.connect();
    try {
      await transport.open();
      return transport;
    } catch (error) {
      if (!(error instanceof UsbFault) || error.kind === 'gone' || attempt >= options.attempts) throw error;
      options.log(`${error.message}; trying again`);
      await options.sleep(RETRY_MS);
    }
  }
}

/**
 * DFU mode before run-time; then the lowest alternate setting, which is what dfu-util takes when nobody asks for more.
 * dapboot puts settings without a function before its own: there it is the highest.
 */
function pick(facts: DeviceFacts): DfuTarget {
  const order = layoutOf(facts) ? -1 : 1;
  const rank = ({ interface: one }: DfuTarget): number => (one.mode === 'dfu' ? 0 : 1000) + order * one.alternate;
  return facts.targets.reduce((best, one) => (rank(one) < rank(best) ? one : best));
}

function judge(facts: DeviceFacts): Explanation | undefined {
  if (facts.dfuSe) {
    return {
      title: 'This is a DfuSe device',
      cause: "It speaks DfuSe, ST's own protocol, which only looks like DFU 1.1. This page does not speak it.",
      next: 'Use STM32CubeProgrammer, or dfu-util with an address: dfu-util -a 0 -s 0x08000000:leave -D firmware.bin',
    };
  }
  if (facts.targets.length === 0) {
    return {
      title: 'This device is not in bootloader mode',
      cause: 'It has no DFU interface: its application is running.',
      next: 'Hold the bootloader button (on a Blue Pill: move the BOOT1 jumper to 1), press reset, then connect.',
    };
  }
  return undefined;
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
