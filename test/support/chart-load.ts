import { objectOf } from '../../src/core/json.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { containerNames } from './node.ts';

/** Admissions at a steady rate, whatever becomes of them: pods that ask for credentials, created on dry-run. */
export interface Load {
  stop(): Promise<LoadResult>;
}

export interface LoadResult {
  readonly calls: number;
  /** What was said against those that were refused, each with the milliseconds from the start of the load. */
  readonly failed: Readonly<Record<string, readonly number[]>>;
  readonly uninjected: number;
}

/** On a machine that is busy otherwise the rate falls, instead of calls that pile up until each is too late. */
const MOST_AT_ONCE = 50;

export function startLoad(client: KubeClient, namespace: string, pod: object, perSecond: number): Load {
  const failed: Record<string, number[]> = {};
  const startedAt = performance.now();
  const running = new Set<Promise<void>>();
  let calls = 0;
  let uninjected = 0;
  async function call(): Promise<void> {
    calls += 1;
    try {
      const created = await client.post(`/api/v1/namespaces/${namespace}/pods`, pod, {
        query: { dryRun: 'All' },
      });
      if (!containerNames(objectOf(created), 'initContainers').includes('countersign-init')) uninjected += 1;
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      failed[said] = [...(failed[said] ?? []), Math.round(performance.now() - startedAt)];
    }
  }
  const timer = setInterval(() => {
    if (running.size >= MOST_AT_ONCE) return;
    const one = call().finally(() => running.delete(one));
    running.add(one);
  }, 1000 / perSecond);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      return { calls, failed, uninjected };
    },
  };
}
