import type { AuthMethod } from '../../core/vault/role.ts';

/**
 * All fields that a role may have, so that a slip of the pen is no role that binds less: those of `auth/MOUNT/role/NAME` at
 * Vault and OpenBao, and where the role is.
 */
export const VAULT_ROLE_FIELDS: Readonly<Record<AuthMethod, ReadonlySet<string>>> = {
  kubernetes: fields(
    'bound_service_account_names bound_service_account_namespaces bound_service_account_namespace_selector',
    'audience alias_name_source alias_metadata',
  ),
  jwt: fields(
    'role_type bound_audiences user_claim user_claim_json_pointer bound_subject bound_claims bound_claims_type',
    'groups_claim claim_mappings clock_skew_leeway expiration_leeway not_before_leeway',
    'oidc_scopes allowed_redirect_uris verbose_oidc_logging max_age callback_mode oauth2_metadata poll_interval',
    'oidc_disable_confirmation token_policies_template_claims',
  ),
};

function fields(...lines: readonly string[]): ReadonlySet<string> {
  const common = [
    'connection mount method name accessor',
    'token_policies token_no_default_policy token_ttl token_max_ttl token_explicit_max_ttl token_period',
    'token_num_uses token_type token_bound_cidrs token_strictly_bind_ip',
    'policies ttl max_ttl period num_uses bound_cidrs',
  ];
  return new Set([...common, ...lines].flatMap((line) => line.split(' ')));
}
