const FACTOR = Number(process.env['COUNTERSIGN_RUNS'] ?? 1);
if (!(FACTOR > 0)) throw new Error('COUNTERSIGN_RUNS: expected a number above 0');

/** How often a property is tried: the usual number times `COUNTERSIGN_RUNS`, which the nightly run sets. */
export function runs(usual: number): number {
  return Math.max(1, Math.round(usual * FACTOR));
}

/** How long what is tried so often may take: the usual time, longer with the number of tries. */
export function timeoutMs(usual: number): number {
  return usual * Math.max(1, FACTOR);
}
