import type { JsonObject } from '../../src/core/json.ts';
import { parseScopes } from '../../src/core/scope/parse.ts';
import type { Grant, GrantDecision } from '../../src/core/verdict/grants.ts';
import { scopesDigest } from '../../src/core/verdict/grants.ts';

/** Grants of shop/api, asked for by jane and decided by omar; a test writes only what it is about. */

export const APPROVED_MS = Date.parse('2026-01-31T12:00:00Z');

export function grant(lines: string, more: Partial<Grant> = {}): Grant {
  const { scopes, problems } = parseScopes(lines);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return {
    namespace: 'shop',
    name: 'debug',
    uid: 'g-1',
    account: { name: 'api', uid: undefined },
    workload: undefined,
    scopes: scopes.map(({ scope }) => scope),
    checks: ['excess'],
    durationSeconds: 3600,
    requester: 'jane',
    ...more,
  };
}

export function decisionOn(about: Grant, more: Partial<GrantDecision> = {}): GrantDecision {
  return {
    namespace: about.namespace,
    grant: about.name,
    grantUid: about.uid,
    scopesDigest: scopesDigest(about),
    requester: about.requester,
    by: 'omar',
    decision: 'Approve',
    createdMs: APPROVED_MS,
    ...more,
  };
}

const OURS = { apiVersion: 'countersign.dev/v1alpha1' };

/** As it is stored. */
export function grantObject(
  scopes: readonly string[],
  spec: JsonObject = {},
  metadata: JsonObject = {},
): JsonObject {
  return {
    ...OURS,
    kind: 'AccessGrant',
    metadata: {
      name: 'debug',
      namespace: 'shop',
      uid: 'g-1',
      creationTimestamp: '2026-01-31T11:00:00Z',
      ...metadata,
    },
    spec: {
      serviceAccount: { name: 'api' },
      scopes,
      checks: ['excess'],
      reason: 'the queue is stuck',
      duration: '1h',
      requester: 'jane',
      ...spec,
    },
  };
}

export function decisionObject(about: Grant, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    ...OURS,
    kind: 'AccessDecision',
    metadata: {
      name: 'debug-1',
      namespace: 'shop',
      uid: 'd-1',
      creationTimestamp: '2026-01-31T12:00:00Z',
      ...metadata,
    },
    spec: {
      grant: about.name,
      grantUID: about.uid,
      scopesDigest: scopesDigest(about),
      requester: about.requester,
      by: 'omar',
      decision: 'Approve',
      reason: 'agreed',
      ...spec,
    },
  };
}
