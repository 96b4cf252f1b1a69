// SPDX-License-Identifier: ISC
// The lock that keeps the screen on: given late, refused, or unknown to the browser.

import { expect, test } from 'vitest';
import { stayAwake } from '../../src/app/wake-lock.ts';

/** navigator.wakeLock, whose locks are given when `grant` is called. */
function browser() {
  const asked: string[] = [];
  let held = 0;
  let give: () => void = () => undefined;
  const request = (kind: string): Promise<unknown> => {
    asked.push(kind);
    return new Promise((resolve) => {
      give = () => {
        held++;
        resolve({ release: () => Promise.resolve(held--) });
      };
    });
  };
  const grant = async (): Promise<void> => {
    give();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { navigator: { wakeLock: { request } } as unknown as Navigator, asked, grant, held: () => held };
}

test('it is held until the job is over', async () => {
  const { navigator, asked, grant, held } = browser();
  const over = stayAwake(navigator);
  await grant();
  expect([asked, held()]).toEqual([['screen'], 1]);
  over();
  expect(held()).toBe(0);
});

test('one that is given when the job is over already is let go at once', async () => {
  const { navigator, grant, held } = browser();
  stayAwake(navigator)();
  await grant();
  expect(held()).toBe(0);
});

test.each([
  ['knows none', {}],
  ['refuses', { wakeLock: { request: () => Promise.reject(new DOMException('low battery', 'NotAllowedError')) } }],
])('a browser that %s is no obstacle', async (_what, navigator) => {
  const over = stayAwake(navigator as Navigator);
  await new Promise((resolve) => setImmediate(resolve));
  over();
});
