import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../../src/core/rbac/aggregation.ts';
import { objectKey } from '../../../../src/core/rbac/held.ts';
import type { Role } from '../../../../src/core/rbac/rules.ts';
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

  it('ends, whatever gathers what', () => {
    const ring = [...Array(500).keys()].map((at) =>
      labelled({ at: `${at}` }, aggregated(clusterRole(`r${at}`), { at: `${(at + 1) % 500}` })),
    );
    const first = { ...clusterRole('new', PODS), labels: { at: '0' } };

    expect(Object.keys(changed(first, undefined, ring)).length).toBeLessThan(100);
  });
});
