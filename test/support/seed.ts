/** What vitest runs before each file of properties: `COUNTERSIGN_SEED` repeats a run. */
import { configureGlobal } from 'fast-check';

const seed = process.env['COUNTERSIGN_SEED'];
if (seed !== undefined) {
  if (!/^\d+$/u.test(seed)) throw new Error('COUNTERSIGN_SEED: expected a whole number');
  configureGlobal({ seed: Number(seed) });
}
