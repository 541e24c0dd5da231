/**
 * What every token has by the stock policy `default`, line by line: of OpenBao 2.7.2 and Vault 1.19.0, which differ in
 * `sys/renew` and `sys/control-group/request`, Vault's alone. Nobody asks for it, and it is
 * no excess; what a `default` policy says beyond it is.
 */
import type { VaultScope } from '../scope/scope.ts';

export const BASELINE_SCOPES: readonly VaultScope[] = [
  ...lines('read', ['auth/token/lookup-self', 'sys/internal/ui/resultant-acl']),
  // The policy has `{{identity.entity.id}}` and `…name}}`: one segment, whatever is filled in.
  ...lines('read', ['identity/entity/id/+', 'identity/entity/name/+']),
  ...lines('update', ['auth/token/renew-self', 'auth/token/revoke-self', 'sys/capabilities-self']),
  ...lines('update', ['sys/renew', 'sys/leases/renew', 'sys/leases/lookup']),
  ...lines('update', ['sys/wrapping/wrap', 'sys/wrapping/lookup', 'sys/wrapping/unwrap']),
  ...lines('update', ['sys/tools/hash', 'sys/tools/hash/*', 'sys/control-group/request']),
  ...lines('create,read,update,delete,list', ['cubbyhole/*']),
  ...lines('read,update', ['identity/oidc/provider/+/authorize']),
];

function lines(capabilities: string, paths: readonly string[]): readonly VaultScope[] {
  return paths.map((path) => ({ kind: 'vault', capabilities: capabilities.split(','), path }));
}
