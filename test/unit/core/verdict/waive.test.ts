import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { Finding } from '../../../../src/core/verdict/findings.ts';
import type { Grant, LiveGrant } from '../../../../src/core/verdict/grants.ts';
import { WAIVABLE_CHECKS } from '../../../../src/core/verdict/policy.ts';
import { judge, type Verdict, type VerdictInput } from '../../../../src/core/verdict/verdict.ts';
import { type WaiveContext, waive } from '../../../../src/core/verdict/waive.ts';
import { scopeOf } from '../../../support/findings.ts';
import { APPROVED_MS, grant } from '../../../support/grants.ts';
import { API, binding, clusterRole, heldBy, role, rule } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

const ME = 'ServiceAccount:shop/api';
const HELD = heldBy(
  API,
  role('shop/r', rule('get,list,delete', 'secrets'), rule('get', 'pods')),
  binding('shop/b', 'Role:r', ME),
);

function live(lines: string, more: Partial<Grant> = {}): LiveGrant {
  return { grant: grant(lines, more), expiresAtMs: APPROVED_MS };
}

function context(input: VerdictInput, more: Partial<WaiveContext> = {}): WaiveContext {
  return {
    account: API,
    accountUid: 'a-1',
    workloads: [{ kind: 'Deployment', name: 'api' }],
    mayWaive: WAIVABLE_CHECKS,
    input,
    ...more,
  };
}

function lines({ findings }: Verdict): readonly string[] {
  return findings.map(({ check, undetermined, risk, scope }: Finding) =>
    [undetermined ? `${check}?` : check, risk, scope && printScope(scope)].filter(Boolean).join(' '),
  );
}

const NEEDY = verdictInput(HELD, scopes('get pods'));

