import { setImmediate } from 'node:timers/promises';
import type { Facts } from '../admit/ports.ts';
import type { PolicyStatus } from '../api/policy-status.ts';
import { CountersignError } from '../core/errors.ts';
import { type JsonObject, objectOf, textOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, sleep } from '../kube/clock.ts';
import { listPages } from '../kube/list.ts';
import { unless } from '../kube/refusal.ts';
import { type PolicyReach, scanPolicies } from './pass.ts';
import { statusPatch } from './policy-status.ts';

/** The leader's background work: what policies would do, counted and written into their status. */
export interface ScanOptions {
  readonly facts: ScannedFacts;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly factsMaxAgeSeconds: number;
  readonly log: { warn(message: string, fields: { readonly failure: string }): void };
  /** After each pass; empty when the leadership is over. */
  readonly onCounted: (reaches: ReadonlyMap<string, PolicyReach>) => void;
}

export interface ScannedFacts extends Facts {
  policyStates(): readonly (PolicyStatus & { readonly name: string })[];
}

const PERIOD_MS = 5 * 60_000;
/** How soon a changed policy is looked at. */
const LOOK_MS = 1000;
const COLLECTION = '/apis/countersign.dev/v1alpha1/scopepolicies';

/** Needs `list` on scopepolicies.countersign.dev and `patch` on their status. Never throws for what the API server does. */
export async function runScan(options: ScanOptions, signal: AbortSignal): Promise<void> {
  const { facts, clock, onCounted } = options;
  const look = createLook(facts);
  let due = clock.now();
  while (!signal.aborted) {
    if (facts.freshness().synced && (look.changed() || clock.now() >= due)) {
      due = clock.now() + PERIOD_MS;
      await scanOnce(options, signal);
    }
    await sleep(clock, LOOK_MS, signal);
  }
  onCounted(new Map());
}

async function scanOnce(options: ScanOptions, signal: AbortSignal): Promise<void> {
  const { facts, clock, factsMaxAgeSeconds, onCounted, log } = options;
  const reaches = await scanPolicies({
    facts,
    factsMaxAgeSeconds,
    startMs: options.now().getTime(),
    now: () => clock.now(),
    yieldToOthers: () => setImmediate(),
    signal,
  });
  if (reaches === undefined) return;
  onCounted(reaches);
  try {
    await writeStatuses(options, reaches, signal);
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    if (!signal.aborted) log.warn('the status of policies was not written', { failure: error.message });
  }
}

/** Each on the version that was read: a policy that changes meanwhile is written in the next round. */
async function writeStatuses(
  { client, now }: ScanOptions,
  reaches: ReadonlyMap<string, PolicyReach>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { items } of listPages(client, COLLECTION, { signal })) {
    for (const item of items.map(objectOf)) await writeStatus(client, item, reaches, { now, signal });
  }
}

async function writeStatus(
  client: KubeClient,
  object: JsonObject,
  reaches: ReadonlyMap<string, PolicyReach>,
  { now, signal }: { now: () => Date; signal: AbortSignal },
): Promise<void> {
  const { name: given, resourceVersion } = objectOf(object['metadata']);
  const name = textOf(given) ?? '';
  // Items of a list name neither kind nor apiVersion, by which a policy is read.
  const policy = { ...object, apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy' };
  const status = statusPatch(policy, reaches.get(name), now());
  const path = `${COLLECTION}/${encodeURIComponent(name)}/status`;
  // It has changed meanwhile, or is gone.
  await unless([404, 409], client.patch(path, { metadata: { resourceVersion }, status }, { signal }));
}

/** Whether policies have changed since the last look; what the leader itself writes is no change. */
function createLook(facts: ScannedFacts): { changed(): boolean } {
  let states: unknown;
  let known = '';
  return {
    changed() {
      const now = facts.policyStates();
      if (now === states) return false;
      states = now;
      const text = JSON.stringify(
        now.map(({ name, state, lastValid, problems }) => [name, state, lastValid, problems]),
      );
      const differs = text !== known;
      known = text;
      return differs;
    },
  };
}
