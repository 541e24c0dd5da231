import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { viaText } from '../../../../src/core/verdict/findings.ts';
import { judge, kubernetesOnly, type Verdict } from '../../../../src/core/verdict/verdict.ts';
import { API, binding, clusterRole, heldBy, role, rule, urls } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

const ME = 'ServiceAccount:shop/api';
const NOTHING = heldBy(API);

function lines(verdict: Verdict): readonly string[] {
  return verdict.findings.map(({ check, undetermined, risk, scope }) =>
    [undetermined ? `${check}?` : check, risk, scope && printScope(scope)].filter(Boolean).join(' '),
  );
}

describe('missing', () => {
  it('is what is needed and not held, verb by verb', () => {
    const held = heldBy(API, role('shop/r', rule('get', 'pods')), binding('shop/b', 'Role:r', ME));
    const verdict = judge(verdictInput(held, scopes('get,list pods', 'get /metrics')));

    expect(lines(verdict)).toEqual(['missing get /metrics', 'missing list pods in shop']);
    expect(verdict.checks).toMatchObject({ missing: 'fail', excess: 'pass' });
  });

  it('is undetermined, not failed, while an aggregated role has no rules yet', () => {
    const held = heldBy(API, { ...clusterRole('sum'), gathers: [] }, binding('b', 'ClusterRole:sum', ME));
    const verdict = judge(verdictInput(held, scopes('get pods')));

    expect(lines(verdict)).toEqual(['missing? get pods in shop']);
    expect(verdict.checks.missing).toBe('undetermined');
  });

  it('stays a pass for a need that is held, whatever else is unknown', () => {
    const held = heldBy(
      API,
      { ...clusterRole('sum'), gathers: [] },
      binding('b', 'ClusterRole:sum', ME),
      role('shop/r', rule('get', 'pods')),
      binding('shop/b', 'Role:r', ME),
    );

    expect(judge(verdictInput(held, scopes('get pods'))).checks.missing).toBe('pass');
  });

  it('fails for a binding whose role does not exist: it grants nothing', () => {
    const held = heldBy(API, binding('b', 'ClusterRole:gone', ME));

    expect(judge(verdictInput(held, scopes('get pods'))).checks.missing).toBe('fail');
  });

  it('is undetermined for such a binding where the role may be elsewhere', () => {
    const held = heldBy(API, binding('b', 'ClusterRole:gone', ME));

    expect(judge(verdictInput(held, scopes('get pods'), { openWorld: true })).checks.missing).toBe(
      'undetermined',
    );
  });

  it('names the binding that may still give it, and why that is not known', () => {
    const held = heldBy(
      API,
      { ...clusterRole('sum'), gathers: [] },
      binding('shop/a', 'ClusterRole:sum', ME),
      binding('shop/b', 'ClusterRole:gone', ME),
    );
    const reasons = (openWorld: boolean, facts = held) =>
      judge(verdictInput(facts, scopes('get pods'), { openWorld })).findings.map(({ reason, via }) =>
        [reason, via && viaText(via)].join(' '),
      );

    const gone = heldBy(API, binding('shop/b', 'ClusterRole:gone', ME));
    expect(reasons(false)).toEqual(['MissingOrNotYetFilled RoleBinding shop/a → ClusterRole sum']);
    expect(reasons(true)).toEqual(['MissingOrNotYetFilled RoleBinding shop/a → ClusterRole sum']);
    expect(reasons(true, gone)).toEqual(['MissingOrNotYetFilled RoleBinding shop/b → ClusterRole gone']);
    expect(reasons(false, gone)).toEqual(['Missing ']);
  });

  it('is not what is held for a reason that no rule shows', () => {
    const alsoHeld = kubernetesOnly(scopes('get pods'));

    expect(lines(judge(verdictInput(NOTHING, scopes('get,list pods'), { alsoHeld })))).toEqual([
      'missing list pods in shop',
    ]);
  });

  it('is in one order, however the need is written', () => {
    const written = kubernetesOnly(scopes('get,list secrets named a,b')).map((scope) => ({
      ...scope,
      verbs: scope.verbs.toReversed(),
      ...('names' in scope ? { names: scope.names.toReversed() } : {}),
    }));

    expect(lines(judge(verdictInput(NOTHING, written)))).toEqual([
      'missing get,list secrets named a,b in shop',
    ]);
  });

  it('says nothing of Vault needs', () => {
    expect(judge(verdictInput(NOTHING, scopes('vault read secret/data/x'))).checks.missing).toBe('pass');
  });
});

