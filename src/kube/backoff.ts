/** How long to wait before the same thing is tried again. */

const FLOOR_MS = 500;
const CEILING_MS = 30_000;

/**
 * Exponential with full jitter between half a second and 30 seconds, so that replicas which lost the API server at the
 * same moment do not come back at the same moment.
 * @param failures in a row, 1 for the first.
 * @param random in [0, 1).
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(CEILING_MS, FLOOR_MS * 2 ** Math.min(failures, 10));
  return FLOOR_MS + random * (ceiling - FLOOR_MS);
}
