import { shown } from '../../core/text.ts';
import type { Dialect } from '../../core/vault/acl.ts';
import type { PathRule, PolicyText } from '../../core/vault/policy.ts';
import type { AccountLabels, AuthRole, JwtBinding } from '../../core/vault/role.ts';
import { claimOf } from '../../core/vault/role-claims.ts';
import { fillTemplates } from '../../core/vault/template.ts';
import type { IdentityAlias, TemplateIdentity } from '../../core/vault/template-value.ts';
import type { Entity } from './identity-answers.ts';
import { identityOf } from './login-identity.ts';
import type { Membership } from './memberships.ts';

/** What a login is to the templates in its policies. */
export interface TemplateSource {
  readonly role: AuthRole;
  readonly labels: AccountLabels;
  /** `undefined`: not known. */
  readonly membership: Membership | undefined;
  /** Of the mount; `undefined`: not known. */
  readonly accessor: string | undefined;
}

/** The rules as they are for this login; those of which it is not known are left out, and said. */
export function fillPolicy(
  { name, rules }: PolicyText,
  identity: TemplateIdentity,
  dialect: Dialect,
): { readonly policy: PolicyText; readonly unknown: readonly string[] } {
  const filled: PathRule[] = [];
  const unknown: string[] = [];
  for (const rule of rules) {
    const answer = fillTemplates(rule.path, identity, dialect);
    if (answer.kind === 'filled') filled.push({ ...rule, path: answer.path });
    else if (answer.kind === 'unknown') unknown.push(`policy ${shown(name)}: ${answer.why}`);
  }
  return { policy: { name, rules: filled }, unknown };
}

export function templateIdentity({ role, labels, membership, accessor }: TemplateSource): TemplateIdentity {
  if (membership === undefined) return { entity: undefined, groups: { known: [], whole: false } };
  const { entity, groups, unknown } = membership;
  const whole = unknown.length === 0;
  const alias = accessor === undefined ? undefined : aliasOf(role, labels, entity, accessor);
  const others = (entity?.aliases ?? []).filter((other) => other.accessor !== accessor);
  return {
    entity: {
      id: entity?.id ?? FRESH_ID,
      name: entity?.name ?? FRESH_NAME,
      metadata: entity?.metadata ?? {},
      aliases: { known: alias === undefined ? others : [...others, alias], whole: alias !== undefined },
    },
    groups: { known: groups, whole },
  };
}

/** In place of what Vault makes up at the first login: nothing else has it, so it stands for whatever it will be. */
const FRESH_ID = '00000000-0000-0000-0000-000000000000';
const FRESH_NAME = 'entity_00000000';

/** A login writes the metadata of its alias anew. */
function aliasOf(
  role: AuthRole,
  labels: AccountLabels,
  entity: Entity | undefined,
  accessor: string,
): IdentityAlias {
  const { alias: name } = identityOf(role, labels);
  const stored = entity?.aliases.find((other) => other.accessor === accessor && other.name === name);
  const { binding } = role;
  return {
    accessor,
    id: stored?.id ?? FRESH_ID,
    name: name ?? (binding.kind === 'kubernetes' ? FRESH_ID : undefined),
    metadata:
      binding.kind === 'kubernetes'
        ? { ...stored?.metadata, ...kubernetesMetadata(labels) }
        : jwtMetadata(role.name, binding, labels),
    customMetadata: stored?.customMetadata ?? {},
  };
}

function kubernetesMetadata({ account, uid }: AccountLabels): Readonly<Record<string, string>> {
  return {
    service_account_uid: uid ?? FRESH_ID,
    service_account_name: account.name,
    service_account_namespace: account.namespace,
    service_account_secret_name: '',
  };
}

function jwtMetadata(
  role: string,
  { claimMappings }: JwtBinding,
  labels: AccountLabels,
): Readonly<Record<string, string>> | undefined {
  const metadata: Record<string, string> = { role };
  for (const [claim, key] of Object.entries(claimMappings)) {
    const value = claimOf(labels, claim);
    if (value.kind === 'text') metadata[key] = value.text;
    else if (value.kind !== 'absent') return undefined;
  }
  return metadata;
}