describe('excess', () => {
  it.each([
    [
      'held everywhere, needed here',
      clusterRole('r', rule('get', 'pods')),
      'b',
      'get pods',
      ['excess low get pods everywhere'],
    ],
    [
      'held in another namespace',
      clusterRole('r', rule('get', 'pods')),
      'dev/b',
      'get pods in shop',
      ['missing get pods in shop', 'excess low get pods in dev'],
    ],
    [
      'more verbs',
      clusterRole('r', rule('get,delete', 'pods')),
      'shop/b',
      'get pods',
      ['excess medium delete pods in shop'],
    ],
    [
      'more names',
      clusterRole('r', rule('get', 'secrets', { resourceNames: ['a', 'b'] })),
      'shop/b',
      'get secrets named a',
      ['excess medium get secrets named b in shop'],
    ],
    [
      'a wildcard stays one scope',
      clusterRole('r', rule('*', '*')),
      'b',
      'get pods',
      ['excess critical * *.core everywhere'],
    ],
    ['exactly what is needed', clusterRole('r', rule('get', 'pods')), 'shop/b', 'get pods', []],
    [
      'less than is needed',
      clusterRole('r', rule('get', 'pods', { resourceNames: ['a'] })),
      'shop/b',
      'get pods named a,b',
      ['missing get pods named b in shop'],
    ],
  ])('%s', (_, held, name, need, wanted) => {
    const facts = heldBy(API, held, binding(name, 'ClusterRole:r', ME));

    expect(lines(judge(verdictInput(facts, scopes(need))))).toEqual(wanted);
  });

  it('never counts the baseline of every account', () => {
    const held = heldBy(
      API,
      clusterRole(
        'd',
        urls('get', '/healthz', '/version/'),
        rule('create', 'selfsubjectaccessreviews', { apiGroups: ['authorization.k8s.io'] }),
      ),
      binding('b', 'ClusterRole:d', 'Group:system:authenticated'),
    );
    const verdict = judge(verdictInput(held, []));

    expect(verdict.findings).toEqual([]);
    expect(verdict.bindings).toEqual([]);
  });

  it('leaves out what policy allows', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('get,list', 'configmaps')),
      binding('shop/b', 'ClusterRole:r', ME),
    );

    expect(lines(judge(verdictInput(held, [], { allow: scopes('get configmaps') })))).toEqual([
      'excess low list configmaps in shop',
    ]);
  });

  it('is measured against what all workloads of the account need', () => {
    const held = heldBy(API, clusterRole('r', rule('get', 'pods')), binding('shop/b', 'ClusterRole:r', ME));

    expect(judge(verdictInput(held, [], { sharedNeeds: scopes('get pods') })).findings).toEqual([]);
  });

  it('is undetermined below critical while a sibling declares nothing', () => {
    const held = heldBy(
      API,
      clusterRole('all', rule('*', '*')),
      binding('b', 'ClusterRole:all', ME),
      clusterRole('r', rule('create', 'pods')),
      binding('shop/b', 'ClusterRole:r', ME),
    );

    expect(lines(judge(verdictInput(held, [], { undeclaredSiblings: ['Deployment web'] })))).toEqual([
      'excess critical * *.core everywhere',
      'excess? high create pods in shop',
    ]);
  });

  it('counts one level lower where the pod has no API token', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('create', 'pods')),
      binding('shop/b', 'ClusterRole:r', ME),
    );

    expect(lines(judge(verdictInput(held, [], { latent: true })))).toEqual([
      'excess medium create pods in shop',
    ]);
  });

  it('names the way it is held', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('get', 'pods')),
      binding('b', 'ClusterRole:r', 'Group:system:serviceaccounts'),
    );
    const [finding] = judge(verdictInput(held, [])).findings;

    expect(finding?.via && viaText(finding.via)).toBe(
      'ClusterRoleBinding b → ClusterRole r (group system:serviceaccounts)',
    );
  });

  it.each<[string, PolicyRule[], string[], number, number]>([
    ['three scopes of which one is needed', [rule('get', 'pods,secrets,configmaps')], ['get pods'], 3, 2],
    ['the scopes of two rules', [rule('get', 'pods'), rule('get', 'secrets')], [], 2, 2],
    ['a scope of which one verb is needed', [rule('get,list', 'pods')], ['get pods'], 1, 0],
    [
      'a scope of which one name is needed',
      [rule('get', 'secrets', { resourceNames: ['a', 'b'] })],
      ['get secrets named a'],
      1,
      0,
    ],
    ['a scope of which one name of all is needed', [rule('get', 'secrets')], ['get secrets named a'], 1, 1],
    ['a URL of which one verb is needed', [urls('get,post', '/x')], ['get /x'], 1, 0],
    ['URLs, without those of the baseline', [urls('get', '/x', '/healthz')], [], 1, 1],
    ['a URL that is baseline for one verb', [urls('get,post', '/healthz')], [], 1, 1],
  ])('counts what a binding gives and how much of it is not needed: %s', (_, rules, needs, all, excess) => {
    const held = heldBy(API, clusterRole('r', ...rules), binding('b', 'ClusterRole:r', ME));
    const input = verdictInput(
      held,
      scopes(...needs.map((need) => (need.includes('/') ? need : `${need} everywhere`))),
    );

    expect(judge(input).bindings).toMatchObject([{ held: all, excess }]);
  });

  it('counts each binding apart', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('get', 'pods,secrets')),
      binding('shop/a', 'ClusterRole:r', ME),
      binding('shop/b', 'ClusterRole:r', ME),
    );

    expect(judge(verdictInput(held, scopes('get pods'))).bindings).toMatchObject([
      { via: { binding: { name: 'a' } }, held: 2, excess: 1 },
      { via: { binding: { name: 'b' } }, held: 2, excess: 1 },
    ]);
  });

  it('is in one order, however the role is written', () => {
    const written = rule('list,get', 'secrets', { resourceNames: ['b', 'a'] });
    const held = heldBy(API, clusterRole('r', written), binding('shop/b', 'ClusterRole:r', ME));

    expect(lines(judge(verdictInput(held, [])))).toEqual([
      'excess medium get,list secrets named a,b in shop',
    ]);
  });

  it('says why it is a risk, and whose needs are not known', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('create', 'pods')),
      binding('shop/b', 'ClusterRole:r', ME),
    );
    const [proved] = judge(verdictInput(held, [])).findings;
    const [open] = judge(verdictInput(held, [], { undeclaredSiblings: ['Job x', 'Job y'] })).findings;

    expect(proved).toMatchObject({ reason: 'Excess', why: expect.stringMatching(/\w/u) });
    expect(proved).not.toHaveProperty('undetermined');
    expect(open).toMatchObject({ reason: 'SharedWithUndeclared', detail: 'Job x', undetermined: true });
  });

  it('is proved where it is critical, also for a pod that cannot use it', () => {
    const held = heldBy(API, clusterRole('all', rule('*', '*')), binding('b', 'ClusterRole:all', ME));
    const input = verdictInput(held, [], { latent: true, undeclaredSiblings: ['Deployment web'] });

    expect(lines(judge(input))).toEqual(['excess high * *.core everywhere']);
  });
});

