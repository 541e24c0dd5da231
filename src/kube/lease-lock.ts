import type { JsonObject } from '../core/json.ts';
import type { CallOptions, KubeClient } from './client.ts';
import type { Clock } from './clock.ts';
import {
  heldLease,
  type LeaseName,
  type LeaseRecord,
  newLease,
  readLease,
  releasedLease,
} from './lease-record.ts';
import { unless } from './refusal.ts';

/** One Lease that one of several processes holds; each write counts on nobody else having written since. */
export interface LeaseLock {
  /**
   * Takes the Lease, or renews it, once.
   * @returns when the write that did it was sent, on `clock`; `undefined`: somebody else holds it.
   */
  attempt(signal: AbortSignal): Promise<number | undefined>;
  /** Gives it back, if it is held. */
  release(): Promise<void>;
}

export interface LeaseLockOptions extends LeaseName {
  readonly client: KubeClient;
  /** Of this process and no other, now or later. */
  readonly identity: string;
  readonly clock: Clock;
  /** Told to people who read the Lease; nothing is decided on it. */
  readonly now: () => Date;
}

/** So that a second try fits into the time in which a leader has to renew. */
const TRY_SECONDS = 4;
const RELEASE_SECONDS = 2;

/** The client's own errors are thrown. */
export function createLeaseLock(options: LeaseLockOptions): LeaseLock {
  const { client, identity, clock, now } = options;
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(options.namespace)}/leases`;
  const path = `${collection}/${encodeURIComponent(options.name)}`;
  /** When the record was seen to change here: clocks of other machines are never asked. */
  let seen: { readonly record: LeaseRecord; readonly at: number } | undefined;

  function observe(body: unknown): LeaseRecord {
    const record = readLease(body);
    seen = { record, at: seen?.record.mark === record.mark ? seen.at : clock.now() };
    return record;
  }

  async function read(limits: CallOptions): Promise<LeaseRecord | undefined> {
    const body = await unless([404], client.get(path, limits));
    return body === undefined ? undefined : observe(body);
  }

  function isTaken({ holder, durationSeconds }: LeaseRecord): boolean {
    return holder !== '' && holder !== identity && clock.now() < (seen?.at ?? 0) + durationSeconds * 1000;
  }

  /** `undefined`: somebody was faster. */
  async function write(
    method: 'post' | 'put',
    body: JsonObject,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const sentAt = clock.now();
    const target = method === 'post' ? collection : path;
    const answer = await unless([409], client[method](target, body, { timeoutSeconds: TRY_SECONDS, signal }));
    if (answer === undefined) return undefined;
    observe(answer);
    return sentAt;
  }

  async function attempt(signal: AbortSignal): Promise<number | undefined> {
    if (seen?.record.holder === identity) {
      const renewed = heldLease(seen.record, identity, now());
      const sentAt = await unless([404], write('put', renewed, signal));
      if (sentAt !== undefined) return sentAt;
    }
    const record = await read({ timeoutSeconds: TRY_SECONDS, signal });
    if (record === undefined) return write('post', newLease(options, identity, now()), signal);
    return isTaken(record) ? undefined : write('put', heldLease(record, identity, now()), signal);
  }

  async function release(): Promise<void> {
    const limits = { timeoutSeconds: RELEASE_SECONDS };
    let record = seen?.record;
    // A renewal that was given up may still have been written: then the record that is known is not the last one.
    for (let tries = 0; tries < 2 && record?.holder === identity; tries += 1) {
      const body = releasedLease(record, now());
      const answer = await unless([409], client.put(path, body, limits));
      record = answer === undefined ? await read(limits) : observe(answer);
    }
  }

  return { attempt, release };
}
