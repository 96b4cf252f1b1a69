// SPDX-License-Identifier: ISC
// Records what page and virtual board say to each other during an update, for tests/unit/replay.test.ts. Run by hand
// when the bootloader answers in another way on purpose: make web firmware, build dapboot-sim, then
//
//   npx vite-node scripts/record-sessions.mjs

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { program } from '../tests/fakes/images.ts';

const root = new URL('../..', import.meta.url).pathname;
const sessions = [
  ['bluepill', 'bluepill', 'dapboot-bluepill.elf'],
  ['skr', 'bttskrminie3v2', 'dapboot-bttskrminie3v2.elf'],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const [name, board, firmware] of sessions) {
  const server = spawn(
    `${root}build/host/sim/dapboot-sim`,
    [
      'serve',
      `${process.env.DAPBOOT_FIRMWARE_DIR ?? `${root}build/firmware`}/${firmware}`,
      '--board',
      board,
      '--page',
      `${root}web/dist`,
      '--port',
      '0',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise((resolve) => {
    server.stdout.on('data', (text) => {
      const found = /http:\/\/localhost:\d+\//.exec(String(text));
      if (found) resolve(found[0]);
    });
  });
  const page = await browser.newPage();
  const exchanges = new Map();
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { id, ...request } = JSON.parse(String(payload));
      if (request.do.startsWith('control')) exchanges.set(id, request);
    });
    socket.on('framereceived', ({ payload }) => {
      const { id, result, data } = JSON.parse(String(payload));
      if (exchanges.has(id)) Object.assign(exchanges.get(id), { result, answer: data });
    });
  });
  await page.goto(url);
  await page.locator('.choice').click();
  await page.locator('#device-present').waitFor();
  await page.setInputFiles('#file', { name: 'a.bin', mimeType: '', buffer: Buffer.from(program(3000)) });
  await page.click('#write');
  await page.locator('#outcome.good').waitFor();
  const lines = [...exchanges.values()].map((one) => JSON.stringify(one));
  writeFileSync(`${root}web/tests/recordings/${name}.json`, `[\n${lines.join(',\n')}\n]\n`);
  console.log(`${name}: ${lines.length} requests`);
  await page.close();
  server.kill();
}
await browser.close();
