import { describe, expect, it } from 'vitest';
import { aggregate, sameRules } from '../../../../src/core/rbac/aggregation.ts';
import { objectKey } from '../../../../src/core/rbac/held.ts';
import type { PolicyRule, Role } from '../../../../src/core/rbac/rules.ts';
import { aggregated, clusterRole, labelled, role, rule } from '../../../support/rbac.ts';

const PODS = rule('get', 'pods');
const NODES = rule('get', 'nodes');
const SECRETS = rule('get', 'secrets');
const to = (name: string) => ({ [`to-${name}`]: 'true' });

/** As the controller leaves them: `view` is part of `edit`, which is part of `admin`. */
const PART = labelled(to('view'), clusterRole('part', PODS));
const VIEW = labelled(to('edit'), aggregated(clusterRole('view', PODS), to('view')));
const EDIT = labelled(to('admin'), aggregated(clusterRole('edit', PODS), to('edit')));
const ADMIN = aggregated(clusterRole('admin', PODS, NODES), to('admin'), { extra: 'true' });
const EXTRA = labelled({ extra: 'true' }, clusterRole('extra', NODES));
const ROLES = [ADMIN, EDIT, EXTRA, PART, VIEW];

/** Names of the roles that change, with the resources that they then give. */
function changed(
  now: Role | undefined,
  old: Role | undefined,
  roles = ROLES,
): Record<string, readonly string[]> {
  const key = objectKey(now ?? old ?? PART);
  const result = aggregate(roles, new Map([[key, now]]), [old, now]);
  return Object.fromEntries(
    [...result].map(([, one]) => [
      one?.name ?? 'none',
      one?.rules.flatMap(({ resources }) => resources) ?? [],
    ]),
  );
}

