import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { judge } from '../../../../src/core/verdict/verdict.ts';
import { API, binding, clusterRole, heldBy, rule } from '../../../support/rbac.ts';
import { verdictInput } from '../../../support/verdict.ts';

const ME = 'ServiceAccount:shop/api';

/** As many scopes as there are groups and resources. */
function multiplying(groups: number, resources: number) {
  return rule('delete', numbered('r', resources).join(','), { apiGroups: numbered('g', groups) });
}

function numbered(name: string, length: number): string[] {
  return Array.from({ length }, (_, at) => `${name}${at}`);
}

describe('a role of more scopes than are looked at', () => {
  it.each([
    ['one rule that multiplies out to more', 1, 201],
    ['many rules that do so together', 3, 100],
    ['rules that multiply out to millions', 100, 200],
  ])('proves what it looked at, and leaves open the rest of %s', (_, rules, resources) => {
    const many = multiplying(100, resources);
    const verdict = judge(
      verdictInput(
        heldBy(API, clusterRole('r', ...Array(rules).fill(many)), binding('b', 'ClusterRole:r', ME)),
        [],
      ),
    );

    expect(verdict.checks.excess).toBe('fail');
    expect(verdict.findings.filter(({ reason }) => reason === 'RuleTooLarge')).toMatchObject([
      { undetermined: true },
    ]);
    expect(verdict.findings.length).toBeLessThanOrEqual(20_001);
  });

  it('is judged whole up to the last of them, and names each binding of which the rest is open', () => {
    const bound = (name: string, ...rules: PolicyRule[]) => [
      clusterRole(name, ...rules),
      binding(name, `ClusterRole:${name}`, ME),
    ];
    const held = heldBy(
      API,
      ...bound('wide', multiplying(100, 200)),
      ...bound('b', rule('get', 'pods')),
      ...bound('c', rule('get', 'secrets')),
    );
    const { findings } = judge(verdictInput(held, []));

    expect(findings).toHaveLength(20_002);
    expect(findings.filter(({ undetermined }) => undetermined)).toMatchObject([
      { check: 'excess', reason: 'RuleTooLarge', via: { binding: { name: 'b' } } },
      { check: 'excess', reason: 'RuleTooLarge', via: { binding: { name: 'c' } } },
    ]);
  });
});
