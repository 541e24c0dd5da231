import { parseDuration } from '../core/duration.ts';
import { parseScopes } from '../core/scope/parse.ts';
import type { Grant, GrantDecision } from '../core/verdict/grants.ts';
import { ACCESS_DECISION_SCHEMA, type AccessDecisionSource } from './access-decision.ts';
import { ACCESS_GRANT_SCHEMA, type AccessGrantSource } from './access-grant.ts';
import { createValidator, type ShapeProblem } from './validate.ts';

/** A mistake; `line` and `column` are places within a scope line. */
export interface GrantProblem extends ShapeProblem {
  readonly line?: number;
  readonly column?: number;
}

/** Given only when there is no problem. */
export type Parsed<T> =
  | { readonly value: T; readonly problems: readonly [] }
  | { readonly value: undefined; readonly problems: readonly GrantProblem[] };

let validators: Readonly<Record<'grant' | 'decision', ReturnType<typeof createValidator>>> | undefined;

/** Compiled when the first grant is met, since most folders have none. */
function validatorOf(kind: 'grant' | 'decision'): ReturnType<typeof createValidator> {
  validators ??= {
    grant: createValidator(ACCESS_GRANT_SCHEMA),
    decision: createValidator(ACCESS_DECISION_SCHEMA),
  };
  return validators[kind];
}

/** Unknown data as an AccessGrant. */
export function parseGrant(object: unknown): Parsed<Grant> {
  const shape = validatorOf('grant')(object);
  if (shape.length > 0) return { value: undefined, problems: shape };
  const { metadata, spec } = object as AccessGrantSource;
  const { serviceAccount, workload, scopes: lines = [], checks, duration, requester, decision } = spec;
  const problems: GrantProblem[] = [];
  const scopes = lines.flatMap((line, index) => scopesOf(line, ['spec', 'scopes', index], problems));
  const durationSeconds = parseDuration(duration) ?? 0;
  if (durationSeconds === 0) {
    problems.push({ path: ['spec', 'duration'], message: 'expected a duration such as 24h or 1h30m' });
  }
  if (problems.length > 0) return { value: undefined, problems };
  const { namespace, name, uid } = metadata;
  const account = { name: serviceAccount.name, uid: serviceAccount.uid };
  const value: Grant = {
    namespace,
    name,
    uid,
    account,
    workload: workload && { kind: workload.kind, name: workload.name },
    scopes,
    checks,
    durationSeconds,
    requester,
    ...(decision !== undefined && { decision }),
  };
  return { value, problems: [] };
}

function scopesOf(line: string, path: GrantProblem['path'], problems: GrantProblem[]): Grant['scopes'] {
  const parsed = parseScopes(line);
  for (const problem of parsed.problems) problems.push({ path, ...problem });
  if (parsed.scopes.length === 0 && parsed.problems.length === 0) {
    problems.push({ path, message: 'expected a scope line' });
  }
  return parsed.scopes.map(({ scope }) => scope);
}

/** As the API server writes times (metav1.Time, RFC 3339 without a fraction). */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Unknown data as an AccessDecision. */
export function parseDecision(object: unknown): Parsed<GrantDecision> {
  const shape = validatorOf('decision')(object);
  if (shape.length > 0) return { value: undefined, problems: shape };
  const { metadata, spec } = object as AccessDecisionSource;
  const { namespace, creationTimestamp } = metadata;
  const createdMs = TIME.test(creationTimestamp) ? Date.parse(creationTimestamp) : Number.NaN;
  if (Number.isNaN(createdMs)) {
    const message = 'expected a time such as 2026-01-31T12:00:00Z';
    return { value: undefined, problems: [{ path: ['metadata', 'creationTimestamp'], message }] };
  }
  const { grant, grantUID, scopesDigest, requester, by, decision } = spec;
  const value = { namespace, grant, grantUid: grantUID, scopesDigest, requester, by, decision, createdMs };
  return { value, problems: [] };
}
