// SPDX-License-Identifier: ISC
// The built page and virtual boards: true firmware on a simulated chip, behind dapboot-sim serve.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Page } from 'playwright-core';
import { dist } from './browser.ts';

export const root = join(dist, '..', '..');
const simulator = process.env['DAPBOOT_SIM'] ?? join(root, 'build/host/sim/dapboot-sim');
export const firmware = process.env['DAPBOOT_FIRMWARE_DIR'] ?? join(root, 'build/firmware');

/** dapboot-sim serve. */
export interface Server {
  readonly url: string;
  /** Ends it as Ctrl-C does. */
  end(): Promise<void>;
}

export async function serve(bootloader: string, board: string, ...more: string[]): Promise<Server> {
  if (!existsSync(simulator)) throw new Error(`${simulator} is not there: build it, or name it in DAPBOOT_SIM`);
  const file = isAbsolute(bootloader) ? bootloader : join(firmware, bootloader);
  const options = ['serve', file, '--board', board, '--page', dist, '--port', '0', ...more];
  const program: ChildProcess = spawn(simulator, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    program.stdout!.on('data', (text: Buffer) => {
      said += text.toString();
      const found = /http:\/\/localhost:\d+\//.exec(said);
      if (found) resolve(found[0]);
    });
    program.once('exit', (code) => reject(new Error(`dapboot-sim serve ended with ${code}: ${said}`)));
  });
  const end = async (): Promise<void> => {
    if (program.exitCode !== null) return;
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill('SIGTERM');
    await ended;
  };
  return { url, end };
}

/** Until the page has a bootloader, over whatever bus. */
export async function connected(page: Page): Promise<void> {
  await page.locator('#device-present').waitFor({ timeout: 20_000 });
}

/** Whether the drawn LED changes within a few seconds, `times` times. */
export async function blinks(page: Page, times: number): Promise<void> {
  await page.evaluate(async (wanted) => {
    const led = document.querySelector('#pill-led')!;
    let lit = led.classList.contains('is-lit');
    for (let changes = 0, waited = 0; changes < wanted; waited += 20) {
      if (waited > 15_000) throw new Error(`the LED changed ${changes} times`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (lit === led.classList.contains('is-lit')) continue;
      lit = !lit;
      changes++;
    }
  }, times);
}