describe('what a ClusterRole gives to those that gather it', () => {
  it.each<[string, Role | undefined, Role | undefined, Record<string, readonly string[]>]>([
    [
      'a rule more goes all the way up',
      labelled(to('view'), clusterRole('part', PODS, SECRETS)),
      PART,
      {
        part: ['pods', 'secrets'],
        view: ['pods', 'secrets'],
        edit: ['pods', 'secrets'],
        admin: ['pods', 'secrets', 'nodes'],
      },
    ],
    [
      'a part that is new is gathered beside the others',
      labelled(to('edit'), clusterRole('new', SECRETS)),
      undefined,
      { new: ['secrets'], edit: ['secrets', 'pods'], admin: ['secrets', 'pods', 'nodes'] },
    ],
    [
      'a part that goes takes its rules along',
      undefined,
      PART,
      { none: [], view: [], edit: [], admin: ['nodes'] },
    ],
    [
      'a part that loses its label as well',
      clusterRole('part', PODS),
      PART,
      { part: ['pods'], view: [], edit: [], admin: ['nodes'] },
    ],
    [
      'the rules that are written into an aggregated role do not stay',
      { ...VIEW, rules: [SECRETS] },
      VIEW,
      { view: ['pods'] },
    ],
    [
      'the rules of one that gathers no more do',
      { ...VIEW, rules: [SECRETS], gathers: undefined },
      VIEW,
      { view: ['secrets'], edit: ['secrets'], admin: ['secrets', 'nodes'] },
    ],
    ['a role that nobody gathers is all there is', clusterRole('x', SECRETS), undefined, { x: ['secrets'] }],
    ['nothing that changes nothing', PART, PART, { part: ['pods'] }],
    [
      'a Role is never gathered',
      { ...role('shop/x', SECRETS), labels: to('view') },
      undefined,
      { x: ['secrets'] },
    ],
  ])('%s', (_, now, old, want) => {
    expect(changed(now, old)).toEqual(want);
  });

  it('gathers a rule once, from all that a selector finds', () => {
    const all = { ...clusterRole('all'), gathers: [{ matchLabels: {}, matchExpressions: [] }] };

    expect(changed(all, undefined)['all']).toEqual(['pods', 'nodes']);
  });

  it('selects by expressions, too', () => {
    const gathers = [
      { matchLabels: {}, matchExpressions: [{ key: 'extra', operator: 'Exists' as const, values: [] }] },
    ];

    expect(changed({ ...clusterRole('x'), gathers }, undefined)['x']).toEqual(['nodes']);
  });

  it('knows that a role which is left without rules gives nothing, and is not only unfilled yet', () => {
    const result = aggregate(ROLES, new Map([[objectKey(PART), undefined]]), [PART]);

    expect(result.get(objectKey(VIEW))?.gathers).toBeUndefined();
    expect(result.get(objectKey(ADMIN))?.gathers).toEqual(ADMIN.gathers);
  });

  it('leaves roles that gather each other with what they have', () => {
    const left = labelled({ left: '' }, aggregated(clusterRole('left', PODS), { right: '' }, to('view')));
    const right = labelled({ right: '' }, aggregated(clusterRole('right', PODS), { left: '' }));

    expect(changed(undefined, PART, [left, right, PART])).toEqual({ none: [] });
    expect(changed({ ...left, gathers: undefined, rules: [] }, left, [left, right, PART])).toEqual({
      left: [],
      right: [],
    });
  });

  it('takes parts by their names, whatever order they are known in', () => {
    const parts = ['c', 'a', 'b'].map((name) =>
      labelled(to('x'), clusterRole(name, rule('get', `${name}s`))),
    );
    const whole = aggregated(clusterRole('x'), to('x'));

    expect(changed(parts[1], undefined, [...parts, whole])['x']).toEqual(['as', 'bs', 'cs']);
    expect(changed(parts[1], undefined, [whole, ...parts.toReversed()])['x']).toEqual(['as', 'bs', 'cs']);
  });

  it('gathers by each of its selectors, in their order', () => {
    const parts = [
      labelled({ one: 'true' }, clusterRole('a', PODS)),
      labelled({ two: 'true' }, clusterRole('b', NODES)),
    ];
    const whole = aggregated(clusterRole('x'), { two: 'true' }, { one: 'true' });

    expect(changed(whole, undefined, parts)['x']).toEqual(['nodes', 'pods']);
  });

  it('gathers nothing from itself', () => {
    const own = labelled(to('x'), aggregated(clusterRole('x', SECRETS), to('x')));
    const part = labelled(to('x'), clusterRole('part', PODS));

    expect(changed(own, undefined, [part])['x']).toEqual(['pods']);
    expect(changed(part, undefined, [own])['x']).toEqual(['pods']);
    expect(changed(own, undefined, [])['x']).toEqual([]);
  });

  it('lets a Role of the same name alone', () => {
    const whole = aggregated(clusterRole('x', PODS), to('x'));

    expect(changed({ ...role('shop/x', SECRETS), labels: to('x') }, undefined, [whole])).toEqual({
      x: ['secrets'],
    });
  });

  it('knows only what changes', () => {
    const result = aggregate(ROLES, new Map([[objectKey(EXTRA), EXTRA]]), [EXTRA, EXTRA]);

    expect([...result.keys()]).toEqual([objectKey(EXTRA)]);
  });

  it.each<[string, Partial<PolicyRule>]>([
    ['verbs', { verbs: ['list'] }],
    ['groups', { apiGroups: ['apps'] }],
    ['resources', { resources: ['nodes'] }],
    ['names', { resourceNames: ['a'] }],
    ['URLs', { nonResourceURLs: ['/x'] }],
  ])('tells rules apart by their %s', (_, more) => {
    const other = { ...PODS, ...more };
    const parts = [
      labelled(to('x'), clusterRole('a', PODS)),
      labelled(to('x'), clusterRole('b', other, PODS)),
    ];
    const whole = aggregated(clusterRole('x'), to('x'));
    const result = aggregate(parts, new Map([[objectKey(whole), whole]]), [whole]);

    expect(result.get(objectKey(whole))?.rules).toEqual([PODS, other]);
    expect(sameRules([PODS], [other])).toBe(false);
  });

  it('ends, whatever gathers what', () => {
    const ring = [...Array(500).keys()].map((at) =>
      labelled({ at: `${at}` }, aggregated(clusterRole(`r${at}`), { at: `${(at + 1) % 500}` })),
    );
    const first = { ...clusterRole('new', PODS), labels: { at: '0' } };

    expect(Object.keys(changed(first, undefined, ring))).toHaveLength(1 + 64);
  });
});

it.each<[readonly PolicyRule[], readonly PolicyRule[], boolean]>([
  [[], [], true],
  [[PODS, NODES], [NODES, PODS], true],
  [[PODS, PODS], [PODS], true],
  [[PODS], [], false],
  [[PODS], [PODS, NODES], false],
  [[PODS, NODES], [PODS], false],
  [[PODS, NODES], [PODS, SECRETS], false],
])('the same rules are the same in any order: %#', (a, b, want) => {
  expect(sameRules(a, b)).toBe(want);
});
