import { CountersignError } from '../../core/errors.ts';
import { createResources, type Resources } from '../../core/scope/resources.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Clock, sleep } from '../../kube/clock.ts';
import { discoverResources } from '../../kube/discovery.ts';

/**
 * The resources that the API server has, asked again every few minutes, and soon after somebody names one that is not
 * known: its CustomResourceDefinition may be new. Until the first answer, and without one, the built-in table.
 */
export interface LiveResources extends Resources {
  /** There was an answer, or a refusal: waiting longer would not help. */
  readonly asked: boolean;
  /** Why the last question had no answer. */
  readonly failure: CountersignError | undefined;
  run(signal: AbortSignal): Promise<void>;
}

const STEP_MS = 30_000;
const STEPS_BETWEEN = 10;
/** Of unknown names that were asked for in vain: roles keep naming resources that are long gone. */
const MAX_UNKNOWN = 1000;

export function createLiveResources(client: KubeClient, clock: Clock, onChange: () => void): LiveResources {
  let resources = createResources();
  let asked = false;
  let failure: CountersignError | undefined;
  let wanted = false;
  const unknown = new Set<string>();

  async function refresh(signal: AbortSignal): Promise<void> {
    // Before the question: what is missed while it is under way may be newer than its answer.
    wanted = false;
    try {
      resources = createResources(await discoverResources(client, signal));
      failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      failure = error instanceof CountersignError ? error : unexpected(error);
      wanted = true;
    }
    asked = true;
    onChange();
  }

  function missed(group: string, resource: string): void {
    const name = `${resource}.${group}`;
    if (group === '*' || resource === '*' || unknown.has(name) || unknown.size >= MAX_UNKNOWN) return;
    unknown.add(name);
    wanted = true;
  }

  return {
    get asked() {
      return asked;
    },
    get failure() {
      return failure;
    },
    namespaced(group, resource) {
      const answer = resources.namespaced(group, resource);
      if (answer === undefined) missed(group, resource);
      return answer;
    },
    subresources: (group, resource) => resources.subresources(group, resource),
    nearest: (group, resource) => resources.nearest(group, resource),
    async run(signal) {
      while (!signal.aborted) {
        await refresh(signal);
        for (let step = 0; step < STEPS_BETWEEN && !signal.aborted; step += 1) {
          await sleep(clock, STEP_MS, signal);
          if (wanted) break;
        }
        if (!wanted) unknown.clear();
      }
    },
  };
}

function unexpected(cause: unknown): CountersignError {
  return new CountersignError('ERR_KUBE_PROTOCOL', 'unexpected failure', { cause });
}
