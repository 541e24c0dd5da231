import type { Facts } from '../../admit/ports.ts';
import type { GrantsConfig } from '../../api/config-grants.ts';
import { CountersignError } from '../../core/errors.ts';
import type { Notice } from '../../core/notice.ts';
import type { StandingContext } from '../../core/verdict/grant-standing.ts';
import type { GrantStatus } from '../../core/verdict/grants.ts';
import { selectPolicy } from '../../core/verdict/select.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../kube/clock.ts';
import { unless } from '../../kube/refusal.ts';
import { createBuckets } from '../buckets.ts';
import type { EventRecorder } from '../events.ts';
import { grantEventEntry, grantNotice } from './announce.ts';
import { type GrantEntry, pathOf } from './entry.ts';
import { createOrphans } from './orphans.ts';
import { type Standing, standingOf } from './standing.ts';
import { createGrantEntries, type GrantEntries } from './store.ts';

/** Looks at grants that changed, or whose time has come, and does what is to do about them. */
export interface GrantKeeper {
  /** What is watched goes in here. */
  readonly entries: GrantEntries;
  /** By the key of the grant. */
  readonly standings: ReadonlyMap<string, KnownStanding>;
  /** Policies and accounts may have changed: all are looked at again, some in each round. */
  touchAll(): void;
  /** Bounded. Fails as the client does, and goes on where it was in the next one. */
  round(signal: AbortSignal): Promise<void>;
}

export interface KnownStanding {
  readonly state: GrantStatus['state'];
  /** Of an active one. */
  readonly expiresAtMs: number | undefined;
}

export interface GrantKeeperOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly now: () => Date;
  readonly facts: Pick<Facts, 'account' | 'runningAs' | 'namespace' | 'policies'>;
  readonly settings: GrantsConfig;
  /** How old the view of a replica may be. */
  readonly factsMaxAgeSeconds: number;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly notify: (notice: Notice) => void;
}

/** Looked at in one round, so that no admission waits for it. */
const MAX_LOOKS = 200;
const MAX_CLEANED = 10;
const WRITES = { burst: 20, perMinute: 1200 };
const WRITE_SECONDS = 5;
const DAY_MS = 86_400_000;
const ALL = '';

export function createGrantKeeper(options: GrantKeeperOptions): GrantKeeper {
  const { client, clock, now, facts, settings, recorder, notify } = options;
  const touched = new Set<string>();
  /** When to look at a grant again, in milliseconds since the epoch. */
  const dueMs = new Map<string, number>();
  const standings = new Map<string, KnownStanding>();
  const entries = createGrantEntries((key) => void touched.add(key));
  const orphans = createOrphans({ clock, graceMs: 2000 * options.factsMaxAgeSeconds, ...entries });
  const writes = createBuckets(WRITES, 1, clock);
  const mayWrite = () => writes.take(ALL);

  /** @returns whether all is done that was to do. */
  async function keep(key: string, nowMs: number, signal: AbortSignal): Promise<boolean> {
    const entry = entries.grants.get(key);
    dueMs.delete(key);
    if (entry === undefined) {
      standings.delete(key);
      return true;
    }
    const standing = standingOf(entry, entries.recordOf(entry), contextOf(entry, nowMs), settings);
    const { state, expiresAtMs, patch, nextMs, endedMs } = standing;
    standings.set(key, { state, expiresAtMs: state === 'Active' ? expiresAtMs : undefined });
    const goesMs = endedMs === undefined ? undefined : endedMs + settings.keepEvidenceDays * DAY_MS;
    const isOver = goesMs !== undefined && goesMs <= nowMs;
    const next = [nextMs, goesMs].filter((time) => time !== undefined);
    if (!isOver && next.length > 0) dueMs.set(key, Math.min(...next));
    if (!isOver && patch === undefined) return true;
    if (!mayWrite()) return false;
    await (isOver ? remove(entry, signal) : write(entry, standing, signal));
    return true;
  }

  function contextOf({ namespace, grant }: GrantEntry, nowMs: number): StandingContext {
    const account = { namespace, name: grant?.account.name ?? '' };
    const labels = facts.namespace(namespace)?.labels ?? {};
    const { name: policy, grants } = selectPolicy(facts.policies(), account, labels);
    const known = facts.account(account);
    const accountUid = known && (known.uid ?? '');
    return { nowMs, policy, maxDurationSeconds: grants.maxDurationSeconds, accountUid };
  }

  /** Only whoever wins the write tells of it, so that it is told once whichever replica leads. */
  async function write(entry: GrantEntry, standing: Standing, signal: AbortSignal): Promise<void> {
    const { resourceVersion } = entry;
    const call = { timeoutSeconds: WRITE_SECONDS, signal };
    const body = { metadata: { resourceVersion }, status: standing.patch };
    const path = `${pathOf('accessgrants', entry)}/status`;
    const written = await unless([404, 409], client.patch(path, body, call));
    if (written === undefined) return;
    entries.grantSink.put(written);
    for (const event of standing.happened) {
      const told = grantEventEntry(event, entry, standing, facts);
      if (told !== undefined) recorder.record(told);
      notify(grantNotice(event, entry, standing));
    }
  }

  async function remove(entry: GrantEntry, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion } = entry;
    const call = { timeoutSeconds: WRITE_SECONDS, signal, preconditions: { uid, resourceVersion } };
    const gone = await unless([404, 409], client.delete(pathOf('accessgrants', entry), call));
    if (gone !== undefined) entries.grantSink.drop({ metadata: entry });
  }

  async function cleanUp(signal: AbortSignal): Promise<void> {
    const call = { timeoutSeconds: WRITE_SECONDS, signal };
    for (const entry of orphans.unproved().slice(0, MAX_CLEANED)) {
      if (!mayWrite()) return;
      const { namespace, grantKey } = entry;
      const path = pathOf('accessgrants', { namespace, name: grantKey.slice(namespace.length + 1) });
      const there = await unless([404], client.get(path, call));
      if (there === undefined) orphans.prove(entry);
      else entries.grantSink.put(there);
    }
    for (const entry of orphans.due().slice(0, MAX_CLEANED)) {
      if (!mayWrite()) return;
      // Should it fail, it comes again after another while, and others meanwhile.
      orphans.prove(entry);
      const gone = { ...call, preconditions: { uid: entry.uid } };
      await unless([404, 409], client.delete(pathOf('accessdecisions', entry), gone));
      entries.decisionSink.drop({ metadata: entry });
    }
  }

  /** @returns whether it can go on. */
  async function keepTouched(key: string, nowMs: number, signal: AbortSignal): Promise<boolean> {
    // Whatever is heard of it from now on is looked at again.
    touched.delete(key);
    try {
      const isDone = await keep(key, nowMs, signal);
      if (!isDone) touched.add(key);
      return isDone;
    } catch (error) {
      // What the API server will not take must not stand in the way of all others.
      if (!(error instanceof CountersignError) || error.retryable) touched.add(key);
      throw error;
    }
  }

  return {
    entries,
    standings,
    touchAll() {
      for (const key of entries.grants.keys()) touched.add(key);
    },
    async round(signal) {
      const nowMs = now().getTime();
      for (const [key, atMs] of dueMs) if (atMs <= nowMs) touched.add(key);
      for (const key of [...touched].slice(0, MAX_LOOKS)) {
        if (signal.aborted || !(await keepTouched(key, nowMs, signal))) return;
      }
      await cleanUp(signal);
    },
  };
}
