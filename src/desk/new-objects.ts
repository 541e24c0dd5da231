import type { AccessDecisionSource } from '../api/access-decision.ts';
import type { AccessGrantSource } from '../api/access-grant.ts';
import { parseGrant } from '../api/parse-grant.ts';
import { shown } from '../core/text.ts';
import type { GrantVerdict, GrantWish, StoredGrant } from './desk.ts';
import { API_VERSION, KINDS } from './read-objects.ts';

/** Objects as they are sent; the API server ends their names with five characters of its own. */
interface NewObject<Spec> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly generateName: string; readonly namespace: string };
  readonly spec: Spec;
}

export function grantObject(
  { namespace, ...wish }: GrantWish,
  requester: string,
): NewObject<AccessGrantSource['spec']> {
  const { serviceAccount, workload, scopes, checks, reason, ticket, duration, decision } = wish;
  const metadata = { generateName: `${serviceAccount.name}-`, namespace };
  const spec: AccessGrantSource['spec'] = {
    serviceAccount,
    ...(workload !== undefined && { workload }),
    ...(scopes.length > 0 && { scopes: [...scopes] }),
    checks,
    reason,
    ...(decision !== undefined && { decision }),
    ...(ticket !== undefined && { ticket }),
    duration,
    requester,
  };
  return { apiVersion: API_VERSION, kind: KINDS.grant.kind, metadata, spec };
}

/** What is wrong with it, as people would be told by whoever reads it later; `undefined`: nothing. */
export function wishProblem(object: NewObject<AccessGrantSource['spec']>): string | undefined {
  const { namespace, generateName: name } = object.metadata;
  const stored = { namespace, name, uid: '-', creationTimestamp: '-' };
  const { problems } = parseGrant({ ...object, metadata: stored });
  if (problems.length === 0) return undefined;
  const lines = problems.map(({ path, message, column }) => {
    const at = column === undefined ? '' : `, column ${column}`;
    return shown(`${path.join('.')}${at}: ${message}`, 500);
  });
  return `the grant can’t be asked for like this:\n  ${lines.join('\n  ')}`;
}

export function decisionObject(
  { namespace, grant, grantUID, scopesDigest, decision, reason }: GrantVerdict,
  { spec: { requester } }: StoredGrant,
  by: string,
): NewObject<AccessDecisionSource['spec']> {
  return {
    apiVersion: API_VERSION,
    kind: KINDS.decision.kind,
    metadata: { generateName: `${grant}-${decision.toLowerCase()}-`, namespace },
    spec: { grant, grantUID, scopesDigest, requester, by, decision, reason },
  };
}
