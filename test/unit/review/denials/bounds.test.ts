import { describe, expect, it } from 'vitest';
import type { DenialState } from '../../../../src/api/denial.ts';
import {
  type DenialBounds,
  evictionOrder,
  type Newcomer,
  overBounds,
  roomFor,
} from '../../../../src/review/denials/bounds.ts';
import { createDenialIndex, type DenialIndex } from '../../../../src/review/denials/denial-index.ts';
import { subjectKey } from '../../../../src/review/denials/entry.ts';
import { DENIED_MS, denialEntry, denialObject } from '../../../support/denials.ts';

interface Given {
  readonly name: string;
  readonly namespace?: string;
  readonly state?: DenialState;
  readonly count?: number;
  readonly seconds?: number;
  readonly requester?: string;
}

function objectOf({
  name,
  namespace = 'shop',
  state = 'Open',
  count = 1,
  seconds = 0,
  requester = 'jane',
}: Given) {
  const time = new Date(DENIED_MS + seconds * 1000).toISOString();
  const requesters = [{ name: requester, count }];
  return denialObject({ namespace, name, status: { state, count, lastSeen: time, since: time, requesters } });
}

function indexOf(...given: readonly Given[]): DenialIndex {
  const index = createDenialIndex({ maxEntries: 1000 });
  for (const one of given) index.put(objectOf(one));
  return index;
}

const FREE: DenialBounds = { maxPerNamespace: 100, maxPerRequester: 100, maxInCluster: 100 };
const NEW: Newcomer = { namespace: 'shop', requester: 'jane', count: 1 };
const namesOf = (entries: readonly { name: string }[] | undefined) => entries?.map(({ name }) => name);

describe('the order in which denials go', () => {
  it('is closed ones by age, then open ones by count and age, then granted ones', () => {
    const entries = [
      { name: 'granted', state: 'Granted' },
      { name: 'often', count: 9, seconds: 1 },
      { name: 'new', seconds: 9 },
      { name: 'old', seconds: 1 },
      { name: 'expired', state: 'Expired', seconds: 3 },
      { name: 'rejected', state: 'Rejected', seconds: 2 },
      { name: 'resolved', state: 'Resolved', seconds: 1, count: 99 },
    ] satisfies Given[];
    const all = [...indexOf(...entries).all].toSorted(evictionOrder);

    expect(namesOf(all)).toEqual(['resolved', 'rejected', 'expired', 'old', 'new', 'often', 'granted']);
  });
});

describe('room for one denial more', () => {
  it.each<[string, Given[], Partial<DenialBounds>, Partial<Newcomer>, string[] | undefined]>([
    ['is there where nothing is', [], {}, {}, []],
    ['is there below the bound', [{ name: 'a' }], { maxPerNamespace: 2 }, {}, []],
    ['is made by the oldest', [{ name: 'b', seconds: 1 }, { name: 'a' }], { maxPerNamespace: 2 }, {}, ['a']],
    [
      'is made by what is closed, however often it was refused',
      [{ name: 'a' }, { name: 'done', state: 'Resolved', count: 50, seconds: 9 }],
      { maxPerNamespace: 2 },
      {},
      ['done'],
    ],
    [
      'is not made by what is refused more often',
      [{ name: 'a', count: 2 }],
      { maxPerNamespace: 1 },
      {},
      undefined,
    ],
    [
      'is made for what is refused as often',
      [{ name: 'a', count: 2 }],
      { maxPerNamespace: 1 },
      { count: 2 },
      ['a'],
    ],
    [
      'is not made by what is granted',
      [{ name: 'a', state: 'Granted' }],
      { maxPerNamespace: 1 },
      {},
      undefined,
    ],
    [
      'is made in the namespace alone',
      [
        { name: 'other', namespace: 'dev' },
        { name: 'a', seconds: 5 },
      ],
      { maxPerNamespace: 1 },
      {},
      ['a'],
    ],
    [
      'is made by those of whoever floods',
      [
        { name: 'other', requester: 'omar' },
        { name: 'a', namespace: 'dev', seconds: 5 },
      ],
      { maxPerRequester: 1, maxPerNamespace: 2 },
      {},
      ['a'],
    ],
    [
      'is not made for whoever floods by others',
      [
        { name: 'other', requester: 'omar' },
        { name: 'a', count: 5 },
      ],
      { maxPerRequester: 1 },
      {},
      undefined,
    ],
    [
      'is made in all bounds at once',
      [
        { name: 'mine', namespace: 'dev', seconds: 3 },
        { name: 'here', requester: 'omar', seconds: 2 },
        { name: 'far', namespace: 'prod', requester: 'omar', seconds: 1 },
      ],
      { maxPerRequester: 1, maxPerNamespace: 1, maxInCluster: 2 },
      {},
      ['mine', 'here'],
    ],
    [
      'is not counted for a controller, which is refused for others',
      [{ name: 'a', requester: 'system:serviceaccount:kube-system:replicaset-controller' }],
      { maxPerRequester: 1 },
      { requester: 'system:serviceaccount:kube-system:replicaset-controller' },
      [],
    ],
  ])('%s', (_, given, bounds, newcomer, want) => {
    expect(namesOf(roomFor({ ...NEW, ...newcomer }, indexOf(...given), { ...FREE, ...bounds }))).toEqual(
      want,
    );
  });
});

