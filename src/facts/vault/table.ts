import { shown } from '../../core/text.ts';
import { type AuthMethod, type AuthRole, effectivePolicies } from '../../core/vault/role.ts';
import { readRole } from '../../core/vault/role-read.ts';
import { parseYaml } from '../folder/yaml.ts';
import { failureOfOne, vaultFailure } from './failure.ts';
import { inTurns } from './in-turns.ts';
import { type KnownPolicy, readPolicy } from './policies.ts';
import type { Mount, VaultQuestions } from './questions.ts';
import { createRoleIndex, type RoleIndex } from './role-index.ts';

/** What is known of one auth mount: its roles, and the policies that they name. */
export interface VaultTable {
  readonly mount: Mount;
  readonly roles: ReadonlyMap<string, AuthRole>;
  readonly index: RoleIndex;
  /** By name, in lower case. */
  readonly policies: ReadonlyMap<string, KnownPolicy>;
  /** Why roles are not among them that are there. */
  readonly unread: readonly string[];
}

/** Questions to Vault at a time. */
export const WIDTH = 8;

export interface TableOptions {
  readonly questions: VaultQuestions;
  readonly method: AuthMethod;
  readonly signal: AbortSignal;
}

/** @throws where Vault as a whole does not answer, or the mount is not what it should be */
export async function readTable(
  { questions, method, signal }: TableOptions,
  morePolicies: Iterable<string>,
): Promise<VaultTable> {
  const mount = await mountOf(questions, method, signal);
  const names = await questions.roleNames(signal);
  const { roles, unread } = await readRoles({ questions, method, signal }, names);
  const wanted = new Set(morePolicies);
  for (const role of roles.values()) for (const policy of effectivePolicies(role)) wanted.add(policy);
  const policies = await readPolicies(questions, wanted, signal);
  return { mount, roles, index: createRoleIndex(roles.values()), policies, unread };
}

export async function mountOf(
  questions: VaultQuestions,
  method: AuthMethod,
  signal: AbortSignal,
): Promise<Mount> {
  const mount = await questions.mount(signal);
  if (mount.type === method) return mount;
  throw vaultFailure('OtherMethod', `expected ${method}, found ${shown(mount.type, 40)}`);
}

export async function readRoles(
  { questions, method, signal }: TableOptions,
  names: Iterable<string>,
): Promise<Pick<VaultTable, 'roles' | 'unread'>> {
  const roles = new Map<string, AuthRole>();
  const unread: string[] = [];
  await inTurns(WIDTH, names, async (name) => {
    try {
      const data = await questions.role(name, signal);
      if (data === undefined) return;
      const read = readRole({ name, method, data, parseYaml });
      if (read.ok) roles.set(read.role.name, read.role);
      else unread.push(`role ${shown(name)}: ${read.problems.map(textOf).join('; ')}`);
    } catch (error) {
      unread.push(`role ${shown(name)}: ${failureOfOne(error).why}`);
    }
  });
  return { roles, unread: unread.toSorted() };
}

export async function readPolicies(
  questions: VaultQuestions,
  names: Iterable<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KnownPolicy>> {
  const policies = new Map<string, KnownPolicy>();
  await inTurns(WIDTH, names, async (name) => {
    policies.set(name, await readPolicy(questions, name, signal));
  });
  return policies;
}

function textOf({ field, message }: { readonly field: string; readonly message: string }): string {
  return field === '' ? message : `${field}: ${message}`;
}