describe('a grant', () => {
  it('waives an excess that it covers, and is named for it', () => {
    const grants = [live('get,list,delete secrets')];
    const { verdict, used } = waive(judge(NEEDY), grants, context(NEEDY));

    expect(lines(verdict)).toEqual([]);
    expect(verdict.checks).toMatchObject({ excess: 'pass' });
    expect(used).toEqual(grants);
  });

  it('leaves what it does not cover, at the risk of that', () => {
    const { verdict } = waive(judge(NEEDY), [live('get,list secrets')], context(NEEDY));

    expect(lines(judge(NEEDY))).toEqual(['excess high get,list,delete secrets in shop']);
    expect(lines(verdict)).toEqual(['excess medium delete secrets in shop']);
    expect(verdict.checks.excess).toBe('fail');
  });

  it('adds up with others, and one that does nothing is not named', () => {
    const grants = [
      live('get pods', { name: 'a' }),
      live('get secrets', { name: 'b' }),
      live('list,delete secrets', { name: 'c' }),
    ];
    const { verdict, used } = waive(judge(NEEDY), grants, context(NEEDY));

    expect(lines(verdict)).toEqual([]);
    expect(used.map(({ grant: { name } }) => name)).toEqual(['b', 'c']);
  });

  it.each<[string, LiveGrant, Partial<WaiveContext>]>([
    ['another account', live('* *', { account: { name: 'web', uid: undefined } }), {}],
    ['another namespace', live('* * in shop', { namespace: 'dev' }), {}],
    ['an account of that name that is gone', live('* *', { account: { name: 'api', uid: 'a-0' } }), {}],
    [
      'a pinned account whose uid is not known',
      live('* *', { account: { name: 'api', uid: 'a-1' } }),
      { accountUid: undefined },
    ],
    ['another workload', live('* *', { workload: { kind: 'Deployment', name: 'web' } }), {}],
    ['a workload of that name and another kind', live('* *', { workload: { kind: 'Job', name: 'api' } }), {}],
    ['other findings', live('* *', { checks: ['missing', 'overreach', 'undeclared'] }), {}],
    ['what the policy does not let grants waive', live('* *'), { mayWaive: ['missing'] }],
    ['another place', live('* * in dev'), {}],
  ])('for %s waives nothing', (_, one, more) => {
    const verdict = judge(NEEDY);

    expect(waive(verdict, [one], context(NEEDY, more))).toEqual({ verdict, used: [] });
  });

  it.each<[string, Partial<Grant>]>([
    ['the account by its uid', { account: { name: 'api', uid: 'a-1' } }],
    ['the workload by its name', { workload: { kind: 'Deployment', name: 'api' } }],
  ])('may name %s', (_, more) => {
    const { verdict } = waive(judge(NEEDY), [live('* *', more)], context(NEEDY));

    expect(lines(verdict)).toEqual([]);
  });

  it('is for what a named workload controls as well', () => {
    const one = live('* *', { workload: { kind: 'Deployment', name: 'api' } });
    const workloads = [
      { kind: 'Pod', name: 'api-1-x' },
      { kind: 'ReplicaSet', name: 'api-1' },
      { kind: 'Deployment', name: 'api' },
    ];

    expect(lines(waive(judge(NEEDY), [one], context(NEEDY, { workloads })).verdict)).toEqual([]);
  });

  it('never waives what is forbidden', () => {
    const forbid = scopes('get secrets').map((scope) => ({ policy: 'p', scope }));
    const input = verdictInput(HELD, scopes('get pods'), { forbid });
    const { verdict } = waive(judge(input), [live('* *')], context(input));

    expect(lines(verdict)).toEqual(['forbidden get,list,delete secrets in shop']);
    expect(verdict.checks).toMatchObject({ forbidden: 'fail', excess: 'pass' });
  });

  it('never waives what is forbidden, whatever stands in it and in the policy', () => {
    const forbid = scopes('get secrets').map((scope) => ({ policy: 'p', scope }));
    const input = verdictInput(HELD, scopes('get pods'), { forbid });
    const forbidden = ['forbidden'] as unknown as typeof WAIVABLE_CHECKS;
    const verdict = judge(input);

    expect(
      waive(verdict, [live('* *', { checks: forbidden })], context(input, { mayWaive: forbidden })),
    ).toEqual({ verdict, used: [] });
  });

  it('waives what is missing, only as far as it says', () => {
    const input = verdictInput(heldBy(API), scopes('get,list pods'));
    const one = live('get pods', { checks: ['missing'] });
    const { verdict } = waive(judge(input), [one], context(input));

    expect(lines(verdict)).toEqual(['missing list pods in shop']);
  });

  it('waives an overreach', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('get pods') }];
    const input = verdictInput(
      heldBy(API, clusterRole('r', rule('get', 'nodes')), binding('b', 'ClusterRole:r', ME)),
      scopes('get nodes'),
      { ceilings },
    );
    const one = live('get nodes', { checks: ['overreach'] });

    expect(lines(judge(input))).toEqual(['overreach get nodes everywhere']);
    expect(waive(judge(input), [one], context(input)).verdict.checks.overreach).toBe('pass');
  });

  it('waives that nothing is declared', () => {
    const input = verdictInput(HELD, [], { declared: false });
    const one = live('', { checks: ['undeclared'] });

    expect(lines(judge(input))).toEqual(['undeclared']);
    const { verdict } = waive(judge(input), [one], context(input));
    expect(verdict.checks.undeclared).toBe('pass');
    expect(verdict.findings).toEqual([]);
  });

  it('leaves an unknown that has no scope', () => {
    const verdict: Verdict = {
      ...judge(NEEDY),
      findings: [{ check: 'excess', undetermined: true, reason: 'RuleTooLarge' }],
    };

    expect(waive(verdict, [live('* *')], context(NEEDY)).verdict).toBe(verdict);
  });

  it('leaves what is open open, where it covers a part', () => {
    const input = verdictInput(HELD, scopes('get pods'), { undeclaredSiblings: ['Deployment web'] });
    const { verdict } = waive(judge(input), [live('get,list secrets')], context(input));

    expect(lines(verdict)).toEqual(['excess? medium delete secrets in shop']);
    expect(verdict.checks.excess).toBe('undetermined');
  });
});

