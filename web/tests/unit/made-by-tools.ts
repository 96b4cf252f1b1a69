// SPDX-License-Identifier: ISC
// Image files made by programs that know nothing of this page: the Arm assembler and linker, objcopy, srec_cat,
// dfu-suffix. Made anew for every run; a missing program is an error, not a test that is left out.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    made: string;
  }
}

const assembly = `
  .syntax unified
  .cpu cortex-m3
  .thumb
  .section .vectors, "a"
  .word 0x20005000
  .word reset
  .rept 14
  .word fault
  .endr
  .section .text
  .thumb_func
reset:
  ldr r0, =value
  b reset
  .thumb_func
fault:
  b fault
  .section .rodata
  .ascii "read only data of an odd length"
  .section .data
value:
  .word 0x12345678
  .section .bss
  .space 64
`;

/** Data runs in RAM and is loaded from flash: its virtual and load addresses differ. */
const script = (base: string, gap: string): string => `
MEMORY { rom (rx) : ORIGIN = ${base}, LENGTH = 56K  ram (rwx) : ORIGIN = 0x20000000, LENGTH = 20K }
SECTIONS {
  .vectors : { *(.vectors) } > rom
  .text : { *(.text*) *(.rodata*) . = ALIGN(4); ${gap} } > rom
  .data : { *(.data*) } > ram AT > rom
  .bss (NOLOAD) : { *(.bss*) } > ram
}
`;

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'dapboot-images-'));
  const path = (name: string): string => join(folder, name);
  const run = (program: string, ...options: string[]): void => {
    try {
      execFileSync(program, options, { stdio: 'pipe' });
    } catch (error) {
      throw new Error(`${program} ${options.join(' ')} failed; is it installed? ${String(error)}`);
    }
  };

  writeFileSync(path('app.s'), assembly);
  run('arm-none-eabi-as', path('app.s'), '-o', path('app.o'));
  for (const [name, base, gap] of [
    ['app', '0x08002000', ''],
    ['low', '0x08000000', ''],
    ['gap', '0x08002000', '. = . + 300;'],
  ] as const) {
    writeFileSync(path(`${name}.ld`), script(base, gap));
    run('arm-none-eabi-ld', '-T', path(`${name}.ld`), '-e', 'reset', path('app.o'), '-o', path(`${name}.elf`));
    run('arm-none-eabi-objcopy', '-O', 'binary', '--gap-fill', '0xff', path(`${name}.elf`), path(`${name}.bin`));
    run('arm-none-eabi-objcopy', '-O', 'ihex', path(`${name}.elf`), path(`${name}.hex`));
  }
  run('srec_cat', path('app.bin'), '-binary', '-offset', '0x08002000', '-o', path('srec.hex'), '-intel');
  run(
    'srec_cat',
    path('app.bin'),
    '-binary',
    '-offset',
    '0x20000',
    '-o',
    path('segments.hex'),
    '-intel',
    '-address-length=3',
  );
  for (const [name, vendor, product] of [
    ['any', 'ffff', 'ffff'],
    ['ours', '1209', 'db42'],
    ['other', '0483', 'df11'],
  ] as const) {
    run('cp', path('app.bin'), path(`${name}.dfu`));
    run('dfu-suffix', '-v', vendor, '-p', product, '-d', 'ffff', '-a', path(`${name}.dfu`));
  }
  run('cp', path('app.hex'), path('hex-inside.dfu'));
  run('dfu-suffix', '-v', '1209', '-p', 'db42', '-a', path('hex-inside.dfu'));

  project.provide('made', folder);
  return () => rmSync(folder, { recursive: true });
}
