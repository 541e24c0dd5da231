import { judgeClaim } from '../admit/judge.ts';
import type { Facts, RunningWorkload } from '../admit/ports.ts';
import type { Policy } from '../core/verdict/policy.ts';
import { matchingPolicies } from '../core/verdict/select.ts';

/** What a policy would do to the workloads that run, if each were created now. */
export interface PolicyReach {
  /** That the policy matches. */
  readonly workloads: number;
  /** Those of them to which it gives the actions, and which it would refuse. */
  readonly wouldDeny: number;
  /** … and which it would let run with a warning. */
  readonly wouldWarn: number;
  /** Namespaces of those to which it gives the actions that are not labelled for it: there nothing is refused. */
  readonly unenforcedNamespaces: number;
}

export interface PassOptions {
  readonly facts: Facts;
  readonly factsMaxAgeSeconds: number;
  /** Since the epoch, at the start of the pass: grants end by themselves. */
  readonly startMs: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Lets whatever waits run: admissions come first. */
  readonly yieldToOthers: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** The label of namespaces in which the API server refuses what we refuse. */
export const ENFORCED_LABEL = 'countersign.dev/enforce';

const SLICE_MS = 10;

type Tally = { workloads: number; wouldDeny: number; wouldWarn: number; unenforced: Set<string> };

/**
 * One pass over every running workload, in slices. What another workload controls is judged with that one. `undefined`
 * when the signal ended it.
 */
export async function scanPolicies(
  options: PassOptions,
): Promise<ReadonlyMap<string, PolicyReach> | undefined> {
  const { facts, now, yieldToOthers, signal } = options;
  const policies = facts.policies();
  const tallies = new Map(policies.map(({ name }) => [name, emptyTally()]));
  let sliceEnds = now() + SLICE_MS;
  for (const workload of facts.workloads()) {
    if (signal.aborted) return undefined;
    if (!isControlled(workload, facts)) {
      await facts.prepareVault(workload.account, signal);
      count(workload, policies, tallies, options);
    }
    if (now() < sliceEnds) continue;
    await yieldToOthers();
    sliceEnds = now() + SLICE_MS;
  }
  return new Map(
    [...tallies].map(([name, { unenforced, ...tally }]) => [
      name,
      { ...tally, unenforcedNamespaces: unenforced.size },
    ]),
  );
}

function emptyTally(): Tally {
  return { workloads: 0, wouldDeny: 0, wouldWarn: 0, unenforced: new Set() };
}

/** What makes it runs too. */
export function isControlled({ controller }: RunningWorkload, facts: Pick<Facts, 'workload'>): boolean {
  return controller !== undefined && facts.workload(controller.uid) !== undefined;
}

function count(
  workload: RunningWorkload,
  policies: readonly Policy[],
  tallies: ReadonlyMap<string, Tally>,
  { facts, factsMaxAgeSeconds, startMs }: PassOptions,
): void {
  const labels = facts.namespace(workload.namespace)?.labels ?? {};
  const [first, ...others] = matchingPolicies(policies, workload.account, labels);
  const tally = first && tallies.get(first.name);
  if (tally === undefined) return;
  for (const { name } of others) {
    const other = tallies.get(name);
    if (other !== undefined) other.workloads += 1;
  }
  tally.workloads += 1;
  if (labels[ENFORCED_LABEL] !== 'true') tally.unenforced.add(workload.namespace);
  const { decision, problems } = judgeClaim(workload, facts, {
    moment: 'change',
    dryRun: false,
    openWorld: false,
    factsMaxAgeSeconds,
    nowMs: startMs,
  });
  if (decision.outcome === 'deny' || problems.length > 0) tally.wouldDeny += 1;
  else if (decision.outcome === 'warn') tally.wouldWarn += 1;
}
