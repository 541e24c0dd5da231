import type { Held } from '../../src/core/rbac/held.ts';
import { parseScopes } from '../../src/core/scope/parse.ts';
import { resolveScopes } from '../../src/core/scope/resolve.ts';
import type { Scope } from '../../src/core/scope/scope.ts';
import type { VerdictInput } from '../../src/core/verdict/verdict.ts';
import { TEST_RESOURCES } from './resources.ts';

/** Scope lines of the namespace `shop`, placed. */
export function scopes(...lines: string[]): readonly Scope[] {
  const { scopes: parsed, problems } = parseScopes(lines.join('\n'));
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return resolveScopes(parsed, 'shop', TEST_RESOURCES).scopes;
}

/** Needs are declared and nobody shares the account, unless a test says otherwise. */
export function verdictInput(
  held: Held,
  needs: readonly Scope[],
  more: Partial<VerdictInput> = {},
): VerdictInput {
  return {
    needs,
    declared: true,
    sharedNeeds: needs,
    undeclaredSiblings: [],
    held,
    alsoHeld: [],
    openWorld: false,
    latent: false,
    allow: [],
    forbid: [],
    ceilings: [],
    resources: TEST_RESOURCES,
    vault: undefined,
    ...more,
  };
}
