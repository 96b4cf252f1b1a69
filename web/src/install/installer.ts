// SPDX-License-Identifier: ISC
// Installs a bootloader on a chip: looks, asks where something would be lost, writes, reads back, starts. The order is
// such that a chip without power in the middle has no page 0, and so nothing that half runs.

import { FLASH_BASE } from '../image/chip.ts';
import type { Segment } from '../image/segments.ts';
import { chipKind, pagesOf } from './chips.ts';
import type { ChipKind, Page } from './chips.ts';
import { WayError } from './line.ts';
import type { ChipAccess, ChipFacts } from './line.ts';

export interface InstallProgress {
  readonly step: 'unprotect' | 'erase' | 'write' | 'verify' | 'start';
  /** 0 to 1. */
  readonly share: number;
}

export type Refusal =
  | { readonly why: 'wrong-chip'; readonly id: number }
  | { readonly why: 'too-small'; readonly needed: number; readonly kib: number };

export class InstallRefused extends Error {
  override readonly name = 'InstallRefused';
  constructor(readonly refusal: Refusal) {
    super(refusal.why);
  }
}

export class ReadBackDiffers extends Error {
  override readonly name = 'ReadBackDiffers';
  constructor(readonly address: number) {
    super(`0x${address.toString(16)} reads back differently`);
  }
}

/** Whether the image can go onto this chip. Throws InstallRefused; nothing is written. */
export function check(facts: ChipFacts, segments: readonly Segment[]): ChipKind {
  const kind = chipKind(facts.id);
  if (!kind) throw new InstallRefused({ why: 'wrong-chip', id: facts.id });
  const end = Math.max(...segments.map((one) => one.address + one.data.length)) - FLASH_BASE;
  // Many "C8" chips say 64 KiB and have 128; that is the one difference that people rely on.
  const kib = facts.flashKib === 64 ? 128 : facts.flashKib;
  if (kib !== undefined && end > kib * 1024)
    throw new InstallRefused({ why: 'too-small', needed: Math.ceil(end / 1024), kib });
  return kind;
}

/** Throws WayError, InstallRefused, ReadBackDiffers. `facts` is what connect() said; a protected chip is unprotected. */
export async function install(
  chip: ChipAccess,
  facts: ChipFacts,
  segments: readonly Segment[],
  show: (progress: InstallProgress) => void,
): Promise<void> {
  let known = facts;
  if (known.protected) {
    check(known, segments);
    show({ step: 'unprotect', share: 0 });
    known = await chip.unprotect();
    if (known.protected) throw new WayError('refused', 'unprotecting');
  }
  const { pageSize } = check(known, segments);
  const pages = pagesOf(segments, pageSize);
  show({ step: 'erase', share: 0 });
  await chip.erase(
    pages.map((one) => one.number),
    pageSize,
  );
  // Page 0 last: until it is there, nothing starts that is not whole.
  const order = [...pages.filter((one) => one.number !== 0), ...pages.filter((one) => one.number === 0)];
  await each(
    order,
    (share) => show({ step: 'write', share }),
    (page) => chip.write(page.address, page.data),
  );
  await each(
    order,
    (share) => show({ step: 'verify', share }),
    async (page) => {
      const found = await chip.read(page.address, page.data.length);
      const at = page.data.findIndex((byte, i) => found[i] !== byte);
      if (at >= 0) throw new ReadBackDiffers(page.address + at);
    },
  );
  show({ step: 'start', share: 1 });
  await chip.start();
}

async function each(
  pages: readonly Page[],
  show: (share: number) => void,
  act: (page: Page) => Promise<void>,
): Promise<void> {
  for (const [i, page] of pages.entries()) {
    show(i / pages.length);
    await act(page);
  }
  show(1);
}
