import type { AccountLabels, AuthRole } from '../../core/vault/role.ts';
import { subjectOf } from '../../core/vault/role-claims.ts';

/** Roles by the account that they bind by its very name, so that not every one of thousands is looked at. */
export interface RoleIndex {
  /** All that may admit the account, some of which do not; each once. */
  maybe(labels: AccountLabels): Iterable<AuthRole>;
}

export function createRoleIndex(roles: Iterable<AuthRole>): RoleIndex {
  const bound = new Map<string, Set<AuthRole>>();
  const open: AuthRole[] = [];
  for (const role of roles) {
    const keys = keysOf(role);
    if (keys === undefined) open.push(role);
    for (const key of keys ?? []) bound.set(key, (bound.get(key) ?? new Set()).add(role));
  }
  return {
    *maybe(labels) {
      yield* bound.get(nameKey(labels.account.name)) ?? [];
      yield* bound.get(subjectKey(subjectOf(labels))) ?? [];
      yield* open;
    },
  };
}

/** The account has to have one of them; `undefined`: the role binds none by its very name. */
function keysOf({ binding }: AuthRole): readonly string[] | undefined {
  switch (binding.kind) {
    case 'kubernetes':
      return binding.names.some((name) => name.includes('*')) ? undefined : binding.names.map(nameKey);
    case 'jwt':
      return binding.boundSubject === '' ? undefined : [subjectKey(binding.boundSubject)];
  }
}

function nameKey(name: string): string {
  return `name ${name}`;
}

function subjectKey(subject: string): string {
  return `subject ${subject}`;
}
