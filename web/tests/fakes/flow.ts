// SPDX-License-Identifier: ISC
// A flow over fake devices, with counted time and everything that it says kept.

import { Flow } from '../../src/app/flow.ts';
import type { FlowOptions } from '../../src/app/flow.ts';
import type { State } from '../../src/app/state.ts';
import type { FakeDevice } from './fake-device.ts';
import { FakeClock, FakeSource } from './fake-transport.ts';

export function setUpWith(devices: FakeDevice[], more: Partial<FlowOptions> = {}) {
  const source = new FakeSource(devices);
  const states: State[] = [];
  const saved: { name: string; content: Uint8Array }[] = [];
  const clock = new FakeClock();
  const log: string[] = [];
  const flow = new Flow({
    sources: [source],
    platform: 'linux',
    log: (line) => log.push(line),
    render: (state) => states.push(state),
    saveFile: (name, content) => saved.push({ name, content }),
    sleep: clock.sleep,
    now: clock.now,
    after: clock.after,
    ...more,
  });
  return { source, flow, states, saved, clock, log };
}

/** Lets everything that was set off come to rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 400; i++) await new Promise((resolve) => setImmediate(resolve));
}
