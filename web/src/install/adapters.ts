// SPDX-License-Identifier: ISC
// The ways to a chip that this browser has: adapters that a person chooses, those that were allowed before and need no
// chooser, and those of a virtual board.

import { texts } from '../texts/index.ts';
import { usbId } from '../texts/numbers.ts';
import type { BoardLink } from '../usb/board-link.ts';
import type { Way } from './explain-way.ts';
import type { ChipAccess } from './line.ts';
import { permittedProbes, requestProbe } from './probe-usb.ts';
import { RomLoader } from './rom-loader.ts';
import { StLink } from './stlink.ts';
import { VirtualProbe, VirtualSerialLine } from './virtual-adapters.ts';
import { WebSerialLine, requestPort, serialOf } from './web-serial.ts';

const words = texts.install;

/** An adapter that needs no chooser. */
export interface KnownAdapter {
  readonly name: string;
  readonly detail: string;
  /** The virtual board that it is wired to. */
  readonly board?: BoardLink;
  chip(): ChipAccess;
}

/** Whether the browser has this way at all. */
export function canChoose(way: Way): boolean {
  return way === 'serial' ? serialOf(navigator) !== undefined : usb() !== undefined;
}

/** Opens the browser's chooser, which needs a click; undefined when the person closes it. Throws WayError. */
export async function chooseAdapter(way: Way): Promise<ChipAccess | undefined> {
  if (way === 'serial') {
    const serial = serialOf(navigator);
    const port = serial && (await requestPort(serial));
    return port && new RomLoader(new WebSerialLine(port));
  }
  const browser = usb();
  const pipe = browser && (await requestProbe(browser));
  return pipe && new StLink(pipe);
}

/** Those that were allowed before and are plugged in. */
export async function allowedAdapters(way: Way): Promise<KnownAdapter[]> {
  if (way === 'serial') {
    const ports =
      (await serialOf(navigator)
        ?.getPorts?.()
        .catch(() => [])) ?? [];
    return ports.map((port) => {
      const { usbVendorId, usbProductId } = port.getInfo?.() ?? {};
      const id = usbVendorId === undefined || usbProductId === undefined ? '' : usbId(usbVendorId, usbProductId);
      return { ...words.allowed(words.ways.serial, id), chip: () => new RomLoader(new WebSerialLine(port)) };
    });
  }
  const probes = await permittedProbes(usb());
  return probes.map(({ name, pipe }) => ({
    ...words.allowed(words.ways.stlink, name),
    chip: () => new StLink(pipe),
  }));
}

/** What is wired to a virtual board that has adapters. */
export function virtualAdapter(way: Way, board: BoardLink): KnownAdapter {
  return {
    ...words.virtual[way],
    board,
    chip: () => (way === 'serial' ? new RomLoader(new VirtualSerialLine(board)) : new StLink(new VirtualProbe(board))),
  };
}

/** Calls back when an adapter that was allowed before comes or goes. */
export function watchAdapters(changed: () => void): void {
  for (const source of [usb(), serialOf(navigator)]) {
    for (const event of ['connect', 'disconnect'])
      (source as EventTarget | undefined)?.addEventListener?.(event, changed);
  }
}

function usb(): USB | undefined {
  return (navigator as { usb?: USB }).usb;
}
