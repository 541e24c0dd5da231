import { describe, expect, it } from 'vitest';
import { decide } from '../../../../src/core/verdict/decision.ts';
import { checksOf, type Finding } from '../../../../src/core/verdict/findings.ts';
import type { ActionsSpec } from '../../../../src/core/verdict/policy-source.ts';
import { acted, viaBinding } from '../../../support/effects.ts';
import { policy } from '../../../support/policy.ts';
import { workload } from '../../../support/workload.ts';

const DENY_ALL: ActionsSpec = {
  ...{ missing: 'Deny', forbidden: 'Deny', overreach: 'Deny', undeclared: 'Deny', undetermined: 'Deny' },
  excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
};

function decided(actions: ActionsSpec, findings: readonly Finding[], dryRun = false) {
  const { onChange } = policy('p', { onChange: actions });
  const verdict = { checks: checksOf(findings), findings, bindings: [] };
  const decision = decide(verdict, { workload: workload(), policy: 'p', actions: onChange, dryRun });
  return [decision.outcome, ...decision.findings.map(({ action, check }) => `${action} ${check}`)];
}

const MISSING = acted('missing', 'get pods');
const OPEN = acted('missing', 'list pods', { undetermined: true });
const EXCESS = acted('excess', 'get pods', { via: viaBinding('b'), risk: 'high' });
const HELD = acted('forbidden', 'get pods', { via: viaBinding('b') });

describe('the action on a finding', () => {
  it.each<[string, ActionsSpec, readonly Finding[], readonly string[]]>([
    ['nothing is found', DENY_ALL, [], ['allow']],
    ['all is ignored', { missing: 'Ignore' }, [MISSING], ['allow']],
    ['it warns', { missing: 'Warn' }, [MISSING], ['warn', 'Warn missing']],
    ['it denies', { missing: 'Deny' }, [MISSING], ['deny', 'Deny missing']],
    [
      'some are denied, and those come first',
      { overreach: 'Deny' },
      [MISSING, acted('overreach', 'get pods')],
      ['deny', 'Deny overreach', 'Warn missing'],
    ],
    [
      'each risk has its own',
      { excess: { critical: 'Deny', high: 'Warn', medium: 'Ignore', low: 'Ignore' } },
      (['critical', 'high', 'medium', 'low'] as const).map((risk) => acted('excess', 'get pods', { risk })),
      ['deny', 'Deny excess', 'Warn excess'],
    ],
    [
      'the risk is not known, so it counts as low',
      { excess: { low: 'Ignore' } },
      [acted('excess', '', { reason: 'RuleTooLarge', undetermined: true })],
      ['allow'],
    ],
    [
      'the risk is not known, and low is denied',
      DENY_ALL,
      [acted('excess', '', { reason: 'RuleTooLarge' })],
      ['deny', 'Deny excess'],
    ],
    [
      'it is open, and what is open warns',
      { missing: 'Deny', undetermined: 'Warn' },
      [OPEN],
      ['warn', 'Warn missing'],
    ],
    [
      'it is open, and what is open is ignored',
      { missing: 'Deny', undetermined: 'Ignore' },
      [OPEN],
      ['allow'],
    ],
    [
      'it is open, and what is open is denied',
      { ...DENY_ALL, missing: 'Warn' },
      [OPEN],
      ['warn', 'Warn missing'],
    ],
    ['it is open, and would be denied', DENY_ALL, [OPEN], ['deny', 'Deny missing']],
    [
      'it is proved, and what is open is ignored',
      { missing: 'Deny', undetermined: 'Ignore' },
      [MISSING],
      ['deny', 'Deny missing'],
    ],
  ])('where %s', (_, actions, findings, want) => {
    expect(decided(actions, findings)).toEqual(want);
  });

  it.each<[string, ActionsSpec, Finding, readonly string[]]>([
    ['warns of what is missing', DENY_ALL, MISSING, ['warn', 'Warn missing']],
    ['ignores what is missing and ignored', { missing: 'Ignore' }, MISSING, ['allow']],
    ['denies all else', DENY_ALL, EXCESS, ['deny', 'Deny excess']],
  ])('on a dry run %s', (_, actions, finding, want) => {
    expect(decided(actions, [finding], true)).toEqual(want);
  });
});

describe('what is forbidden and excess', () => {
  it.each<[string, ActionsSpec, readonly Finding[], readonly string[]]>([
    ['is said once', DENY_ALL, [HELD, EXCESS], ['deny', 'Deny forbidden']],
    [
      'is said twice by way of two bindings',
      DENY_ALL,
      [HELD, { ...EXCESS, via: viaBinding('c') }],
      ['deny', 'Deny forbidden', 'Deny excess'],
    ],
    [
      'is said twice of two scopes',
      DENY_ALL,
      [HELD, acted('excess', 'list pods', { via: viaBinding('b'), risk: 'high' })],
      ['deny', 'Deny forbidden', 'Deny excess'],
    ],
    [
      'is said once where what is forbidden is acted on more strictly',
      { forbidden: 'Deny' },
      [HELD, EXCESS],
      ['deny', 'Deny forbidden'],
    ],
    [
      'is said as excess where what is forbidden is ignored',
      { forbidden: 'Ignore' },
      [HELD, EXCESS],
      ['warn', 'Warn excess'],
    ],
    [
      'is said twice where it is the need that is forbidden',
      DENY_ALL,
      [{ ...HELD, reason: 'ForbiddenNeed' }, EXCESS],
      ['deny', 'Deny forbidden', 'Deny excess'],
    ],
    [
      'leaves alone what a rule gives that is too large to be looked at',
      DENY_ALL,
      [HELD, acted('excess', '', { reason: 'RuleTooLarge', undetermined: true, via: viaBinding('b') })],
      ['deny', 'Deny forbidden', 'Deny excess'],
    ],
    [
      'leaves alone what is missing',
      DENY_ALL,
      [MISSING, HELD, EXCESS],
      ['deny', 'Deny missing', 'Deny forbidden'],
    ],
  ])('%s', (_, actions, findings, want) => {
    expect(decided(actions, findings)).toEqual(want);
  });
});
