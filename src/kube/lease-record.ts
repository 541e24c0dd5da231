import { type JsonObject, objectOf, textOf } from '../core/json.ts';
import { microTime } from './micro-time.ts';

/** The Lease that says who leads (coordination.k8s.io/v1), as replicas read and write it. */
export interface LeaseRecord {
  /** As it was read: what we don't know of it is written back. */
  readonly object: JsonObject;
  /** Empty: nobody. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly transitions: number;
  readonly acquireTime: string | undefined;
  /** Differs whenever somebody renewed it. */
  readonly mark: string;
}

const LEASE_SECONDS = 15;
/** A number beyond it could never be written. */
const MAX_INT32 = 2 ** 31 - 1;

/** Anyone who may write the Lease may write nonsense: what is not usable counts as not there. */
export function readLease(body: unknown): LeaseRecord {
  const object = objectOf(body);
  const spec = objectOf(object['spec']);
  const acquireTime = textOf(spec['acquireTime']);
  return {
    object,
    holder: textOf(spec['holderIdentity']) ?? '',
    durationSeconds: countOf(spec['leaseDurationSeconds']) ?? LEASE_SECONDS,
    transitions: countOf(spec['leaseTransitions']) ?? 0,
    acquireTime,
    mark: JSON.stringify(spec),
  };
}

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** What creates the Lease, held. */
export function newLease({ namespace, name }: LeaseName, identity: string, now: Date): JsonObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace, name },
    spec: specOf({ holder: identity, transitions: 0, acquireTime: undefined }, now),
  };
}

/** What takes the Lease, or renews it. Its resourceVersion makes the write fail when somebody was faster. */
export function heldLease(record: LeaseRecord, identity: string, now: Date): JsonObject {
  const renewed = record.holder === identity;
  const spec = specOf(
    {
      holder: identity,
      transitions: renewed ? record.transitions : Math.min(record.transitions + 1, MAX_INT32),
      acquireTime: renewed ? record.acquireTime : undefined,
    },
    now,
  );
  return { ...record.object, spec };
}

/** What gives the Lease back: nobody holds it, so that nobody has to wait until it expires. */
export function releasedLease(record: LeaseRecord, now: Date): JsonObject {
  const { transitions } = record;
  return {
    ...record.object,
    spec: { ...specOf({ holder: '', transitions, acquireTime: undefined }, now), leaseDurationSeconds: 1 },
  };
}

function specOf(
  { holder, transitions, acquireTime }: Pick<LeaseRecord, 'holder' | 'transitions' | 'acquireTime'>,
  now: Date,
): JsonObject {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: LEASE_SECONDS,
    acquireTime: acquireTime ?? microTime(now),
    renewTime: microTime(now),
    leaseTransitions: transitions,
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