describe('what a grant leaves', () => {
  const many = heldBy(API, role('shop/r', rule('*', 'secrets')), binding('shop/b', 'Role:r', ME));

  it('is as open as it was, at the risk of the rest', () => {
    const input = verdictInput(HELD, scopes('get pods'), { undeclaredSiblings: ['Deployment web'] });
    const [rest] = waive(judge(input), [live('get,list secrets')], context(input)).verdict.findings;

    expect(rest).toMatchObject({
      reason: 'SharedWithUndeclared',
      detail: 'Deployment web',
      undetermined: true,
    });
    expect(rest?.why).not.toBe(judge(input).findings[0]?.why);
  });

  it('is open where it was proved for being critical and the rest is not', () => {
    const critical = heldBy(
      API,
      clusterRole('r', rule('get,delete', 'secrets')),
      binding('b', 'ClusterRole:r', ME),
    );
    const input = verdictInput(critical, [], { undeclaredSiblings: ['Deployment web'] });
    const { verdict } = waive(judge(input), [live('get secrets everywhere')], context(input));

    expect(lines(judge(input))).toEqual(['excess critical get,delete secrets everywhere']);
    expect(lines(verdict)).toEqual([expect.stringMatching(/^excess\? \w+ delete secrets everywhere$/u)]);
  });

  it('is the whole of a wildcard, which no list of verbs takes apart', () => {
    const input = verdictInput(many, []);
    const verdict = judge(input);

    expect(waive(verdict, [live('get,list,watch secrets')], context(input))).toEqual({ verdict, used: [] });
  });

  it('is open for the same reason, where it is missing', () => {
    const held = heldBy(API, { ...clusterRole('sum'), gathers: [] }, binding('b', 'ClusterRole:sum', ME));
    const input = verdictInput(held, scopes('get,list pods'));
    const { verdict } = waive(judge(input), [live('get pods', { checks: ['missing'] })], context(input));

    expect(verdict.findings).toEqual([{ ...judge(input).findings[0], scope: scopeOf('list pods') }]);
  });

  it('is every part that it does not cover', () => {
    const input = verdictInput(heldBy(API), scopes('get,list secrets named a,b'));
    const one = live('get secrets named a', { checks: ['missing'] });

    expect(lines(waive(judge(input), [one], context(input)).verdict)).toEqual([
      'missing get,list secrets named b in shop',
      'missing list secrets named a in shop',
    ]);
  });

  it('is what has no way by which it is held, with its own risk', () => {
    const verdict: Verdict = {
      ...judge(NEEDY),
      findings: [{ check: 'excess', reason: 'Excess', risk: 'critical', scope: scopeOf('get,list pods') }],
    };
    const { verdict: rest } = waive(verdict, [live('get pods')], context(NEEDY));

    expect(rest.findings).toEqual([
      { check: 'excess', reason: 'Excess', risk: 'critical', scope: scopeOf('list pods') },
    ]);
  });

  it('is all of what no grant speaks of: Vault paths for Kubernetes needs, and the other way round', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('vault read secret/data/shop/*') }];
    const input = verdictInput(heldBy(API), scopes('get pods', 'vault read secret/data/x'), { ceilings });
    const checks = ['missing', 'overreach'] as const;
    const left = (granted: string) =>
      lines(waive(judge(input), [live(granted, { checks })], context(input)).verdict);

    expect(left('vault read secret/data/x')).toEqual([
      'missing get pods in shop',
      'overreach get pods in shop',
    ]);
    expect(left('get pods')).toEqual(['overreach vault read secret/data/x']);
  });
});

describe('a grant of Vault paths', () => {
  const ceilings = [{ policy: 'p', scopes: scopes('vault read secret/data/shop/*') }];

  it.each<[string, string, string, string[], boolean]>([
    ['the same path', 'vault create,read secret/data/x', 'vault read secret/data/x', [], true],
    [
      'some of its capabilities',
      'vault read secret/data/x',
      'vault read,list secret/data/x',
      ['overreach vault list secret/data/x'],
      true,
    ],
    [
      'some of its capabilities at a time',
      'vault read secret/data/x\nvault list secret/data/x',
      'vault read,list,delete secret/data/x',
      ['overreach vault delete secret/data/x'],
      true,
    ],
    [
      'other capabilities',
      'vault delete secret/data/x',
      'vault read secret/data/x',
      ['overreach vault read secret/data/x'],
      false,
    ],
    ['a wider path', 'vault read secret/data/*', 'vault read secret/data/x', [], true],
    [
      'a narrower path',
      'vault read secret/data/x',
      'vault read secret/data/+',
      ['overreach vault read secret/data/+'],
      false,
    ],
  ])('of %s', (_, granted, needed, left, changes) => {
    const input = verdictInput(heldBy(API), scopes(needed), { ceilings });
    const one = live(granted, { checks: ['overreach'] });

    const { verdict, used } = waive(judge(input), [one], context(input));
    expect(lines(verdict)).toEqual(left);
    expect(used).toEqual(changes ? [one] : []);
  });
});
