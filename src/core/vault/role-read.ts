import { type JsonObject, objectOf } from '../json.ts';
import type { AuthMethod, AuthRole, JwtBinding, KubernetesBinding } from './role.ts';
import { createFields, type FieldProblem, type Fields } from './role-fields.ts';
import { readNamespaceSelector } from './role-selector.ts';

/** A role, or everything that is wrong with it: a role that is understood in part could admit anybody. */
export type ReadRole =
  | { readonly ok: true; readonly role: AuthRole }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

export interface RoleSource {
  readonly name: string;
  readonly method: AuthMethod;
  /** `data` of the answer of `auth/MOUNT/role/NAME`, of any shape; or what could be written there. */
  readonly data: unknown;
  /** Of a text in YAML, of which JSON is a part; `undefined`: it is none. */
  readonly parseYaml: (text: string) => unknown;
}

export function readRole({ name, method, data, parseYaml }: RoleSource): ReadRole {
  const fields = createFields(objectOf(data) === data ? (data as JsonObject) : undefined);
  const binding = method === 'kubernetes' ? kubernetesOf(fields, parseYaml) : jwtOf(fields);
  const role: AuthRole = {
    name: name.toLowerCase(),
    method,
    binding,
    ...tokenOf(fields),
  };
  return fields.problems.length === 0 ? { ok: true, role } : { ok: false, problems: fields.problems };
}

/** sdk/helper/tokenutil of Vault, with the older names of the same fields. */
function tokenOf(fields: Fields): Omit<AuthRole, 'name' | 'method' | 'binding'> {
  const policies = fields.texts('token_policies', 'policies').map((policy) => policy.toLowerCase());
  return {
    policies: [...new Set(policies)].filter((policy) => policy !== '').toSorted(),
    policiesAreTemplates: fields.flag('token_policies_template_claims'),
    noDefaultPolicy: fields.flag('token_no_default_policy'),
    ttlSeconds: fields.seconds('token_ttl', 'ttl'),
    maxTtlSeconds: fields.seconds('token_max_ttl', 'max_ttl'),
    explicitMaxTtlSeconds: fields.seconds('token_explicit_max_ttl'),
    periodSeconds: fields.seconds('token_period', 'period'),
    numUses: fields.count('token_num_uses', 'num_uses'),
    tokenType: fields.text('token_type') || 'default',
  };
}

function kubernetesOf(fields: Fields, parseYaml: RoleSource['parseYaml']): KubernetesBinding {
  const names = fields.texts('bound_service_account_names');
  if (names.length === 0) fields.complain('bound_service_account_names', 'expected at least one name');
  const selector = fields.text('bound_service_account_namespace_selector');
  return {
    kind: 'kubernetes',
    names,
    namespaces: fields.texts('bound_service_account_namespaces'),
    namespaceSelector: selector === '' ? 'none' : readNamespaceSelector(selector, parseYaml),
    audience: fields.text('audience'),
    aliasNameSource: fields.oneOf('alias_name_source', ['serviceaccount_uid', 'serviceaccount_name']),
  };
}

function jwtOf(fields: Fields): JwtBinding {
  const userClaim = fields.text('user_claim');
  if (userClaim === '') fields.complain('user_claim', 'expected the name of a claim');
  return {
    kind: 'jwt',
    roleType: fields.oneOf('role_type', ['jwt', 'oidc']),
    userClaim,
    userClaimIsPointer: fields.flag('user_claim_json_pointer'),
    boundAudiences: fields.texts('bound_audiences'),
    boundSubject: fields.text('bound_subject'),
    boundClaims: fields.claims('bound_claims'),
    boundClaimsType: fields.oneOf('bound_claims_type', ['string', 'glob']),
    groupsClaim: fields.text('groups_claim'),
    claimMappings: fields.textMap('claim_mappings'),
  };
}
