import { defineConfig } from 'vitest/config';

/**
 * What a mutant of `src/core` meets: the core's own unit tests, but for one that takes seconds on purpose. Each file in a
 * worker of its own, since a change of what a module makes when it is loaded shows only where it is loaded anew.
 */
export default defineConfig({
  test: {
    include: ['test/unit/core/**/*.test.ts'],
    exclude: ['test/unit/core/verdict/verdict-limits.test.ts'],
    // Instrumented code on a busy machine.
    testTimeout: 60_000,
  },
});
