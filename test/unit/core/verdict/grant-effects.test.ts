import { describe, expect, it } from 'vitest';
import type { Held } from '../../../../src/core/rbac/held.ts';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { newlyFound } from '../../../../src/core/verdict/grant-effects.ts';
import type { VerdictInput } from '../../../../src/core/verdict/verdict.ts';
import { API, aggregated, binding, clusterRole, heldBy, role, rule } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

function holding(...rules: PolicyRule[]): Held {
  return heldBy(API, role('shop/r', ...rules), binding('shop/b', 'Role:r', 'ServiceAccount:api'));
}

const NOTHING = heldBy(API);
const NEEDS = scopes('get,list pods');
const EXACT = holding(rule('get,list', 'pods'));

function found(before: Held, after: Held, more: Partial<VerdictInput> = {}): readonly string[] {
  return told(verdictInput(before, NEEDS, more), verdictInput(after, NEEDS, more));
}

function told(before: VerdictInput, after: VerdictInput): readonly string[] {
  return newlyFound(before, after).findings.map(({ check, undetermined, risk, scope, detail }) =>
    [undetermined ? 'maybe' : '', check, risk, scope && printScope(scope), detail].filter(Boolean).join(' '),
  );
}

describe('what is new', () => {
  it.each<[string, Held, Held, readonly string[]]>([
    ['all that is needed is gone', EXACT, NOTHING, ['missing get,list pods in shop']],
    ['a part is gone', EXACT, holding(rule('get', 'pods')), ['missing list pods in shop']],
    ['more of it is gone', holding(rule('get', 'pods')), NOTHING, ['missing get pods in shop']],
    ['it was missing before', NOTHING, NOTHING, []],
    ['it is given', NOTHING, EXACT, []],
    ['more is given', EXACT, holding(rule('get,list,watch', 'pods')), ['excess low watch pods in shop']],
    [
      'excess grows, each part at its own risk',
      holding(rule('get,list,create', 'pods')),
      holding(rule('get,list,create,watch', 'pods')),
      ['excess low watch pods in shop'],
    ],
    ['excess shrinks', holding(rule('get,list,watch', 'pods')), EXACT, []],
    [
      'the same is held in another way',
      holding(rule('get,list,watch', 'pods')),
      heldBy(
        API,
        clusterRole('c', rule('get,list,watch', 'pods')),
        binding('shop/x', 'ClusterRole:c', 'ServiceAccount:api'),
      ),
      [],
    ],
    [
      'the same is held in more places',
      holding(rule('get,list,watch', 'pods')),
      heldBy(
        API,
        clusterRole('c', rule('watch', 'pods')),
        binding('x', 'ClusterRole:c', 'Group:system:authenticated'),
      ),
      ['missing get,list pods in shop', 'excess low watch pods everywhere'],
    ],
  ])('%s', (_, before, after, want) => {
    expect(found(before, after)).toEqual(want);
  });

  it('of what is forbidden is only what the policy names', () => {
    const forbid = [{ policy: 'p', scope: scopes('create pods')[0] ?? NEEDS[0] }].flatMap(
      ({ policy, scope }) => (scope === undefined ? [] : [{ policy, scope }]),
    );
    const [some, more] = [
      holding(rule('get,list,create', 'pods')),
      holding(rule('get,list,create,watch', 'pods')),
    ];

    expect(found(EXACT, some, { forbid })).toContain('forbidden get,list,create pods in shop p');
    expect(found(some, more, { forbid })).toEqual(['excess low watch pods in shop']);
  });

  it('is proved, where it was only possible', () => {
    const unfilled = heldBy(
      API,
      aggregated(clusterRole('sum')),
      binding('shop/b', 'ClusterRole:sum', 'ServiceAccount:api'),
    );

    expect(found(unfilled, NOTHING)).toEqual(['missing get,list pods in shop']);
    expect(found(NOTHING, unfilled)).toEqual([]);
    expect(found(EXACT, unfilled)).toEqual(['maybe missing get,list pods in shop']);
  });

  it('is proved of excess, too, once the siblings declare their needs', () => {
    const held = holding(rule('get,list,watch', 'pods'));
    const before = verdictInput(held, NEEDS, { undeclaredSiblings: ['Deployment web'] });

    expect(told(before, verdictInput(held, NEEDS))).toEqual(['excess low watch pods in shop']);
    expect(told(verdictInput(held, NEEDS), before)).toEqual([]);
  });

  it('is excess where it was missing, and is given once nobody needs it', () => {
    const before = verdictInput(EXACT, scopes('get,list,watch pods'));

    expect(told(before, verdictInput(holding(rule('get,list,watch', 'pods')), NEEDS))).toEqual([
      'excess low watch pods in shop',
    ]);
  });

  it('is a rule that is too large to be looked at, by way of another binding', () => {
    const many = (letter: string) =>
      rule('get', Array.from({ length: 150 }, (_, at) => `${letter}${at}`).join(','), {
        apiGroups: Array.from({ length: 150 }, (_, at) => `g${at}`),
      });
    const one = [role('shop/a', many('a')), binding('shop/a', 'Role:a', 'ServiceAccount:api')];
    const other = [role('shop/b', many('b')), binding('shop/b', 'Role:b', 'ServiceAccount:api')];
    const of = (held: Held) => verdictInput(held, scopes('* *'));
    const [before, after] = [heldBy(API, ...one), heldBy(API, ...one, ...other)].map(of);
    if (before === undefined || after === undefined) throw new Error('two expected');

    expect(newlyFound(before, after).findings.map(({ reason, via }) => [reason, via?.binding.name])).toEqual([
      ['RuleTooLarge', 'b'],
    ]);
    expect(newlyFound(before, before).findings).toEqual([]);
  });

  it('names the policy that forbids just this', () => {
    const forbid = ['create', 'watch'].flatMap((verb) =>
      scopes(`${verb} pods`).map((scope) => ({ policy: `no-${verb}`, scope })),
    );
    const [some, more] = [
      holding(rule('get,list,create', 'pods')),
      holding(rule('get,list,create,watch', 'pods')),
    ];

    expect(found(some, more, { forbid })).toEqual([
      'forbidden watch pods in shop no-watch',
      'excess low watch pods in shop',
    ]);
  });

  it.each<[string, readonly string[], readonly string[], readonly string[]]>([
    [
      'a need that is forbidden',
      [],
      ['get secrets'],
      ['missing get secrets in shop', 'forbidden get secrets in shop p'],
    ],
    ['a need of Vault that is forbidden', [], ['vault read a/x'], ['forbidden vault read a/x p']],
    [
      'another need of Vault',
      ['vault read a/x'],
      ['vault read a/x', 'vault read a/y'],
      ['forbidden vault read a/y p'],
    ],
    ['nothing of a need of Vault that was there', ['vault read a/x'], ['vault read a/x'], []],
    ['nothing of a need that is taken back', ['vault read a/x', 'get secrets'], [], []],
  ])('is %s', (_, before, after, want) => {
    const forbid = scopes('get secrets', 'vault read a/*').map((scope) => ({ policy: 'p', scope }));
    const of = (needs: readonly string[]) => verdictInput(NOTHING, scopes(...needs), { forbid });

    expect(told(of(before), of(after))).toEqual(want);
  });

  it.each([
    ['missing', { needs: 'get nodes' }, {}],
    ['excess', { needs: '' }, {}],
    ['overreach', { needs: 'get,list pods' }, { ceilings: [{ policy: 'p', scopes: [] }] }],
    [
      'forbidden',
      { needs: 'get,list pods\nvault read x' },
      { forbid: scopes('vault read x').map((scope) => ({ policy: 'p', scope })) },
    ],
    ['undeclared', { needs: '' }, { declared: false }],
  ] as const)('fails the check %s', (check, { needs }, more) => {
    const { checks } = newlyFound(verdictInput(EXACT, NEEDS), verdictInput(EXACT, scopes(needs), more));

    expect(checks[check]).toBe('fail');
  });

  it('is less sure while a sibling declares nothing, unless it is critical', () => {
    const more = { undeclaredSiblings: ['Deployment web'] };
    const forever = holding(rule('get,list', 'pods'), rule('*', '*', { apiGroups: ['*'] }));

    expect(found(EXACT, holding(rule('get,list,watch', 'pods')), more)).toEqual([
      'maybe excess low watch pods in shop Deployment web',
    ]);
    expect(found(EXACT, forever, more)).toEqual([expect.stringMatching(/^excess critical \* \* in shop/u)]);
  });

  it('comes of needs as well', () => {
    const less = verdictInput(EXACT, scopes('get pods'));
    const more = verdictInput(EXACT, scopes('get,list,watch pods', 'vault read secret/data/x'));

    expect(told(verdictInput(EXACT, NEEDS), less)).toEqual(['excess low list pods in shop']);
    expect(told(verdictInput(EXACT, NEEDS), more)).toEqual(['missing watch pods in shop']);
    expect(told(verdictInput(EXACT, [], { declared: false }), verdictInput(EXACT, NEEDS))).toEqual([]);
    expect(told(verdictInput(EXACT, NEEDS), verdictInput(EXACT, [], { declared: false }))).toEqual([
      'undeclared',
    ]);
  });

  it('says of each check whether anything of it is new', () => {
    const { checks } = newlyFound(verdictInput(EXACT, NEEDS), verdictInput(NOTHING, NEEDS));

    expect(checks).toEqual({
      missing: 'fail',
      excess: 'pass',
      forbidden: 'pass',
      overreach: 'pass',
      undeclared: 'pass',
    });
  });
});
