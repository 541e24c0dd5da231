import type { Facts, RunningWorkload } from '../admit/ports.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { isControlled } from './pass.ts';

/** Running workloads that carry the annotation which lets them in unjudged: counted, and told by the leader. */

type Seen = Pick<Facts, 'workload' | 'workloads'>;

export interface Unjudged extends RunningWorkload {
  readonly breakGlass: string;
}

export function countBreakGlass(facts: Seen): number {
  return [...unjudged(facts)].length;
}

/** What another of them makes is not among them. */
function* unjudged(facts: Seen): Generator<Unjudged> {
  for (const workload of facts.workloads()) {
    const { breakGlass } = workload;
    if (breakGlass !== undefined && !isControlled(workload, facts)) yield { ...workload, breakGlass };
  }
}

export interface BreakGlassOptions {
  readonly facts: Seen & Pick<Facts, 'freshness'>;
  readonly clock: Clock;
  readonly onBroken: (workload: Unjudged) => void;
}

/** A look goes over every workload there is. */
const LOOK_MS = 5000;

/** Each once for each value of the annotation while it runs; whoever leads next tells it again. */
export async function watchBreakGlass(
  { facts, clock, onBroken }: BreakGlassOptions,
  signal: AbortSignal,
): Promise<void> {
  let told: ReadonlySet<string> = new Set();
  while (!signal.aborted) {
    if (facts.freshness().synced) {
      const found = [...unjudged(facts)].map((workload) => ({ key: keyOf(workload), workload }));
      const fresh = found.filter(({ key }) => !told.has(key));
      for (const { workload } of fresh) onBroken(workload);
      told = new Set(found.map(({ key }) => key));
    }
    await sleep(clock, LOOK_MS, signal);
  }
}

function keyOf({ kind, namespace, name, uid, breakGlass }: Unjudged): string {
  return JSON.stringify([kind, namespace, name, uid, breakGlass]);
}
