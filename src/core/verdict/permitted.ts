import { covered, ruleOf } from '../scope/covers.ts';
import { overlaps } from '../scope/overlap.ts';
import type { KubernetesScope } from '../scope/scope.ts';
import { kubernetesOnly, type VerdictInput } from './verdict.ts';

/** Of a scope, what no policy forbids and every ceiling covers: only that may be given. */
export function permittedBy(
  { forbid, ceilings }: Pick<VerdictInput, 'forbid' | 'ceilings'>,
  scope: KubernetesScope,
): readonly KubernetesScope[] {
  const verbs = scope.verbs.filter(
    (verb) => !forbid.some((line) => overlaps(line.scope, { ...scope, verbs: [verb] })),
  );
  if (verbs.length === 0) return [];
  return ceilings.reduce<readonly KubernetesScope[]>(
    (within, ceiling) => {
      const rules = kubernetesOnly(ceiling.scopes).map(ruleOf);
      return within.flatMap((part) => covered(rules, part));
    },
    [{ ...scope, verbs }],
  );
}
