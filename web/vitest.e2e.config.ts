// SPDX-License-Identifier: ISC
// End to end, in a real browser: one file after the other, each with its own server.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['tests/e2e/**/*.test.ts'], fileParallelism: false, testTimeout: 90_000, hookTimeout: 120_000 },
});
