import type { Facts } from '../admit/ports.ts';
import { BREAK_GLASS } from '../core/admission/declaration.ts';
import { isControlled } from './pass.ts';

/** How many running workloads carry the annotation that lets them in unjudged; what another of them makes is not counted. */
export function breakGlassWorkloads(facts: Pick<Facts, 'workload' | 'workloads'>): number {
  let count = 0;
  for (const workload of facts.workloads()) {
    if (Object.hasOwn(workload.annotations, BREAK_GLASS) && !isControlled(workload, facts)) count += 1;
  }
  return count;
}
