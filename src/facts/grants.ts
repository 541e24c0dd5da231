import { type GrantProblem, type Parsed, parseDecision, parseGrant } from '../api/parse-grant.ts';
import { compareText } from '../core/scope/canonical.ts';
import type { Account } from '../core/scope/scope.ts';
import type { Grant, GrantDecision, GrantRecord } from '../core/verdict/grants.ts';
import { type Identity, keyOf } from './identity.ts';
import { WATCHED_KINDS } from './kinds.ts';
import type { Spot } from './spot.ts';

/** Grants by the account that they are for, each with the decisions on it. */
export interface GrantStore {
  readonly asked: ObjectStore;
  readonly decided: ObjectStore;
  /** Sorted by name. */
  of(account: Account): readonly GrantRecord[];
}

interface ObjectStore {
  /** `false`: it cannot be read, or there is no room for it; then it counts for nothing. */
  put(key: string, identity: Identity, spot: Spot): boolean;
  drop(key: string): void;
}

/** Whoever may ask for grants in one namespace must not be able to fill the memory for all. */
const MAX_PER_NAMESPACE = 1000;

const NONE: readonly GrantRecord[] = [];

export function createGrantStore(): GrantStore {
  const grants = createGroups<Grant>((grant) =>
    keyOf({ namespace: grant.namespace, name: grant.account.name }),
  );
  const decisions = createGroups<GrantDecision>(({ namespace, grant }) => keyOf({ namespace, name: grant }));
  const approvals = createGroups<GrantDecision>(({ namespace }) => namespace);
  const places = createGroups<Grant>(({ namespace }) => namespace);

  return {
    asked: {
      put(key, identity, spot) {
        const grant = read('AccessGrant', parseGrant, identity, spot);
        if (grant === undefined || !hasRoom(places, grant.namespace, key, spot)) return false;
        grants.put(key, grant);
        places.put(key, grant);
        return true;
      },
      drop(key) {
        grants.drop(key);
        places.drop(key);
      },
    },
    decided: {
      put(key, identity, spot) {
        const decision = read('AccessDecision', parseDecision, identity, spot);
        if (decision === undefined) return false;
        approvals.drop(key);
        // What takes a grant back is always kept: without it the grant would hold again.
        if (decision.decision === 'Approve') {
          if (!hasRoom(approvals, decision.namespace, key, spot)) return false;
          approvals.put(key, decision);
        }
        decisions.put(key, decision);
        return true;
      },
      drop(key) {
        decisions.drop(key);
        approvals.drop(key);
      },
    },
    of(account) {
      const own = grants.in(keyOf(account));
      if (own.length === 0) return NONE;
      return own
        .toSorted((a, b) => compareText(a.name, b.name))
        .map((grant) => ({ grant, decisions: decisions.in(keyOf(grant)) }));
    },
  };
}

/** Objects of a list name no kind, and a folder may leave the namespace to its reader. */
function read<T>(
  kind: 'AccessGrant' | 'AccessDecision',
  parse: (object: unknown) => Parsed<T>,
  { namespace, name }: Identity,
  { object, report }: Spot,
): T | undefined {
  const { apiVersion } = WATCHED_KINDS[kind];
  const metadata = { ...Object(object['metadata']), namespace, name };
  const { value, problems } = parse({ apiVersion, kind, ...object, metadata });
  for (const problem of problems) report(problemOf(problem));
  return value;
}

function problemOf({ path, message, line, column }: GrantProblem) {
  return line === undefined || column === undefined ? { path, message } : { path, message, line, column };
}

function hasRoom<T>(groups: Groups<T>, namespace: string, key: string, { report }: Spot): boolean {
  if (groups.has(key) || groups.in(namespace).length < MAX_PER_NAMESPACE) return true;
  report({ path: [], message: `expected at most ${MAX_PER_NAMESPACE} of them in namespace ${namespace}` });
  return false;
}

/** Values by key, found again by the group that they belong to. */
interface Groups<T> {
  put(key: string, value: T): void;
  drop(key: string): void;
  has(key: string): boolean;
  in(group: string): readonly T[];
}

function createGroups<T>(groupOf: (value: T) => string): Groups<T> {
  const values = new Map<string, T>();
  const groups = new Map<string, Map<string, T>>();

  function drop(key: string): void {
    const value = values.get(key);
    if (value === undefined) return;
    values.delete(key);
    const group = groups.get(groupOf(value));
    group?.delete(key);
    if (group?.size === 0) groups.delete(groupOf(value));
  }

  return {
    put(key, value) {
      drop(key);
      values.set(key, value);
      const name = groupOf(value);
      const group = groups.get(name) ?? new Map<string, T>();
      group.set(key, value);
      groups.set(name, group);
    },
    drop,
    has: (key) => values.has(key),
    in: (group) => [...(groups.get(group)?.values() ?? [])],
  };
}
