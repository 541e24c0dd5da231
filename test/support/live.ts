import type { LiveTruth } from '../../src/admit/ports.ts';

/** An API server that gives no answer and has no grants, but for what a test says. */
export function liveTruth(more: Partial<LiveTruth> = {}): LiveTruth {
  const nothing = async () => undefined;
  return {
    allows: nothing,
    reread: nothing,
    pods: nothing,
    owner: nothing,
    vault: nothing,
    grants: async () => [],
    ...more,
  };
}
