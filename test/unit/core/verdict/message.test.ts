import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/core/verdict/decision.ts';
import { denialMessage } from '../../../../src/core/verdict/message.ts';
import { judge } from '../../../../src/core/verdict/verdict.ts';
import { policy } from '../../../support/policy.ts';
import { API, binding, clusterRole, heldBy, rule } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';
import { workload } from '../../../support/workload.ts';

const DENY = policy('p', {
  onChange: {
    missing: 'Deny',
    excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
    forbidden: 'Deny',
  },
}).onChange;

describe('a long list of findings', () => {
  const needs = scopes(...[...Array(40).keys()].map((at) => `get r${at}.example.com`));
  const held = heldBy(
    API,
    clusterRole('wide', rule('get', 'pods'), rule('delete', 'nodes')),
    binding('wide', 'ClusterRole:wide', 'ServiceAccount:shop/api'),
  );
  const forbid = scopes('delete nodes everywhere').map((scope) => ({ policy: 'p', scope }));
  const verdict = judge(verdictInput(held, needs, { forbid }));
  const decision = decide(verdict, { workload: workload(), policy: 'p', actions: DENY, dryRun: false });
  const lines = denialMessage(workload(), decision, verdict.bindings).split('\n');

  it('is cut, and says how much is left out', () => {
    expect(lines).toHaveLength(1 + 16 + 1 + 1);
    expect(lines[0]).toContain('40 missing, 1 forbidden, 1 excess');
    expect(lines[17]).toBe('  … and 26 more');
  });

  it('shows some of every kind', () => {
    expect(lines.filter((line) => line.startsWith('  missing'))).toHaveLength(14);
    expect(lines.filter((line) => line.includes('delete nodes everywhere'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('get pods everywhere'))).toHaveLength(1);
  });
});
