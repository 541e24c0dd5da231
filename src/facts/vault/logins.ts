import { shown } from '../../core/text.ts';
import { createAcl, type Dialect } from '../../core/vault/acl.ts';
import type { LoginTerms, VaultLogin } from '../../core/vault/held.ts';
import type { PolicyText } from '../../core/vault/policy.ts';
import { type AccountLabels, type AuthRole, admits, effectivePolicies } from '../../core/vault/role.ts';
import type { TemplateIdentity } from '../../core/vault/template-value.ts';
import type { KnownIdentity } from './identities.ts';
import { identityOf, type LoginIdentity } from './login-identity.ts';
import type { Membership } from './memberships.ts';
import type { KnownPolicy } from './policies.ts';
import { fillPolicy, templateIdentity } from './templates.ts';

/** Roles that admit an account, and those of which it is not known whether they do. */
export interface Admitted {
  readonly roles: readonly { readonly role: AuthRole; readonly anyAccount: boolean }[];
  readonly open: readonly string[];
}

export function admittedBy(roles: Iterable<AuthRole>, labels: AccountLabels): Admitted {
  const admitted: { role: AuthRole; anyAccount: boolean }[] = [];
  const open: string[] = [];
  for (const role of roles) {
    const answer = admits(role, labels);
    if (answer.kind === 'yes') admitted.push({ role, anyAccount: answer.anyAccount });
    else if (answer.kind === 'unknown') open.push(`role ${shown(role.name)}: ${answer.why}`);
  }
  return { roles: admitted, open };
}

export interface LoginSources {
  readonly connection: string;
  readonly mount: string;
  /** For which pods ask for their token; `undefined`: not known. */
  readonly askedAudience: string | undefined;
  /** Of the mount; `undefined`: not known. */
  readonly accessor: string | undefined;
  readonly dialect: Dialect;
  /** `undefined`: not read. */
  readonly policy: (name: string) => KnownPolicy | undefined;
  readonly identity: (login: LoginIdentity) => KnownIdentity | undefined;
}

/** One login; none where the entity of the account is disabled. */
export function loginOf(
  sources: LoginSources,
  { role, anyAccount }: Admitted['roles'][number],
  labels: AccountLabels,
): VaultLogin | undefined {
  const login = identityOf(role, labels);
  const known = sources.identity(login);
  const membership = known?.kind === 'membership' ? known.membership : undefined;
  if (membership?.entity?.disabled === true) return undefined;
  const unread = known?.kind === 'unread' ? known.why : 'the identity of the login has not been read yet';
  const policies = policiesOf(
    sources,
    [...effectivePolicies(role), ...(membership === undefined ? [] : policiesOfMember(membership))],
    templateIdentity({ role, labels, membership, accessor: sources.accessor }),
  );
  return {
    connection: sources.connection,
    mount: sources.mount,
    role: role.name,
    acl: createAcl(policies.texts, sources.dialect),
    anyAccount,
    terms: termsOf(role, sources.askedAudience),
    unknown: [
      ...(role.policiesAreTemplates ? ['the names of its policies are templates of the token'] : []),
      ...(membership?.unknown ?? [unread]),
      ...policies.unknown,
    ],
  };
}

/** Vault takes their names in lower case. */
export function policiesOfMember({ entity, groups }: Membership): readonly string[] {
  const names = [...(entity?.policies ?? []), ...groups.flatMap((group) => group.policies)];
  return names.map((name) => name.toLowerCase());
}

function policiesOf(
  { policy, dialect }: LoginSources,
  names: readonly string[],
  identity: TemplateIdentity,
): { readonly texts: readonly PolicyText[]; readonly unknown: readonly string[] } {
  const texts: PolicyText[] = [];
  const unknown: string[] = [];
  for (const name of [...new Set(names)].toSorted()) {
    const known = policy(name) ?? { kind: 'unread', why: `policy ${shown(name)} has not been read yet` };
    switch (known.kind) {
      case 'rules': {
        const filled = fillPolicy(known.policy, identity, dialect);
        texts.push(filled.policy);
        unknown.push(...filled.unknown);
        break;
      }
      case 'unread':
        unknown.push(known.why);
        break;
      case 'absent':
        break;
    }
  }
  return { texts, unknown };
}

function termsOf(role: AuthRole, askedAudience: string | undefined): LoginTerms {
  const { binding, policies, ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds, ...rest } = role;
  const { periodSeconds, numUses, tokenType } = rest;
  const audiences = binding.kind === 'jwt' ? binding.boundAudiences : [binding.audience];
  return {
    policies,
    ttlSeconds,
    maxTtlSeconds,
    explicitMaxTtlSeconds,
    periodSeconds,
    numUses,
    tokenType,
    askedAudience,
    audiences: audiences.filter((audience) => audience !== ''),
  };
}
