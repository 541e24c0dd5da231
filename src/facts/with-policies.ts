import type { Facts } from '../admit/ports.ts';
import { loadFolder } from './folder/folder.ts';
import type { FolderProblem } from './folder/problem.ts';

/** The same facts with the ScopePolicy objects of a folder beside those that they have; `undefined`: as they are. */
export async function withPolicies(
  facts: Facts,
  dir: string | undefined,
): Promise<{ facts: Facts; problems: readonly FolderProblem[] }> {
  if (dir === undefined) return { facts, problems: [] };
  const { world, problems } = await loadFolder(dir);
  const policies = world.policies();
  const known = new Set(facts.policies().map(({ name }) => name));
  const twice = policies
    .filter(({ name }) => known.has(name))
    .map(({ name }): FolderProblem => ({ file: dir, message: `there is another policy ${name}` }));
  return {
    facts: { ...facts, policies: () => [...facts.policies(), ...policies] },
    problems: [...problems, ...twice],
  };
}
