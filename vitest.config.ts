import { defineConfig } from 'vitest/config';
import { timeoutMs } from './test/support/runs.ts';

const project = (name: string, options: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('property', { setupFiles: ['test/support/seed.ts'], testTimeout: timeoutMs(60_000) }),
      project('integration', { testTimeout: 60_000, hookTimeout: 180_000 }),
      project('cluster', {
        globalSetup: ['test/support/cluster-setup.ts'],
        setupFiles: ['test/support/seed.ts'],
        testTimeout: 120_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
      project('node', {
        globalSetup: ['test/support/node-setup.ts'],
        testTimeout: 240_000,
        hookTimeout: 600_000,
        fileParallelism: false,
      }),
    ],
  },
});
