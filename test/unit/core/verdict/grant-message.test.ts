import { describe, expect, it } from 'vitest';
import type { AffectedWorkload, GrantEffects } from '../../../../src/core/verdict/affected.ts';
import { tellGrant } from '../../../../src/core/verdict/grant-message.ts';
import { acted, affected, effectsOn, viaBinding } from '../../../support/effects.ts';
import { scopes } from '../../../support/verdict.ts';
import { workload } from '../../../support/workload.ts';

const MISSING = acted('missing', 'get pods', { action: 'Deny' });
const EXCESS = acted('excess', 'list secrets', { via: viaBinding('readers'), risk: 'high' });
const NEEDS = { object: { kind: 'ServiceAccount', namespace: 'shop', name: 'api' } };

const headlineOf = (grant: GrantEffects) => tellGrant(grant).denial.split('\n')[0] ?? '';
/** Without the object, the id and the policy. */
const whatOf = (grant: GrantEffects) => /: \S+ \S+ (.*) \[/u.exec(headlineOf(grant))?.[1];
const linesOf = (grant: GrantEffects) => tellGrant(grant).denial.split('\n').slice(1, -1);

function named(count: number, ...findings: Parameters<typeof affected>[1][]): readonly AffectedWorkload[] {
  return Array.from({ length: count }, (_, at) => affected(`w${at}`, ...findings));
}

describe('what is said of a write', () => {
  it('is the whole of it in the first line, then a line an effect, then what to do', () => {
    expect(tellGrant(effectsOn('DELETE', [affected('api', MISSING, EXCESS)]))).toEqual({
      id: 'd-emphnctm',
      denial: [
        'RoleBinding shop/readers: deleting it would break 1 workload: shop/api (Deployment); give unneeded rights to 1 account: shop/api [d-emphnctm, policy p]',
        '  missing shop/api (Deployment): get pods in shop',
        '  high serviceaccount shop/api: list secrets in shop via RoleBinding shop/readers → ClusterRole view',
        'next: keep a role and binding that give what is missing, or take it out of countersign.dev/needs first; or: narrow or remove the bindings and policies named above, or declare what is really needed in countersign.dev/needs',
      ].join('\n'),
      warnings: [
        'RoleBinding shop/readers: deleting it would break 1 workload: shop/api (Deployment); give unneeded rights to 1 account: shop/api [d-emphnctm, policy p]',
        'missing shop/api (Deployment): get pods in shop',
        'high serviceaccount shop/api: list secrets in shop via RoleBinding shop/readers → ClusterRole view',
      ],
      causes: [
        { reason: 'Missing', message: 'shop/api (Deployment): get pods in shop' },
        {
          reason: 'Excess',
          message:
            'serviceaccount shop/api: list secrets in shop via RoleBinding shop/readers → ClusterRole view',
        },
      ],
    });
  });

  it.each([
    ['CREATE', 'creating it'],
    ['UPDATE', 'this change'],
    ['DELETE', 'deleting it'],
    ['CONNECT', 'this'],
  ] as const)('names %s as people do', (operation, verb) => {
    expect(headlineOf(effectsOn(operation, [affected('api', MISSING)]))).toContain(
      `RoleBinding shop/readers: ${verb} would break 1 workload: shop/api (Deployment) [d-`,
    );
  });

  it('has no namespace where the object has none', () => {
    const object = { kind: 'ClusterRole', namespace: '', name: 'view' };

    expect(headlineOf(effectsOn('UPDATE', [affected('api', MISSING)], { object }))).toMatch(
      /^ClusterRole view: this change would break/u,
    );
  });

  it.each([
    ['missing', 'break', 'declare needs that are not held by'],
    ['forbidden', 'give what is forbidden to', 'declare what is forbidden to'],
    ['overreach', 'go beyond the ceiling for', 'go beyond the ceiling for'],
    ['undeclared', 'leave undeclared', 'leave undeclared'],
  ] as const)(
    'says of %s that a write of rights would %s, and one of needs would %s',
    (check, rights, needs) => {
      const workloads = [affected('api', acted(check, 'get pods'))];

      expect(whatOf(effectsOn('UPDATE', workloads))).toBe(
        `would ${rights} 1 workload: shop/api (Deployment)`,
      );
      expect(whatOf(effectsOn('UPDATE', workloads, NEEDS))).toBe(
        `would ${needs} 1 workload: shop/api (Deployment)`,
      );
    },
  );

  it('says of excess that a write of rights gives it, and one of needs leaves it', () => {
    const workloads = [affected('api', EXCESS)];

    expect(whatOf(effectsOn('UPDATE', workloads))).toBe('would give unneeded rights to 1 account: shop/api');
    expect(whatOf(effectsOn('UPDATE', workloads, NEEDS))).toBe(
      'would leave unneeded rights to 1 account: shop/api',
    );
  });

  it('has the gravest first', () => {
    const checks = ['undeclared', 'excess', 'overreach', 'forbidden', 'missing'] as const;
    const findings = checks.map((check) => acted(check, 'get pods'));

    expect(
      whatOf(effectsOn('CREATE', [affected('api', ...findings)]))?.match(
        /break|forbidden|ceiling|unneeded|undeclared/gu,
      ),
    ).toEqual(['break', 'forbidden', 'ceiling', 'unneeded', 'undeclared']);
  });

  it.each<[string, readonly AffectedWorkload[], string]>([
    ['two by name', named(2, MISSING), 'would break 2 workloads: shop/w0 (Deployment), shop/w1 (Deployment)'],
    [
      'more by two names',
      named(3, MISSING),
      'would break 3 workloads: shop/w0 (Deployment), shop/w1 (Deployment), …',
    ],
    [
      'each once, however much it loses',
      named(1, MISSING, acted('missing', 'list pods')),
      'would break 1 workload: shop/w0 (Deployment)',
    ],
    [
      'accounts and workloads together as workloads',
      named(1, acted('forbidden', 'get pods'), acted('forbidden', 'get pods', { via: viaBinding('b') })),
      'would give what is forbidden to 2 workloads: shop/w0 (Deployment), serviceaccount shop/api',
    ],
    [
      'what is open beside what is proved',
      named(1, MISSING, acted('missing', 'list pods', { undetermined: true })),
      'would break 1 workload: shop/w0 (Deployment), 1 undetermined',
    ],
    [
      'only what is open',
      named(2, acted('missing', 'list pods', { undetermined: true })),
      'has no proved effect, 2 undetermined',
    ],
  ])('counts %s', (_, workloads, want) => {
    expect(whatOf(effectsOn('UPDATE', workloads))).toBe(want);
  });

  it.each([
    [['p'], 'policy p]'],
    [['q', 'p', 'q'], 'policies p, q]'],
    [['d', 'c', 'b', 'a'], 'policies a, b, c]'],
    [['p\nq'], 'policy p\\u000aq]'],
  ])('names the policies %j', (policies, want) => {
    const workloads = policies.map((policy, at) => {
      const { decision, ...one } = affected(`w${at}`, MISSING);
      return { ...one, decision: { ...decision, policy } };
    });

    expect(headlineOf(effectsOn('UPDATE', workloads)).endsWith(`, ${want}`)).toBe(true);
  });

  it('is that not all were looked at, where nothing was found', () => {
    const { id, warnings, causes } = tellGrant(
      effectsOn('CREATE', [], { notSeen: { accounts: 1, workloads: 0 } }),
    );

    expect({ id, warnings, causes }).toEqual({
      id: undefined,
      warnings: [
        'RoleBinding shop/readers: creating it touches more accounts than are looked at',
        'and 1 more account, not looked at',
      ],
      causes: [],
    });
  });
});

describe('the lines', () => {
  it.each<[string, Parameters<typeof acted>, string]>([
    [
      'what is not known',
      ['missing', 'get pods', { undetermined: true, via: viaBinding('b') }],
      'unknown shop/api (Deployment): get pods in shop via RoleBinding shop/b → ClusterRole view',
    ],
    ['a risk', ['excess', 'get pods', { risk: 'low' }], 'low serviceaccount shop/api: get pods in shop'],
    ['no risk', ['excess', 'get pods'], 'excess serviceaccount shop/api: get pods in shop'],
    ['what is forbidden', ['forbidden', 'get pods'], 'forbidden shop/api (Deployment): get pods in shop'],
    ['what is beyond a ceiling', ['overreach', 'get pods'], 'beyond shop/api (Deployment): get pods in shop'],
    [
      'needs that nobody declared',
      ['undeclared', ''],
      'needs shop/api (Deployment): declares no needs while its account holds more than every account does',
    ],
  ])('name %s', (_, [check, line, more], want) => {
    expect(linesOf(effectsOn('UPDATE', [affected('api', acted(check, line, more))]))).toEqual([`  ${want}`]);
  });

  it('say how much else a binding gives', () => {
    const also = acted('excess', 'get pods', { via: viaBinding('readers') });

    expect(linesOf(effectsOn('UPDATE', [affected('api', EXCESS, also, also)]))).toEqual([
      '  high serviceaccount shop/api: list secrets in shop and 2 more via RoleBinding shop/readers → ClusterRole view',
    ]);
  });

  it('are at most twelve, and say how many are left out', () => {
    const [most, more] = [12, 14].map((count) => linesOf(effectsOn('UPDATE', named(count, MISSING))));

    expect(most).toHaveLength(12);
    expect(most?.at(-1)).toBe('  missing shop/w11 (Deployment): get pods in shop');
    expect(more).toHaveLength(13);
    expect(more?.at(-1)).toBe('  … and 2 more');
  });

  it.each([
    [{ accounts: 0, workloads: 0 }, undefined],
    [{ accounts: 2, workloads: 0 }, '  and 2 more accounts, not looked at'],
    [{ accounts: 0, workloads: 1 }, '  and 1 more workload, not looked at'],
    [{ accounts: 1, workloads: 3 }, '  and 3 more workloads and 1 more account, not looked at'],
  ])('say of %j what was not looked at', (notSeen, want) => {
    expect(linesOf(effectsOn('UPDATE', [affected('api', MISSING)], { notSeen }))[1]).toBe(want);
  });

  it('are cut where they are too long for a warning, and not in the denial', () => {
    const long = acted('missing', `get pods named ${'a'.repeat(300)}`);
    const { warnings, denial } = tellGrant(effectsOn('UPDATE', [affected('api', long)]));

    expect(warnings.map(({ length }) => length)).toEqual([expect.any(Number), 250]);
    expect(denial).toContain(`${'a'.repeat(300)} in shop`);
  });

  it('show hostile names on one line', () => {
    const evil = 'a\nnext: all is well';
    const via = { ...viaBinding(evil, `group ${evil}`), role: { ...viaBinding('b').role, name: evil } };
    const hostile = { ...affected('api', { ...EXCESS, via }, MISSING), workload: workload({ name: evil }) };
    const object = { kind: 'Role\u202E', namespace: 'shop', name: evil };
    const { denial, causes, warnings } = tellGrant(effectsOn('UPDATE', [hostile], { object }));

    expect(denial.split('\n')).toHaveLength(4);
    for (const text of [...warnings, ...causes.map(({ message }) => message)])
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

describe('the next step', () => {
  const stepsOf = (...findings: Parameters<typeof affected>[1][]) =>
    tellGrant(effectsOn('UPDATE', [affected('api', ...findings)]))
      .denial.split('\n')
      .at(-1);

  it('is said once for all that asks for it', () => {
    expect(stepsOf(MISSING, acted('missing', 'list pods'))).toBe(
      'next: keep a role and binding that give what is missing, or take it out of countersign.dev/needs first',
    );
  });

  it('is that of each reason', () => {
    expect(stepsOf(acted('forbidden', 'get pods'), acted('overreach', 'get pods'))).toBe(
      'next: remove the binding or policy that gives it, or narrow it; or: stay within the ceiling, or ask the owner of the policy',
    );
  });

  it('is none where a reason has none', () => {
    const [scope] = scopes('vault read secret/data/x');
    const open = acted('overreach', '', {
      reason: 'NotAllJudged',
      undetermined: true,
      ...(scope && { scope }),
    });

    expect(stepsOf(open, acted('forbidden', 'get pods'))).toBe(
      'next: remove the binding or policy that gives it, or narrow it',
    );
  });
});

describe('the causes', () => {
  it('are at most fifty', () => {
    expect(tellGrant(effectsOn('UPDATE', named(51, MISSING))).causes).toHaveLength(50);
  });
});

describe('the id of a write', () => {
  const idOf = (grant: GrantEffects) => tellGrant(grant).id;
  const one = effectsOn('DELETE', [affected('api', MISSING)]);

  it('is that of the object and of what is found, whoever is touched', () => {
    expect(idOf(one)).toMatch(/^d-[0-9a-hjkmnp-tv-z]{8}$/u);
    expect(idOf(effectsOn('DELETE', [affected('web', MISSING), affected('api', MISSING)]))).toBe(idOf(one));
  });

  it.each<[string, GrantEffects]>([
    ['another object', { ...one, object: { ...one.object, name: 'writers' } }],
    ['another kind', { ...one, object: { ...one.object, kind: 'Role' } }],
    ['another namespace', { ...one, object: { ...one.object, namespace: 'dev' } }],
    ['another effect', effectsOn('DELETE', [affected('api', acted('missing', 'list pods'))])],
  ])('differs for %s', (_, other) => {
    expect(idOf(other)).not.toBe(idOf(one));
  });

  it('differs for other policies, in whatever order they are met', () => {
    const under = (...policies: string[]) =>
      idOf(
        effectsOn(
          'DELETE',
          policies.map((policy) => {
            const { decision, ...rest } = affected('api', MISSING);
            return { ...rest, decision: { ...decision, policy } };
          }),
        ),
      );

    expect(under('a', 'b')).toBe(under('b', 'a'));
    expect(new Set([under('a'), under('b'), under('a', 'b'), under('ab')]).size).toBe(4);
  });
});
