import { defineConfig } from 'vitest/config';

/** What a mutant of `src/core` meets: the core's own unit tests, but for one that takes seconds on purpose. */
export default defineConfig({
  test: {
    include: ['test/unit/core/**/*.test.ts'],
    exclude: ['test/unit/core/verdict/verdict-limits.test.ts'],
    // Instrumented code on a busy machine.
    testTimeout: 60_000,
  },
});
