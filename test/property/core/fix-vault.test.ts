import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VaultScope } from '../../../src/core/scope/scope.ts';
import { createAcl, type Dialect } from '../../../src/core/vault/acl.ts';
import { surplus } from '../../../src/core/vault/surplus.ts';
import { fixVault } from '../../../src/core/verdict/fix-vault.ts';
import { judge } from '../../../src/core/verdict/verdict.ts';
import { runs } from '../../support/runs.ts';
import { anyPattern, anyPolicies } from '../../support/vault-acl.ts';
import { vaultHeld, vaultLogin } from '../../support/vault-held.ts';
import { verdictInput } from '../../support/verdict.ts';

const NAMED = { connection: 'default', role: 'shop_api', maxTtlSeconds: undefined };

const anyNeed: fc.Arbitrary<VaultScope> = fc.record({
  kind: fc.constant('vault'),
  capabilities: fc.subarray(['read', 'update', 'list'], { minLength: 1 }),
  path: anyPattern,
});
const anyCase = fc.constantFrom<Dialect>('openbao', 'vault').chain((dialect) =>
  fc.record({
    dialect: fc.constant(dialect),
    policies: anyPolicies(dialect),
    needs: fc.array(anyNeed, { minLength: 1, maxLength: 4 }),
  }),
);

function judged(acl: ReturnType<typeof createAcl>, needs: readonly VaultScope[]) {
  const vault = { held: vaultHeld({ ...vaultLogin({}), acl }), named: NAMED };
  const input = verdictInput({ rules: [], dangling: [], unfilled: [] }, needs, { vault });
  return { vault, findings: judge(input).findings };
}

describe('what is proposed for a Vault role', () => {
  it('gives all that is missing, or says whose policy stands in the way', () => {
    fc.assert(
      fc.property(anyCase, ({ dialect, policies, needs }) => {
        const { vault, findings } = judged(createAcl(policies, dialect), needs);
        const { fixes, advice } = fixVault(vault, needs, findings);
        const added = fixes.flatMap(({ policy }) => policy ?? []);
        const after = judged(createAcl([...policies, ...added], dialect), needs);
        const left = after.findings.filter(({ check }) => check === 'missing');

        expect(left.length > 0).toBe(advice.some(({ text }) => text.includes('stays refused')));
      }),
      { numRuns: runs(300) },
    );
  });

  it('gives nothing that is not needed', () => {
    fc.assert(
      fc.property(anyCase, ({ dialect, policies, needs }) => {
        const { vault, findings } = judged(createAcl(policies, dialect), needs);
        const added = fixVault(vault, needs, findings).fixes.flatMap(({ policy }) => policy ?? []);

        expect(surplus(createAcl(added, dialect), needs)).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
  });
});
