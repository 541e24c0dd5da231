import { describe, expect, it } from 'vitest';
import { everything, pagesOf } from '../../../scripts/bench/pages.ts';
import { makeWorkload } from '../../../scripts/bench/workloads.ts';
import {
  accountName,
  bindingsOf,
  makeBinding,
  makeRole,
  namespaceOf,
  sizeOf,
} from '../../../scripts/bench/world.ts';
import { readWorkload } from '../../../src/core/admission/workload.ts';
import { listOf, objectOf } from '../../../src/core/json.ts';
import { parseScopes } from '../../../src/core/scope/parse.ts';
import { isWorkloadKind, type WatchedKind } from '../../../src/facts/kinds.ts';
import { createWorld } from '../../../src/facts/world.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';

const SIZE = sizeOf(600);

function count(kinds: readonly WatchedKind[]): number {
  return [...everything(SIZE)].filter(({ kind }) => kinds.includes(kind)).length;
}

describe('the world of the scale bench', () => {
  it('grows in all directions with its accounts', () => {
    expect(sizeOf(10_000)).toEqual({ accounts: 10_000, bindings: 20_000, roles: 5_000, workloads: 20_000 });
  });

  it('has as many objects of each kind as it says', () => {
    expect(count(['ServiceAccount'])).toBe(600);
    expect(count(['RoleBinding', 'ClusterRoleBinding'])).toBe(1200);
    expect(count(['Role', 'ClusterRole'])).toBe(300);
    expect([...everything(SIZE)].filter(({ kind }) => isWorkloadKind(kind))).toHaveLength(1200);
    expect(count(['Namespace'])).toBe(12);
  });

  it('has no two objects of the same name', () => {
    const names = [...everything(SIZE)].map(({ kind, object }) => {
      const { namespace, name } = objectOf(object['metadata']);
      return JSON.stringify([kind, namespace, name]);
    });

    expect(new Set(names).size).toBe(names.length);
  });

  it('is the same in every run', () => {
    expect([...everything(SIZE)]).toEqual([...everything(SIZE)]);
  });

  it('comes in pages of one kind that hold everything', () => {
    const pages = [...pagesOf(SIZE)].map(({ kind, text }) => ({ kind, items: listOf(JSON.parse(text)) }));

    expect(pages.every(({ items }) => items.length > 0 && items.length <= 500)).toBe(true);
    expect(pages.reduce((sum, { items }) => sum + items.length, 0)).toBe([...everything(SIZE)].length);
  });

  it('is read without a complaint', () => {
    const problems: unknown[] = [];
    const world = createWorld(TEST_RESOURCES);
    for (const { kind, object } of everything(SIZE)) {
      world.put(kind, object, { report: (problem) => problems.push({ kind, problem }) });
    }

    expect(problems).toEqual([]);
  });

  it('gives nearly every account one to three bindings of its own, and roles that exist', () => {
    const world = createWorld(TEST_RESOURCES);
    for (const { kind, object } of everything(SIZE)) world.put(kind, object);

    const own = Array.from({ length: SIZE.accounts }, (_, account) => bindingsOf(SIZE, account).length);
    expect(own.filter((bindings) => bindings < 1 || bindings > 3).length).toBeLessThan(4);
    for (let account = 0; account < SIZE.accounts; account += 1) {
      const held = world.held({ namespace: namespaceOf(SIZE, account), name: accountName(account) });
      expect(held.dangling).toEqual([]);
      expect(held.rules.length).toBeGreaterThanOrEqual(1);
    }
  });

  it('has needs that can be parsed, on most of its workloads', () => {
    const needs = Array.from({ length: SIZE.workloads }, (_, at) =>
      readWorkload(makeWorkload(SIZE, at).object),
    )
      .map((workload) => workload?.annotations['countersign.dev/needs'])
      .filter((text) => text !== undefined);

    expect(needs.length / SIZE.workloads).toBeGreaterThan(0.7);
    for (const text of needs) expect(parseScopes(text).problems).toEqual([]);
  });

  it.each([
    ['a binding', makeBinding],
    ['a role', makeRole],
    ['a workload', makeWorkload],
  ])('changes %s and keeps its name', (_, make) => {
    const [before, after] = [make(SIZE, 42), make(SIZE, 42, 1)];

    expect(after.kind).toBe(before.kind);
    expect(after.object['metadata']).toEqual(before.object['metadata']);
    expect(after.object).not.toEqual(before.object);
  });
});
