import { globMatches } from '../glob.ts';
import { type Labels, selects } from '../labels.ts';
import type { Account, Scope } from '../scope/scope.ts';
import type { ForbidLine } from './forbid.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';

/**
 * Which policies apply to an account. The matching one with the highest priority gives actions and injection; `forbid`
 * adds up and ceilings intersect over all that match, so that a narrower policy can't loosen a wider one.
 */
export interface EffectivePolicy extends Omit<Policy, 'match' | 'priority' | 'ceiling' | 'forbid'> {
  readonly forbid: readonly ForbidLine[];
  /** Needs must stay within every one of these. */
  readonly ceilings: readonly { readonly policy: string; readonly scopes: readonly Scope[] }[];
}

export function selectPolicy(
  policies: readonly Policy[],
  account: Account,
  namespaceLabels: Labels,
): EffectivePolicy {
  const matching = matchingPolicies(policies, account, namespaceLabels);
  const first = matching[0] ?? DEFAULT_POLICY;
  return {
    ...first,
    allow: first.allow.map((scope) => fillIn(scope, account)),
    forbid: matching.flatMap(({ name, forbid }) =>
      forbid.map((scope) => ({ policy: name, scope: fillIn(scope, account) })),
    ),
    ceilings: matching.flatMap(({ name, ceiling }) =>
      ceiling === undefined ? [] : [{ policy: name, scopes: ceiling.map((scope) => fillIn(scope, account)) }],
    ),
  };
}

/** The one that gives the actions first. */
export function matchingPolicies(
  policies: readonly Policy[],
  account: Account,
  namespaceLabels: Labels,
): readonly Policy[] {
  return policies.filter((policy) => matches(policy, account, namespaceLabels)).toSorted(byPriority);
}

function byPriority(a: Policy, b: Policy): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.name < b.name ? -1 : 1;
}

function matches({ match }: Policy, account: Account, labels: Labels): boolean {
  const { namespaceSelector, serviceAccounts } = match;
  if (namespaceSelector !== undefined && !selects(namespaceSelector, labels)) return false;
  return serviceAccounts === undefined || serviceAccounts.some((pattern) => names(pattern, account));
}

function names(pattern: string, account: Account): boolean {
  const [namespace = '', name = ''] = pattern.split('/', 2);
  return globMatches(namespace, account.namespace) && globMatches(name, account.name);
}

/** Puts the account into the placeholders `{namespace}` and `{serviceAccount}`. */
export function fillText(text: string, account: Account): string {
  if (!text.includes('{')) return text;
  return text.replaceAll('{namespace}', account.namespace).replaceAll('{serviceAccount}', account.name);
}

function fillIn(scope: Scope, account: Account): Scope {
  const fill = (text: string) => fillText(text, account);
  switch (scope.kind) {
    case 'url':
      return scope;
    case 'vault':
      return { ...scope, path: fill(scope.path) };
    case 'resource': {
      const { place } = scope;
      const filled = typeof place === 'string' ? place : { namespace: fill(place.namespace) };
      return { ...scope, names: scope.names.map(fill), place: filled };
    }
  }
}