describe('undeclared', () => {
  const held = heldBy(API, clusterRole('r', rule('get', 'secrets')), binding('b', 'ClusterRole:r', ME));

  it('takes the place of missing and excess, never of forbidden', () => {
    const forbid = [{ policy: 'p', scope: scopes('get secrets everywhere')[0] ?? never() }];
    const verdict = judge(verdictInput(held, [], { declared: false, forbid }));

    expect(lines(verdict)).toEqual(['undeclared', 'forbidden get secrets everywhere']);
    expect(verdict.findings.map(({ reason }) => reason)).toEqual(['Undeclared', 'ForbiddenHeld']);
    expect(verdict.checks).toEqual({
      missing: 'pass',
      excess: 'pass',
      forbidden: 'fail',
      overreach: 'pass',
      undeclared: 'fail',
    });
  });

  it('is none where no more than the baseline is held', () => {
    expect(judge(verdictInput(NOTHING, [], { declared: false })).findings).toEqual([]);
  });

  it('is none where needs are declared to be none: then it is excess', () => {
    expect(lines(judge(verdictInput(held, [])))).toEqual(['excess critical get secrets everywhere']);
  });
});

describe('forbidden', () => {
  const forbid = [{ policy: 'security', scope: scopes('create pods/exec')[0] ?? never() }];

  it('is found in what is held, also where it is needed or allowed', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('*', 'pods/exec')),
      binding('shop/b', 'ClusterRole:r', ME),
    );
    const needs = scopes('* pods/exec');
    const verdict = judge(verdictInput(held, needs, { forbid, allow: needs }));

    expect(verdict.findings.map(({ reason, detail }) => [reason, detail])).toEqual([
      ['ForbiddenNeed', 'security'],
      ['ForbiddenHeld', 'security'],
    ]);
  });

  it('names the binding of what is held, and the policy whose line comes first', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('create', 'pods/exec')),
      binding('shop/b', 'ClusterRole:r', ME),
    );
    const lists = [...forbid, ...forbid.map((line) => ({ ...line, policy: 'other' }))];
    const { findings } = judge(verdictInput(held, [], { forbid: lists }));

    expect(findings.filter(({ check }) => check === 'forbidden')).toMatchObject([
      { reason: 'ForbiddenHeld', detail: 'security', via: { binding: { name: 'b' } } },
    ]);
  });

  it('is nothing that no line overlaps', () => {
    const held = heldBy(API, clusterRole('r', rule('get', 'pods')), binding('shop/b', 'ClusterRole:r', ME));

    expect(judge(verdictInput(held, scopes('get pods'), { forbid })).findings).toEqual([]);
  });

  it('is found in what is needed and not held', () => {
    expect(judge(verdictInput(NOTHING, scopes('create pods/exec'), { forbid })).checks.forbidden).toBe(
      'fail',
    );
  });

  it('is not escaped by names', () => {
    const held = heldBy(
      API,
      clusterRole('r', rule('create', 'pods/exec', { resourceNames: ['a'] })),
      binding('shop/b', 'ClusterRole:r', ME),
    );

    expect(judge(verdictInput(held, [], { forbid })).checks.forbidden).toBe('fail');
  });

  it('judges Vault needs too', () => {
    const vault = [{ policy: 'p', scope: scopes('vault read secret/data/admin/*')[0] ?? never() }];

    expect(
      judge(verdictInput(NOTHING, scopes('vault read secret/data/admin/root'), { forbid: vault })).checks
        .forbidden,
    ).toBe('fail');
  });
});