describe('denials over the bounds', () => {
  it.each<[string, Given[], Partial<DenialBounds>, string[]]>([
    ['are none within them', [{ name: 'a' }, { name: 'b' }], { maxPerNamespace: 2 }, []],
    [
      'of a namespace go',
      [{ name: 'b', seconds: 1 }, { name: 'a' }, { name: 'c', namespace: 'dev' }],
      { maxPerNamespace: 1 },
      ['a'],
    ],
    [
      'of a requester go',
      [{ name: 'b', count: 2 }, { name: 'a' }, { name: 'c', requester: 'omar' }],
      { maxPerRequester: 1 },
      ['a'],
    ],
    [
      'of the cluster go',
      [{ name: 'b', count: 2 }, { name: 'a', state: 'Granted' }, { name: 'c' }],
      { maxInCluster: 1 },
      ['c', 'b'],
    ],
    [
      'go once where several bounds hold',
      [{ name: 'a' }, { name: 'b', seconds: 1 }],
      { maxInCluster: 1, maxPerNamespace: 1 },
      ['a'],
    ],
  ])('%s', (_, given, bounds, want) => {
    expect(namesOf(overBounds(indexOf(...given), { ...FREE, ...bounds }))).toEqual(want);
  });
});

describe('the index of denials', () => {
  it('finds them by what they are about, and forgets what is gone', () => {
    const index = indexOf({ name: 'a' }, { name: 'b' });
    const { namespace, workload, account } = denialEntry();
    const subject = subjectKey(namespace, workload, account.name, 'workload');

    expect(namesOf([...index.about(subject)])).toEqual(['a', 'b']);
    index.drop(objectOf({ name: 'a' }));
    expect(namesOf([...index.about(subject)])).toEqual(['b']);
    index.retain(new Set());
    expect([
      index.size,
      [...index.about(subject)],
      index.by('jane').size,
      index.inNamespace('shop').size,
    ]).toEqual([0, [], 0, 0]);
  });

  it('takes any JSON, and no more than it has room for', () => {
    const index = createDenialIndex({ maxEntries: 3 });
    for (const odd of [undefined, 7, [], {}, { metadata: { name: 'x' } }, { metadata: { namespace: 'y' } }]) {
      expect(index.put(odd)).toBeUndefined();
      index.drop(odd);
    }
    for (let at = 0; at < 100; at += 1) index.put(objectOf({ name: `d-${at}` }));

    expect(index.size).toBe(3);
    expect(index.states().get('Open')).toBe(3);
  });
});
