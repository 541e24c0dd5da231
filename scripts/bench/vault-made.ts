import type { JsonObject } from '../../src/core/json.ts';
import { accountName, namespaceOf, namespacesIn, type WorldSize } from './world.ts';

/**
 * The roles and policies of a large Vault, made up but of a usual kind: a role for an account, policies that two accounts of
 * a namespace share, a few roles for a whole namespace and a few by the labels of namespaces. Each follows from its number.
 */
export const ROLES = 2_000;
export const POLICIES = 1_000;
/** In each policy. */
export const RULES = 8;

export interface MadeRole {
  readonly name: string;
  /** Of the kubernetes method. */
  readonly fields: JsonObject;
}

export function makeVaultRole(size: WorldSize, at: number): MadeRole {
  const term = { audience: 'vault', token_ttl: '10m', token_max_ttl: '1h' };
  const policies = policiesOf(size, at);
  if (isOfNamespace(at)) {
    const namespace = `team-${Math.floor(at / 20) % namespacesIn(size)}`;
    const bound = { bound_service_account_names: '*', bound_service_account_namespaces: namespace };
    return { name: `all-of-${namespace}`, fields: { ...term, ...bound, token_policies: policies } };
  }
  if (isByLabels(at)) {
    const bound = {
      bound_service_account_names: `app-*${at % 100}`,
      bound_service_account_namespace_selector: '{"matchLabels": {"env": "production"}}',
    };
    return { name: `production-${at}`, fields: { ...term, ...bound, token_policies: policies } };
  }
  const bound = {
    bound_service_account_names: accountName(at),
    bound_service_account_namespaces: namespaceOf(size, at),
  };
  return { name: accountName(at), fields: { ...term, ...bound, token_policies: policies } };
}

/** Those that have a role of their own name, by number. */
export function accountsWithRole(): readonly number[] {
  return Array.from({ length: ROLES }, (_, at) => at).filter((at) => !isOfNamespace(at) && !isByLabels(at));
}

function isOfNamespace(role: number): boolean {
  return role % 20 === 19;
}

function isByLabels(role: number): boolean {
  return role % 200 === 118;
}

/** Policies of one namespace: of two accounts in three one of their own, of the third another one beside it. */
function policiesOf(size: WorldSize, role: number): readonly string[] {
  if (isOfNamespace(role)) return [`policy-${POLICIES - namespacesIn(size) + Math.floor(role / 20)}`];
  const own = ownPolicy(role);
  const next = (own + namespacesIn(size)) % POLICIES;
  return (role % 3 === 0 ? [own, next] : [own]).map((policy) => `policy-${policy}`);
}

export function ownPolicy(account: number): number {
  return account % POLICIES;
}

/** A path and what may be done there. */
export interface MadeRule {
  readonly path: string;
  readonly capabilities: readonly string[];
  /** Further lines of the rule. */
  readonly more?: string;
}

export function rulesOfPolicy(size: WorldSize, policy: number): readonly MadeRule[] {
  const namespace = namespaceOf(size, policy);
  const app = accountName(policy);
  const shared = `secret/data/${namespace}/shared`;
  return [
    { path: `secret/data/${namespace}/${app}/*`, capabilities: ['create', 'read', 'update'] },
    { path: `secret/metadata/${namespace}/${app}/*`, capabilities: ['list', 'read'] },
    { path: `${shared}/+`, capabilities: ['read'] },
    { path: `database/creds/${namespace}-${app}`, capabilities: ['read'] },
    { path: `transit/encrypt/${namespace}`, capabilities: ['update'] },
    { path: `transit/decrypt/${namespace}`, capabilities: ['update'] },
    {
      path: `pki/issue/${namespace}`,
      capabilities: ['create', 'update'],
      ...(policy % 50 === 7 && { more: 'allowed_parameters = { "common_name" = [] }' }),
    },
    policy % 25 === 3
      ? { path: `${shared}/admin`, capabilities: ['deny'] }
      : { path: 'secret/data/global/config', capabilities: ['read'] },
  ];
}

/** @param accessor of the mount of the kubernetes method: every tenth policy has a template. */
export function policyText(size: WorldSize, policy: number, accessor: string): string {
  const namespace = `{{identity.entity.aliases.${accessor}.metadata.service_account_namespace}}`;
  return rulesOfPolicy(size, policy)
    .map(({ path, capabilities, more = '' }, at) => {
      const text = at === 2 && policy % 10 === 0 ? `secret/data/${namespace}/shared/+` : path;
      return `path "${text}" {\n  capabilities = ${JSON.stringify(capabilities)}\n  ${more}\n}\n`;
    })
    .join('\n');
}