describe('overreach', () => {
  it('is a need beyond any one of the ceilings', () => {
    const ceilings = [
      { policy: 'wide', scopes: scopes('* * everywhere') },
      { policy: 'narrow', scopes: scopes('* *.core in shop') },
    ];
    const verdict = judge(verdictInput(NOTHING, scopes('get pods', 'get pods everywhere'), { ceilings }));

    expect(verdict.findings.filter(({ check }) => check === 'overreach')).toMatchObject([
      { detail: 'narrow' },
    ]);
  });

  it('is only the part of a need that is beyond, and names the policy', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('get pods', 'vault read secret/data/x') }];
    const { findings } = judge(verdictInput(NOTHING, scopes('list,get pods'), { ceilings }));

    expect(findings.filter(({ check }) => check === 'overreach')).toMatchObject([
      { reason: 'Overreach', scope: { verbs: ['list'] }, detail: 'p' },
    ]);
  });

  it('is nothing for Vault needs where the ceiling speaks of Kubernetes alone', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('get pods') }];

    expect(judge(verdictInput(NOTHING, scopes('vault read secret/data/x'), { ceilings })).findings).toEqual(
      [],
    );
  });

  it('is nothing for Kubernetes needs that a mixed ceiling covers', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('get pods', 'vault read secret/data/*') }];

    expect(judge(verdictInput(NOTHING, scopes('get pods'), { ceilings })).checks.overreach).toBe('pass');
  });

  it.each([
    ['within', 'vault read secret/data/x', 'pass'],
    ['beyond', 'vault list secret/metadata/x', 'fail'],
  ])('is known for Vault needs %s a ceiling that speaks of Vault', (_, need, want) => {
    const ceilings = [{ policy: 'p', scopes: scopes('vault read secret/data/*', 'get pods') }];

    expect(judge(verdictInput(NOTHING, scopes(need), { ceilings })).checks.overreach).toBe(want);
  });
});

function never(): never {
  throw new Error('unreachable');
}

describe('permissions that are worse together', () => {
  const ref = ['ClusterRole:r', ME] as const;
  const holding = (...verbs: string[]) =>
    heldBy(
      API,
      clusterRole('r', ...verbs.map((verb) => rule(verb, 'secrets', { resourceNames: [] }))),
      binding('shop/b', ...ref),
    );

  it('have the risk of the whole, also where only one of them is not needed', () => {
    const alone = judge(verdictInput(holding('create'), []));
    const together = judge(verdictInput(holding('create', 'get'), scopes('get secrets')));

    expect(alone.findings).toMatchObject([{ check: 'excess', risk: 'medium' }]);
    expect(together.findings).toMatchObject([{ check: 'excess', risk: 'high' }]);
  });
});
