// SPDX-License-Identifier: ISC
// The bootloaders and installers that are part of the build, each with the checksum that the build wrote beside it.

import { texts } from '../texts/index.ts';

export interface BuiltImage {
  readonly file: string;
  readonly sha256: string;
}

let list: Promise<readonly BuiltImage[]> | undefined;

/** Empty where they cannot be loaded. */
export function builtImages(): Promise<readonly BuiltImage[]> {
  list ??= fetch('./bootloaders/index.json').then(
    async (response) => (response.ok ? ((await response.json()) as BuiltImage[]) : []),
    () => {
      list = undefined;
      return [];
    },
  );
  return list;
}

/** Throws an error with a sentence. */
export async function loadBootloader(file: string): Promise<Uint8Array> {
  const image = (await builtImages()).find((one) => one.file === file);
  const response = image && (await fetch(`./bootloaders/${file}`).catch(() => undefined));
  if (!image || !response?.ok) throw new Error(texts.install.noImage);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== image.sha256) throw new Error(texts.install.damaged);
  return bytes;
}
