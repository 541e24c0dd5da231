import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import { refusalOf } from '../../src/kube/refusal.ts';

/** Admissions at a steady rate, whatever becomes of them: one after the other of a few requests, all on dry-run. */
export interface Load {
  /** So far. */
  readonly calls: number;
  stop(): Promise<LoadResult>;
}

export interface LoadResult {
  readonly calls: number;
  readonly perSecond: number;
  readonly failures: readonly Failure[];
  /** Admitted without our parts. */
  readonly uninjected: number;
  /** How many came back with an agent of each image. */
  readonly images: Readonly<Record<string, number>>;
}

export interface Failure {
  readonly loss: Loss;
  readonly said: string;
  /** Milliseconds from the start of the load. */
  readonly at: number;
}

/**
 * - `APIServer`: nobody was there to ask, or not ready yet
 * - `Webhook`: one that must answer did not
 * - `NotInjected`: the one that may be missing did not answer, and the next one refused what came of it
 */
export type Loss = 'APIServer' | 'Webhook' | 'NotInjected' | 'Other';

/** What becomes of a pod that asks for credentials. */
export interface Admission {
  readonly method: 'post' | 'patch';
  readonly path: string;
  readonly body: object;
}

const PER_SECOND = 50;
/** On a machine that is busy otherwise the rate falls, instead of calls that pile up until each is too late. */
const MOST_AT_ONCE = 20;

export function creation(namespace: string, pod: object): Admission {
  return { method: 'post', path: `/api/v1/namespaces/${namespace}/pods`, body: pod };
}

/** A change of what is nobody's business, so that the pod is looked at again. */
export function update(namespace: string, pod: string): Admission {
  const body = { metadata: { annotations: { 'example.com/seen': crypto.randomUUID() } } };
  return { method: 'patch', path: `/api/v1/namespaces/${namespace}/pods/${pod}`, body };
}

export function startLoad(client: KubeClient, admissions: readonly Admission[]): Load {
  const failures: Failure[] = [];
  const images: Record<string, number> = {};
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  let calls = 0;
  let uninjected = 0;
  async function call({ method, path, body }: Admission): Promise<void> {
    calls += 1;
    try {
      const image = agentImage(objectOf(await client[method](path, body, { query: { dryRun: 'All' } })));
      if (image === undefined) uninjected += 1;
      else images[image] = (images[image] ?? 0) + 1;
    } catch (error) {
      failures.push({ ...lossOf(error), at: Math.round(elapsed()) });
    }
  }
  const timer = setInterval(() => {
    const admission = admissions[calls % admissions.length];
    if (admission === undefined || running.size >= MOST_AT_ONCE) return;
    const one = call(admission).finally(() => running.delete(one));
    running.add(one);
  }, 1000 / PER_SECOND);
  return {
    get calls() {
      return calls;
    },
    async stop() {
      clearInterval(timer);
      const perSecond = Math.round((calls * 1000) / elapsed());
      await Promise.all(running);
      return { calls, perSecond, failures, uninjected, images };
    },
  };
}

function agentImage(pod: JsonObject): string | undefined {
  const ours = listOf(objectOf(pod['spec'])['initContainers'])
    .map(objectOf)
    .find(({ name }) => name === 'countersign-init');
  return textOf(ours?.['image']);
}

function lossOf(error: unknown): Pick<Failure, 'loss' | 'said'> {
  const said = error instanceof Error ? error.message : String(error);
  return { loss: kindOf(said, refusalOf(error)?.code), said };
}

/** @param code of the API server's answer; `undefined`: there was none */
function kindOf(said: string, code: number | undefined): Loss {
  if (said.includes('failed calling webhook')) return 'Webhook';
  if (said.includes('"injected.countersign.dev" denied')) return 'NotInjected';
  const starting = code === 429 || code === 503 || said.includes('not yet ready to handle request');
  return code === undefined || starting ? 'APIServer' : 'Other';
}
