// SPDX-License-Identifier: ISC
// The version of the project, which the top CMakeLists.txt has.

import { readFileSync } from 'node:fs';

export function projectVersion(): string {
  const text = readFileSync(new URL('../CMakeLists.txt', import.meta.url), 'utf8');
  const version = /project\([^)]*VERSION\s+(\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (!version) throw new Error('CMakeLists.txt names no version');
  return version;
}

/** As bcdDevice has it: 2.1.0 is 0x0210. */
export function bcdVersion(): number {
  const [major = 0, minor = 0, patch = 0] = projectVersion().split('.').map(Number);
  return (major << 8) | (minor << 4) | patch;
}
