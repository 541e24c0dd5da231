import type { Entity, Group } from './identity-answers.ts';
import type { LoginIdentity } from './login-identity.ts';
import type { Alias, VaultQuestions } from './questions.ts';

/** What the identity engine adds to a login. */
export interface Membership {
  /** `undefined`: the first login makes one, without policies. */
  readonly entity: Entity | undefined;
  /** Direct and inherited. */
  readonly groups: readonly Group[];
  /** Why there may be more. */
  readonly unknown: readonly string[];
}

/** Of one account, all in all. */
const MAX_GROUPS = 100;

/**
 * As Vault does at a login: the groups of the entity, but of the external groups of this mount those that the login itself
 * tells of; and all groups that these are in.
 */
export async function readMembership(
  questions: Pick<VaultQuestions, 'entity' | 'group' | 'groupOf'>,
  { alias, groups, unknown }: LoginIdentity,
  accessor: string,
  signal: AbortSignal,
): Promise<Membership> {
  const aliasOf = (name: string): Alias => ({ name, accessor });
  const entity = alias === undefined ? undefined : await questions.entity(aliasOf(alias), signal);
  const found = new Map<string, Group>();
  const open = [...unknown];

  for (const name of groups) {
    const group = await questions.groupOf(aliasOf(name), signal);
    if (group !== undefined) found.set(group.id, group);
  }
  const direct = new Set(entity?.groupIds);
  const asked = new Set<string>();
  const waiting = [...direct, ...[...found.values()].flatMap(({ parentIds }) => parentIds)];
  for (const id of waiting) {
    if (asked.has(id) || found.has(id)) continue;
    if (asked.size >= MAX_GROUPS) {
      open.push(`only ${MAX_GROUPS} groups of the account are read`);
      break;
    }
    asked.add(id);
    const group = await questions.group(id, signal);
    if (group === undefined) open.push('a group of the account is in another namespace of Vault, or gone');
    else if (direct.has(id) && group.external?.accessor === accessor) continue;
    else {
      found.set(id, group);
      waiting.push(...group.parentIds);
    }
  }
  return { entity, groups: [...found.values()], unknown: [...new Set(open)] };
}
