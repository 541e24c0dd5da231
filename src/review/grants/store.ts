import type { GrantDecision, GrantRecord } from '../../core/verdict/grants.ts';
import type { Sink } from '../../kube/reflector.ts';
import { type DecisionEntry, decisionEntry, type GrantEntry, grantEntry } from './entry.ts';

/** All grants and decisions, as the leader watches them; who of them has changed is told by the key of the grant. */
export interface GrantEntries {
  readonly grants: ReadonlyMap<string, GrantEntry>;
  readonly decisions: ReadonlyMap<string, DecisionEntry>;
  readonly grantSink: Sink;
  readonly decisionSink: Sink;
  /** With every decision that names it. */
  recordOf(entry: GrantEntry): GrantRecord | undefined;
}

/** As many as replicas look at: one that asks for thousands must not fill the memory of the leader. */
const MAX_PER_NAMESPACE = 1000;
const TOO_MANY = `namespace holds more than ${MAX_PER_NAMESPACE} grants, and this one is not looked at`;

export function createGrantEntries(onTouched: (grantKey: string) => void): GrantEntries {
  const grants = new Map<string, GrantEntry>();
  const decisions = new Map<string, DecisionEntry>();
  const byGrant = new Map<string, Map<string, DecisionEntry>>();
  const readable = new Map<string, number>();

  function count(entry: GrantEntry | undefined, by: 1 | -1): void {
    if (entry?.grant === undefined) return;
    const left = (readable.get(entry.namespace) ?? 0) + by;
    if (left === 0) readable.delete(entry.namespace);
    else readable.set(entry.namespace, left);
  }

  function dropGrant(key: string): void {
    count(grants.get(key), -1);
    grants.delete(key);
    onTouched(key);
  }

  function dropDecision(key: string): void {
    const entry = decisions.get(key);
    if (entry === undefined) return;
    decisions.delete(key);
    const group = byGrant.get(entry.grantKey);
    group?.delete(key);
    if (group?.size === 0) byGrant.delete(entry.grantKey);
    onTouched(entry.grantKey);
  }

  function* decisionsOn(key: string): Generator<GrantDecision> {
    for (const { decision } of byGrant.get(key)?.values() ?? []) if (decision !== undefined) yield decision;
  }

  return {
    grants,
    decisions,
    grantSink: {
      put(object) {
        const entry = grantEntry(object);
        if (entry === undefined) return undefined;
        count(grants.get(entry.key), -1);
        const isFull = (readable.get(entry.namespace) ?? 0) >= MAX_PER_NAMESPACE;
        const kept = isFull && entry.grant ? { ...entry, grant: undefined, problem: TOO_MANY } : entry;
        grants.set(entry.key, kept);
        count(kept, 1);
        onTouched(entry.key);
        return entry.key;
      },
      drop(object) {
        const entry = grantEntry(object);
        if (entry !== undefined) dropGrant(entry.key);
      },
      retain(keys) {
        for (const key of grants.keys()) if (!keys.has(key)) dropGrant(key);
      },
    },
    decisionSink: {
      put(object) {
        const entry = decisionEntry(object);
        if (entry === undefined) return undefined;
        dropDecision(entry.key);
        decisions.set(entry.key, entry);
        const group = byGrant.get(entry.grantKey) ?? new Map<string, DecisionEntry>();
        group.set(entry.key, entry);
        byGrant.set(entry.grantKey, group);
        onTouched(entry.grantKey);
        return entry.key;
      },
      drop(object) {
        const entry = decisionEntry(object);
        if (entry !== undefined) dropDecision(entry.key);
      },
      retain(keys) {
        for (const key of decisions.keys()) if (!keys.has(key)) dropDecision(key);
      },
    },
    recordOf: ({ key, grant }) => grant && { grant, decisions: [...decisionsOn(key)] },
  };
}
