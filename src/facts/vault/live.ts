import { type AccountLabels, type AuthMethod, admits, effectivePolicies } from '../../core/vault/role.ts';
import { failureOf } from './failure.ts';
import { type Given, givenBy } from './given.ts';
import { inTurns } from './in-turns.ts';
import { identityOf, type LoginIdentity, loginKey } from './login-identity.ts';
import { type Admitted, admittedBy, type LoginSources, policiesOfMember } from './logins.ts';
import { type Membership, readMembership } from './memberships.ts';
import type { VaultQuestions } from './questions.ts';
import { mountOf, readPolicies, readRoles, type VaultTable, WIDTH } from './table.ts';

export interface LiveOptions {
  readonly questions: VaultQuestions;
  readonly method: AuthMethod;
  readonly about: Pick<LoginSources, 'connection' | 'mount' | 'askedAudience'>;
  /** What is known from before: it says which roles need not be read. */
  readonly table: VaultTable | undefined;
  readonly labels: AccountLabels;
  readonly named: string | undefined;
  readonly signal: AbortSignal;
}

/** Roles in one answer: of more, those that are beyond stay unread. */
const MAX_ROLES = 200;

/**
 * Before a denial: the roles that admit the account, those that are new, the one that is named, and all behind them. Where
 * Vault as a whole does not answer, nothing is known but why.
 */
export async function readLive(options: LiveOptions): Promise<Given> {
  try {
    return await read(options);
  } catch (error) {
    return { logins: [], unread: [failureOf(error).why] };
  }
}

async function read(options: LiveOptions): Promise<Given> {
  const { questions, method, about, labels, signal } = options;
  const { accessor, dialect } = await mountOf(questions, method, signal);
  const names = rolesThatMatter(options, await questions.roleNames(signal));
  const { roles, unread } = await readRoles({ questions, method, signal }, names.slice(0, MAX_ROLES));
  const admitted = admittedBy(roles.values(), labels);
  const identities = await readIdentities(options, admitted, accessor);
  const policies = await readPolicies(
    questions,
    new Set([
      ...admitted.roles.flatMap(({ role }) => effectivePolicies(role)),
      ...identities.values().flatMap(policiesOfMember),
    ]),
    signal,
  );
  const sources: LoginSources = {
    ...about,
    accessor,
    dialect,
    policy: (name) => policies.get(name),
    identity(login) {
      const membership = identities.get(loginKey(login));
      return membership && { kind: 'membership', membership };
    },
  };
  const beyond = names.length - MAX_ROLES;
  return givenBy(sources, admitted, labels, [
    ...unread,
    ...(beyond > 0 ? [`${beyond} more roles that may admit the account were not read`] : []),
  ]);
}

function rolesThatMatter({ table, labels, named }: LiveOptions, names: readonly string[]): readonly string[] {
  return names.filter((name) => {
    const known = table?.roles.get(name);
    return known === undefined || name === named?.toLowerCase() || admits(known, labels).kind !== 'no';
  });
}

async function readIdentities(
  { questions, labels, signal }: LiveOptions,
  { roles }: Admitted,
  accessor: string,
): Promise<ReadonlyMap<string, Membership>> {
  const memberships = new Map<string, Membership>();
  const logins = new Map<string, LoginIdentity>();
  for (const { role } of roles) {
    const login = identityOf(role, labels);
    logins.set(loginKey(login), login);
  }
  await inTurns(WIDTH, logins, async ([key, login]) => {
    memberships.set(key, await readMembership(questions, login, accessor, signal));
  });
  return memberships;
}
