import { describe, expect, it } from 'vitest';
import {
  checksOf,
  collect,
  type Finding,
  heldBy,
  loginIn,
  outcomeOf,
  viaText,
} from '../../../../src/core/verdict/findings.ts';
import { acted, viaBinding } from '../../../support/effects.ts';

const PROVED = acted('missing', 'get pods');
const OPEN = acted('missing', 'list pods', { undetermined: true });

describe('the outcome', () => {
  it.each<[string, readonly Finding[], string]>([
    ['is a pass without findings', [], 'pass'],
    ['is a fail with one that is proved', [PROVED], 'fail'],
    ['is a fail with one that is proved, whatever is open', [OPEN, PROVED], 'fail'],
    ['is undetermined with those alone that are open', [OPEN, OPEN], 'undetermined'],
  ])('%s', (_, findings, want) => {
    expect(outcomeOf(findings)).toBe(want);
  });

  it.each(['missing', 'excess', 'forbidden', 'overreach', 'undeclared'] as const)(
    'of %s is that of its own findings',
    (check) => {
      const passed = {
        missing: 'pass',
        excess: 'pass',
        forbidden: 'pass',
        overreach: 'pass',
        undeclared: 'pass',
      };

      expect(checksOf([acted(check, 'get pods')])).toEqual({ ...passed, [check]: 'fail' });
    },
  );
});

describe('findings together', () => {
  const excess = (line: string, more: Partial<Finding> = {}) =>
    acted('excess', line, { risk: 'low', ...more });

  /** Each before the next. */
  it.each<[string, readonly Finding[]]>([
    [
      'check by check',
      (['undeclared', 'missing', 'forbidden', 'overreach', 'excess'] as const).map((check) =>
        acted(check, 'get pods'),
      ),
    ],
    [
      'what is proved before what is open',
      [acted('missing', 'list pods'), acted('missing', 'get pods', { undetermined: true })],
    ],
    [
      'worst risk first, and none last',
      [
        excess('watch pods', { risk: 'critical' }),
        excess('list pods', { risk: 'high' }),
        excess('get pods', { risk: 'medium' }),
        excess('create pods'),
        acted('excess', 'bind pods'),
      ],
    ],
    ['by scope', [excess('', { reason: 'RuleTooLarge' }), excess('get pods'), excess('list pods')]],
    [
      'by binding',
      [
        excess('get pods'),
        excess('get pods', { via: viaBinding('a') }),
        excess('get pods', { via: viaBinding('b') }),
      ],
    ],
    ['by reason', [acted('undeclared', '', { reason: 'DeclarationInvalid' }), acted('undeclared', '')]],
    [
      'by what the reason speaks of',
      [
        acted('overreach', 'get pods'),
        ...['a', 'b'].map((detail) => acted('overreach', 'get pods', { detail })),
      ],
    ],
  ])('are in order, %s', (_, findings) => {
    expect(collect(findings.toReversed())).toEqual(findings);
    expect(collect(findings)).toEqual(findings);
  });

  it('are each once', () => {
    const [first, again] = [
      excess('get pods', { via: viaBinding('a') }),
      excess('get pods', { via: viaBinding('a') }),
    ];

    expect(collect([first, again, first])).toEqual([first]);
  });
});

it.each([
  ['of a namespace', viaBinding('b'), 'RoleBinding shop/b → ClusterRole view'],
  [
    'of the cluster',
    { ...viaBinding('b'), binding: { kind: 'ClusterRoleBinding' as const, namespace: undefined, name: 'b' } },
    'ClusterRoleBinding b → ClusterRole view',
  ],
  [
    'through a group',
    viaBinding('b', 'group system:authenticated'),
    'RoleBinding shop/b → ClusterRole view (group system:authenticated)',
  ],
])('names a way %s', (_, via, want) => {
  expect(viaText(via)).toBe(want);
});

describe('the text of what gives something', () => {
  it.each([
    ['default', []],
    ['default', ['shared-rw']],
    ['team-2', ['a', 'b']],
  ])('tells the login at %s by %j', (connection, policies) => {
    const login = { connection, mount: 'kubernetes', role: 'shop_api.v1' };

    expect(loginIn(heldBy({ login: { login, policies } }))).toEqual({ connection, role: 'shop_api.v1' });
  });

  it.each(['', 'RoleBinding shop/api → Role api', 'Vault role', 'ClusterRoleBinding Vault role x → Role y'])(
    'tells none of %j',
    (text) => {
      expect(loginIn(text)).toBeUndefined();
    },
  );
});
