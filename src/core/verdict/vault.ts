import { canonical } from '../scope/canonical.ts';
import { riskOf } from '../scope/risk.ts';
import type { VaultScope } from '../scope/scope.ts';
import { BASELINE_SCOPES } from '../vault/baseline.ts';

import type { VaultHeld, VaultLogin, VaultVia } from '../vault/held.ts';
import { surplus } from '../vault/surplus.ts';
import type { Finding } from './findings.ts';
import { type ForbidLine, forbiddingLine } from './forbid.ts';
import { judgeLogin, type NamedLogin, viaOf } from './vault-login.ts';

/** Vault's half of the verdict: what is needed against the login that is named, what is held against every login. */
export interface VaultInput {
  readonly held: VaultHeld;
  /** The login that the workload's credentials come by; `undefined`: it asks for none. */
  readonly named: NamedLogin | undefined;
}

export interface VaultQuestion {
  readonly needs: readonly VaultScope[];
  /** Of all workloads that run as the account. */
  readonly sharedNeeds: readonly VaultScope[];
  readonly undeclaredSiblings: readonly string[];
  /** More roles may exist elsewhere (`check DIR`): as with RBAC, what they would give beyond the needs is not asked. */
  readonly openWorld: boolean;
  readonly allow: readonly VaultScope[];
  readonly forbid: readonly ForbidLine[];
}

export interface VaultFindings {
  readonly missing: readonly Finding[];
  readonly excess: readonly Finding[];
  readonly forbidden: readonly Finding[];
  readonly overreach: readonly Finding[];
  /** By which more is held than the baseline and what is asked for. */
  readonly more: VaultVia | undefined;
}

export const NO_VAULT: VaultFindings = {
  missing: [],
  excess: [],
  forbidden: [],
  overreach: [],
  more: undefined,
};

export function judgeVault({ held, named }: VaultInput, question: VaultQuestion): VaultFindings {
  const { missing, overreach } = judgeLogin(held, named, question.needs);
  const { logins } = held;
  const owners = [...question.sharedNeeds, ...question.allow, ...BASELINE_SCOPES];
  const excess = logins.flatMap((login) => [
    ...surplus(login.acl, owners).map(({ scope, rule }) =>
      excessOf(scope, login, rule.policies, question.undeclaredSiblings),
    ),
    ...openRole(login),
  ]);
  const lines = question.forbid.filter(({ scope }) => scope.kind === 'vault');
  const forbidden = lines.length === 0 ? [] : logins.flatMap((login) => forbiddenBy(lines, login));
  const silent = question.openWorld ? [] : held.unread;
  return {
    missing,
    excess: [...excess, ...notRead(silent, 'excess')],
    forbidden: [...forbidden, ...(lines.length === 0 ? [] : notRead(silent, 'forbidden'))],
    overreach,
    more: excess[0]?.login,
  };
}

/** What a Vault that says nothing may give is no pass; it could be anything. */
function notRead(unread: VaultHeld['unread'], check: 'excess' | 'forbidden'): readonly Finding[] {
  return unread.map(({ connection, why }) => ({
    check,
    undetermined: true,
    reason: 'VaultNotRead',
    detail: `${connection}: ${why}`,
    ...(check === 'excess' && { risk: 'critical' }),
  }));
}

/** What any pod of the cluster can take is nobody's need, however little it is. */
function openRole(login: VaultLogin): readonly Finding[] {
  if (!login.anyAccount) return [];
  return [{ check: 'excess', reason: 'VaultRoleOpen', risk: 'high', login: viaOf(login) }];
}

function excessOf(
  scope: VaultScope,
  login: VaultLogin,
  policies: readonly string[],
  [sibling]: readonly string[],
): Finding {
  const { risk } = riskOf(scope);
  const found = {
    check: 'excess',
    scope: canonical(scope),
    risk,
    login: viaOf(login, policies),
  } as const;
  const [unread] = login.unknown;
  // A policy that was not read could withhold it: in Vault more rules can be less.
  if (unread !== undefined)
    return { ...found, undetermined: true, reason: 'VaultPolicyNotRead', detail: unread };
  if (sibling === undefined || risk === 'critical') return { ...found, reason: 'Excess' };
  return { ...found, undetermined: true, reason: 'SharedWithUndeclared', detail: sibling };
}

function forbiddenBy(forbid: VaultQuestion['forbid'], login: VaultLogin): readonly Finding[] {
  const [unread] = login.unknown;
  return surplus(login.acl, []).flatMap(({ scope, rule }): readonly Finding[] => {
    const hit = forbiddingLine(forbid, scope);
    if (hit === undefined) return [];
    const found = {
      check: 'forbidden',
      scope: canonical(scope),
      login: viaOf(login, rule.policies),
    } as const;
    return unread === undefined
      ? [{ ...found, reason: 'ForbiddenHeld', detail: hit.policy }]
      : [{ ...found, undetermined: true, reason: 'VaultPolicyNotRead', detail: unread }];
  });
}
