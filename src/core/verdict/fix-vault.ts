import { compareText } from '../scope/canonical.ts';
import type { VaultScope } from '../scope/scope.ts';
import { createAcl } from '../vault/acl.ts';
import { uncoveredVault } from '../vault/contains.ts';
import { withheld } from '../vault/covers.ts';
import type { VaultLogin } from '../vault/held.ts';
import { CAPABILITIES, type Capability, type PathRule } from '../vault/policy.ts';
import type { Finding } from './findings.ts';
import type { Advice } from './fix.ts';
import type { VaultInput } from './vault.ts';

/** The least change of a Vault role after which its login gives what is needed. */
export interface VaultFix {
  readonly login: Pick<VaultLogin, 'connection' | 'mount' | 'role'>;
  /** A policy of its own. */
  readonly policy: { readonly name: string; readonly rules: readonly PathRule[] } | undefined;
  /** Fields of the role, as Vault's API names them, and what to set them to. */
  readonly fields: readonly (readonly [field: string, value: string])[];
}

export interface VaultFixes {
  readonly fixes: readonly VaultFix[];
  readonly advice: readonly Advice[];
}

/** @param needs of everything that runs as the account, as far as they may be given. */
export function fixVault(
  vault: VaultInput | undefined,
  needs: readonly VaultScope[],
  acted: readonly Finding[],
): VaultFixes {
  const logins = vault?.held.logins ?? [];
  const changes = logins.map((login) =>
    changeOf(
      login,
      needs,
      acted.filter((one) => isOf(one, login)),
    ),
  );
  return {
    fixes: changes.flatMap(({ fix }) => fix ?? []),
    advice: [...changes.flatMap(({ advice }) => advice), ...acted.flatMap(adviceOn)],
  };
}

function isOf({ login, undetermined }: Finding, { connection, mount, role }: VaultLogin): boolean {
  const one = login?.login;
  return !undetermined && one?.connection === connection && one.mount === mount && one.role === role;
}

interface Change {
  readonly fix: VaultFix | undefined;
  readonly advice: readonly Advice[];
}

function changeOf(login: VaultLogin, needs: readonly VaultScope[], acted: readonly Finding[]): Change {
  const lacks = acted.some(({ reason }) => reason === 'MissingInVault');
  const name = `countersign-${login.role.replaceAll(/[^\w.-]/gu, '-')}`;
  const rules = lacks ? rulesFor(needs) : [];
  const { policies } = login.terms;
  const fields = [
    ...(lacks ? [['token_policies', [...new Set([...policies, name])].join(',')] as const] : []),
    ...acted.flatMap((finding) => fieldsFor(finding, login)),
  ];
  if (fields.length === 0) return { fix: undefined, advice: [] };
  const { connection, mount, role } = login;
  return {
    fix: { login: { connection, mount, role }, policy: lacks ? { name, rules } : undefined, fields },
    advice: lacks ? stillWithheld(login, { name, rules }, needs) : [],
  };
}

function fieldsFor({ reason }: Finding, { terms }: VaultLogin): VaultFix['fields'] {
  switch (reason) {
    case 'VaultAudience':
      return [['audience', terms.askedAudience ?? '']];
    case 'VaultTokenUses':
      return [['token_num_uses', '0']];
    default:
      return [];
  }
}

/**
 * A rule for each path that is needed. The most exact rule is the only one that counts in Vault, so each gives all that
 * is needed at its path by whatever pattern.
 */
function rulesFor(needs: readonly VaultScope[]): readonly PathRule[] {
  const paths = [...new Set(needs.map(({ path }) => path))].toSorted(compareText);
  return paths.map((path) => ({ path, capabilities: capabilitiesFor(path, needs), constraints: [] }));
}

function capabilitiesFor(path: string, needs: readonly VaultScope[]): readonly Capability[] {
  const wanted = CAPABILITIES.filter(
    (capability) =>
      capability !== 'deny' &&
      uncoveredVault(needs, { kind: 'vault', capabilities: [capability], path }).length === 0,
  );
  return wanted.toSorted(compareText);
}

/** What the new policy can't give, because another one denies it or says otherwise where both apply. */
function stillWithheld(
  { acl, role }: VaultLogin,
  policy: { readonly name: string; readonly rules: readonly PathRule[] },
  needs: readonly VaultScope[],
): readonly Advice[] {
  const known = acl.rules.flatMap(({ pattern, policies, ...rule }) =>
    policies.map((name) => ({ name, rules: [{ ...rule, path: pattern }] })),
  );
  const after = createAcl([...known, policy], acl.dialect);
  return needs.flatMap((need) =>
    withheld(after, need).map(({ example, by, scope }): Advice => {
      const who = by?.policies.filter((name) => name !== policy.name).join(', ');
      const what = `vault ${scope.capabilities.join(',')} ${example}`;
      const text = `${what} stays refused for Vault role ${role}: ${who ? `policy ${who}` : 'another policy'} says otherwise there, so ask its owner`;
      return { kind: 'ask', text };
    }),
  );
}

/** What is for a person, since others may depend on it. */
function adviceOn({ reason, check, login, detail, undetermined }: Finding): readonly Advice[] {
  if (login === undefined || undetermined) return [];
  const { role } = login.login;
  switch (reason) {
    case 'VaultRoleNotYours':
      return [{ kind: 'ask', text: `let Vault role ${role} take the service account, or name another role` }];
    case 'VaultRoleOpen':
      return [{ kind: 'ask', text: `Vault role ${role} is open to any service account: bind it to its own` }];
    case 'VaultTtl':
      return [{ kind: 'ask', text: `tokens of Vault role ${role} live ${detail}: lower its token_max_ttl` }];
    case 'Excess':
    case 'ForbiddenHeld':
      return [{ kind: 'ask', text: tooMuch(check, role, login.policies) }];
    default:
      return [];
  }
}

function tooMuch(check: Finding['check'], role: string, policies: readonly string[]): string {
  const what = check === 'forbidden' ? 'what is forbidden' : 'more than is needed';
  return `Vault role ${role} gives ${what} by ${policies.length === 1 ? 'policy' : 'policies'} ${policies.join(', ')}: others may use ${policies.length === 1 ? 'it' : 'them'}, so ask their owner`;
}
