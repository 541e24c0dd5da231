import { parse } from 'yaml';
import type { AccountLabels, AuthMethod, AuthRole } from '../../src/core/vault/role.ts';
import { type ReadRole, readRole } from '../../src/core/vault/role-read.ts';

/** As whom tests log in. */
export const SHOP_API: AccountLabels = {
  account: { namespace: 'shop', name: 'api' },
  uid: '6d1b2f0e-0000-4000-8000-000000000001',
  namespaceLabels: { env: 'prod' },
};

/** Binds shop/api by name at the kubernetes method; anybody with the audience `vault` at the jwt method. */
const BASIS: Readonly<Record<AuthMethod, object>> = {
  kubernetes: { bound_service_account_names: ['api'], bound_service_account_namespaces: ['shop'] },
  jwt: { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'] },
};

export function read(method: AuthMethod, data: unknown, name = 'app'): ReadRole {
  return readRole({ name, method, data, parseYaml: (text) => parse(text) as unknown });
}

/** The role of an answer that is in order. */
export function roleOf(method: AuthMethod, data: object = {}, name = 'app'): AuthRole {
  const answer = read(method, { ...BASIS[method], ...data }, name);
  if (!answer.ok) throw new Error(JSON.stringify(answer.problems));
  return answer.role;
}
