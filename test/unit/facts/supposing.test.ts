import { describe, expect, it } from 'vitest';
import type { Write } from '../../../src/admit/ports.ts';
import { createWorld } from '../../../src/facts/world.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { workloadObject } from '../../support/workload.ts';

const RUNNING = [
  workloadObject({ name: 'a', account: 'api' }),
  workloadObject({ name: 'b', account: 'api' }),
  workloadObject({ name: 'c', account: 'web' }),
  workloadObject({ name: 'd', namespace: 'dev', account: 'api' }),
];
const write = (more: Partial<Write>): Write => ({
  kind: 'RoleBinding',
  namespace: 'shop',
  name: 'b',
  object: { roleRef: { kind: 'Role', name: 'r' }, subjects: [] },
  oldObject: undefined,
  ...more,
});

function world() {
  const made = createWorld(TEST_RESOURCES);
  for (const object of RUNNING) made.put('Deployment', object);
  return made;
}

const reached = (more: Partial<Write>, on = world()) =>
  [...(on.supposing(write(more))?.accounts ?? [])].map(({ namespace, name }) => `${namespace}/${name}`);
const bound = (...subjects: object[]) => ({ roleRef: { kind: 'Role', name: 'r' }, subjects });

describe('supposing a write', () => {
  it.each<[string, Partial<Write>]>([
    ['of another kind', { kind: 'Deployment' }],
    ['without a name', { name: '' }],
    ['without its namespace', { namespace: '' }],
    ['of an object that a name cannot be', { name: 'a/b' }],
  ])('is nothing for one %s', (_, more) => {
    expect(world().supposing(write(more))).toBeUndefined();
  });

  it.each<[string, object[], readonly string[]]>([
    ['nobody', [], []],
    ['an account', [{ kind: 'ServiceAccount', name: 'web' }], ['shop/web']],
    ['an account as which nothing runs', [{ kind: 'ServiceAccount', name: 'idle' }], []],
    [
      'those of a namespace',
      [{ kind: 'Group', name: 'system:serviceaccounts:shop' }],
      ['shop/api', 'shop/web'],
    ],
    ['all of them', [{ kind: 'Group', name: 'system:authenticated' }], ['shop/api', 'shop/web', 'dev/api']],
    [
      'each once, those that are named first',
      [
        { kind: 'Group', name: 'system:serviceaccounts:shop' },
        { kind: 'Group', name: 'system:serviceaccounts' },
        { kind: 'User', name: 'system:serviceaccount:dev:api' },
      ],
      ['dev/api', 'shop/api', 'shop/web'],
    ],
  ])('of a binding touches %s', (_, subjects, want) => {
    expect(reached({ object: bound(...subjects) })).toEqual(want);
  });

  it('touches those that the binding no longer names, by the object before or by what is known', () => {
    const old = bound({ kind: 'ServiceAccount', name: 'web' });
    const known = world();
    known.put('RoleBinding', { metadata: { name: 'b', namespace: 'shop' }, ...old });

    expect(reached({ oldObject: old })).toEqual(['shop/web']);
    expect(reached({ object: undefined }, known)).toEqual(['shop/web']);
  });

  it('touches nobody who is in the binding before and after', () => {
    const all = { kind: 'Group', name: 'system:authenticated' };
    const web = { kind: 'ServiceAccount', name: 'web' };

    expect(
      reached({ oldObject: bound(all), object: { ...bound(all), metadata: { labels: { a: 'b' } } } }),
    ).toEqual([]);
    expect(reached({ oldObject: bound(all), object: bound(all, web) })).toEqual(['shop/web']);
    expect(
      reached({
        oldObject: bound(web),
        object: { ...bound(web), roleRef: { kind: 'ClusterRole', name: 'r' } },
      }),
    ).toEqual(['shop/web']);
  });

  it('can be walked more than once', () => {
    const accounts = world().supposing(
      write({ object: bound({ kind: 'ServiceAccount', name: 'web' }) }),
    )?.accounts;

    expect([...(accounts ?? [])]).toEqual([...(accounts ?? [])]);
    expect([...(accounts ?? [])]).toHaveLength(1);
  });

  it('of a role touches those bound to it, and nobody when its rules stay', () => {
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }];
    const known = world();
    known.put('RoleBinding', {
      metadata: { name: 'b', namespace: 'shop' },
      ...bound({ kind: 'ServiceAccount', name: 'api' }),
    });
    const role = { kind: 'Role', name: 'r', oldObject: { rules } };

    expect(reached({ ...role, object: { rules: [] } }, known)).toEqual(['shop/api']);
    expect(reached({ ...role, object: { rules, metadata: { labels: { a: 'b' } } } }, known)).toEqual([]);
    expect(reached({ ...role, namespace: 'dev', object: { rules: [] } }, known)).toEqual([]);
  });

  it('of an account touches it when its needs change', () => {
    const account = (needs: string) => ({ metadata: { annotations: { 'countersign.dev/needs': needs } } });
    const own = { kind: 'ServiceAccount', name: 'api', oldObject: account('get pods') };

    expect(reached({ ...own, object: account('get nodes') })).toEqual(['shop/api']);
    expect(reached({ ...own, object: account('get pods') })).toEqual([]);
    expect(reached({ ...own, name: 'idle', object: account('get nodes') })).toEqual([]);
  });

  it('changes nothing of the facts', () => {
    const known = world();
    known.supposing(write({ object: bound({ kind: 'ServiceAccount', name: 'web' }) }));

    expect(known.held({ namespace: 'shop', name: 'web' }).dangling).toEqual([]);
  });

  it('forgets accounts as which nothing runs any more', () => {
    const known = world();
    known.drop('Deployment', { namespace: 'dev', name: 'd' });
    known.drop('Deployment', { namespace: 'shop', name: 'a' });

    expect(reached({ object: bound({ kind: 'Group', name: 'system:serviceaccounts' }) }, known)).toEqual([
      'shop/api',
      'shop/web',
    ]);
  });
});
