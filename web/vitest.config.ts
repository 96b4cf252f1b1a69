// SPDX-License-Identifier: ISC
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['tests/unit/**/*.test.ts'], globalSetup: ['tests/unit/made-by-tools.ts'], testTimeout: 60_000 },
});
