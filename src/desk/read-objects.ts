import { ACCESS_DECISION_SCHEMA, type AccessDecisionSource } from '../api/access-decision.ts';
import { ACCESS_GRANT_SCHEMA, type AccessGrantSource, type AccessGrantStatus } from '../api/access-grant.ts';
import { DENIAL_SCHEMA, type DenialSource } from '../api/denial.ts';
import { parseDecision, parseGrant } from '../api/parse-grant.ts';
import { createValidator } from '../api/validate.ts';
import { objectOf, textOf } from '../core/json.ts';
import { type GrantRecord, type GrantStatus, grantState, scopesDigest } from '../core/verdict/grants.ts';
import type { StoredDecision, StoredDenial, StoredGrant } from './desk.ts';

/** Objects of the API server as a desk shows them. One whose shape is not that of its CRD is left out: nothing reads it. */

const SCHEMAS = { denial: DENIAL_SCHEMA, grant: ACCESS_GRANT_SCHEMA, decision: ACCESS_DECISION_SCHEMA };

const validators = new Map<keyof typeof SCHEMAS, ReturnType<typeof createValidator>>();

function hasShape(kind: keyof typeof SCHEMAS, object: unknown): boolean {
  const check = validators.get(kind) ?? createValidator(SCHEMAS[kind]);
  validators.set(kind, check);
  return check(object).length === 0;
}

export const KINDS = {
  denial: { kind: 'Denial', plural: 'denials' },
  grant: { kind: 'AccessGrant', plural: 'accessgrants' },
  decision: { kind: 'AccessDecision', plural: 'accessdecisions' },
} as const;

export const API_VERSION = 'countersign.dev/v1alpha1';

/** The items of a list name no kind. */
function typed(kind: keyof typeof KINDS, object: unknown): object {
  return { ...objectOf(object), apiVersion: API_VERSION, kind: KINDS[kind].kind };
}

export function readDenial(item: unknown): readonly StoredDenial[] {
  const object = typed('denial', item);
  if (!hasShape('denial', object)) return [];
  const { metadata, spec } = object as DenialSource;
  const { namespace, name, uid, resourceVersion } = metadata;
  return [
    {
      namespace: textOf(namespace) ?? '',
      name: textOf(name) ?? '',
      uid: textOf(uid) ?? '',
      resourceVersion: textOf(resourceVersion) ?? '',
      spec,
      status: objectOf(objectOf(item)['status']),
    },
  ];
}

export function readDecision(item: unknown): readonly StoredDecision[] {
  const object = typed('decision', item);
  if (!hasShape('decision', object)) return [];
  const { metadata, spec } = object as AccessDecisionSource;
  const { namespace, name, creationTimestamp: createdAt } = metadata;
  return [{ namespace, name, createdAt, spec }];
}

/** @param decisions of any grants: those that name this one are picked out. */
export function readGrant(
  item: unknown,
  decisions: readonly StoredDecision[],
  nowMs: number,
): readonly StoredGrant[] {
  const object = typed('grant', item);
  if (!hasShape('grant', object)) return [];
  const { metadata, spec } = object as AccessGrantSource;
  const { namespace, name, uid, creationTimestamp: createdAt } = metadata;
  const status = objectOf(objectOf(item)['status']) as AccessGrantStatus;
  const own = decisions.filter((one) => one.namespace === namespace && one.spec.grant === name);
  const { value: grant } = parseGrant(object);
  return [
    {
      namespace,
      name,
      uid,
      createdAt,
      spec,
      status,
      state:
        grant === undefined ? UNREADABLE : stateOf({ grant, decisions: own.flatMap(parsed) }, status, nowMs),
      scopesDigest: grant === undefined ? '' : scopesDigest(grant),
      decisions: own,
    },
  ];
}

/** Whatever is decided on a grant whose scopes can't be read, it waives nothing. */
const UNREADABLE: GrantStatus = { state: 'Void', expiresAtMs: undefined };

function parsed({ namespace, name, createdAt, spec }: StoredDecision) {
  const metadata = { namespace, name, uid: '-', creationTimestamp: createdAt };
  return parseDecision({ apiVersion: API_VERSION, kind: KINDS.decision.kind, metadata, spec }).value ?? [];
}

/**
 * A viewer may not read policies, so how long one lets a grant last is taken from what the leader says of it: that can
 * only end a grant sooner here than by the grant itself.
 */
function stateOf(record: GrantRecord, { expiresAt }: AccessGrantStatus, nowMs: number): GrantStatus {
  const status = grantState(record, nowMs, Number.POSITIVE_INFINITY);
  const toldMs = Date.parse(expiresAt ?? '');
  if (status.expiresAtMs === undefined || !(toldMs < status.expiresAtMs)) return status;
  return { state: nowMs < toldMs ? status.state : 'Expired', expiresAtMs: toldMs };
}
