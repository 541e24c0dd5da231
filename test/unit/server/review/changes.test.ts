import { describe, expect, it, vi } from 'vitest';
import { CountersignError } from '../../../../src/core/errors.ts';
import { type Change, createChanges } from '../../../../src/server/review/changes.ts';
import { denialObject, IN_SHOP, OMAR, shopSeenBy } from '../../../support/desk.ts';

describe('those who follow the lists', () => {
  it('hear how they stand, then of every change and nothing between, and of failures', async () => {
    const { kube, desk } = shopSeenBy(OMAR);
    const heard: Change[] = [];
    const changes = createChanges({ desk, namespace: undefined, everyMs: 5 });

    const stop = changes.follow((change) => heard.push(change));
    await vi.waitUntil(() => heard.length === 1);
    const looked = kube.calls.length;
    await vi.waitUntil(() => kube.calls.length > looked + 8);
    expect(heard).toHaveLength(1);
    kube.put(`${IN_SHOP}/denials`, denialObject({}, { count: 4 }) as never);
    await vi.waitUntil(() => heard.length === 2);
    kube.refuse(/^GET .*denials/u, 500);
    await vi.waitUntil(() => heard.length === 3);
    stop();

    const [first, second, third] = heard;
    expect([first?.kind, second?.kind, third]).toMatchObject([
      'lists',
      'lists',
      { kind: 'failure', failure: { status: 502, code: 'ERR_KUBE_REFUSED' } },
    ]);
    expect(second).toMatchObject({ grants: first?.kind === 'lists' ? first.grants : '' });
    expect(second).not.toEqual(first);
  });

  it('are told at once by whom it is known already, and share one reader', async () => {
    const { kube, desk } = shopSeenBy(OMAR);
    const changes = createChanges({ desk, namespace: undefined, everyMs: 60_000 });
    const one: Change[] = [];
    const other: Change[] = [];

    changes.follow((change) => one.push(change));
    await vi.waitUntil(() => one.length === 1);
    const calls = kube.calls.length;
    changes.follow((change) => other.push(change));

    expect([other, kube.calls.length, changes.followers]).toEqual([one, calls, 2]);
  });

  it('who are gone have nothing read for them', async () => {
    const { kube, desk } = shopSeenBy(OMAR);
    const changes = createChanges({ desk, namespace: undefined, everyMs: 1 });
    const stop = changes.follow(() => undefined);
    await vi.waitUntil(() => kube.calls.length > 0);
    stop();
    let before = -1;
    await vi.waitUntil(
      () => {
        const same = kube.calls.length === before;
        before = kube.calls.length;
        return same;
      },
      { interval: 50 },
    );

    const again: Change[] = [];
    changes.follow((change) => again.push(change))();
    expect(again).toEqual([]);
  });

  it('hear of a bug as such', async () => {
    const changes = createChanges({
      desk: {
        denials: () => Promise.reject(new CountersignError('ERR_DEADLINE', 'late')),
        grants: async () => [],
      },
      namespace: 'shop',
      everyMs: 60_000,
    });
    const heard: Change[] = [];
    changes.follow((change) => heard.push(change));
    await vi.waitUntil(() => heard.length === 1);

    expect(heard).toMatchObject([
      { kind: 'failure', failure: { status: 504, code: 'ERR_DEADLINE', message: 'late' } },
    ]);
  });
});
