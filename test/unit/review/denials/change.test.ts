import { describe, expect, it } from 'vitest';
import type { DenialSource, DenialState, DenialStatus } from '../../../../src/api/denial.ts';
import {
  admission,
  type DenialChange,
  mergeChanges,
  refusal,
  statusAfter,
  timeText,
} from '../../../../src/review/denials/change.ts';
import { DENIED_MS, denialObject } from '../../../support/denials.ts';

const at = (seconds: number) => DENIED_MS + seconds * 1000;
const refusedAt = (seconds: number, requester = 'jane') => refusal(undefined, requester, at(seconds));
const admittedAt = (seconds: number) => admission(at(seconds));

function after(status: DenialStatus, ...changes: readonly DenialChange[]): DenialStatus | undefined {
  const [first = refusedAt(0), ...others] = changes;
  return statusAfter(denialObject({ status }), others.reduce(mergeChanges, first));
}

describe('what refusals make of a status', () => {
  it('is their sum, their first and last time, and who was refused', () => {
    const changes = [refusedAt(10), refusedAt(30, 'omar'), refusedAt(-5, 'omar')];

    expect(after({}, ...changes)).toEqual({
      state: 'Open',
      count: 4,
      firstSeen: timeText(at(-5)),
      lastSeen: timeText(at(30)),
      requesters: [
        { name: 'jane', count: 2 },
        { name: 'omar', count: 2 },
      ],
    });
  });

  it('begins where there is none', () => {
    const object = { ...denialObject(), status: {} };

    expect(statusAfter(object, refusedAt(1))).toEqual({
      state: 'Open',
      count: 1,
      firstSeen: timeText(at(1)),
      lastSeen: timeText(at(1)),
      since: timeText(at(1)),
      requesters: [{ name: 'jane', count: 1 }],
    });
  });

  const SPEC = { ...(denialObject()['spec'] as DenialSource['spec']), needs: ['get pods'], mayWaive: [] };
  const OTHER = { ...SPEC, needs: ['get nodes'] };
  const { needs: _, mayWaive: __, ...OLDER } = SPEC;
  it.each<[string, DenialStatus, DenialSource['spec'], DenialStatus['lastRefusal'] | undefined]>([
    ['nothing of what is the same', {}, SPEC, undefined],
    ['what it needs now', {}, OTHER, { needs: ['get nodes'], moreNeeds: 0, mayWaive: [] }],
    [
      'what may be waived now',
      {},
      { ...SPEC, mayWaive: ['excess'] },
      { needs: ['get pods'], moreNeeds: 0, mayWaive: ['excess'] },
    ],
    [
      'what is needed beyond it',
      {},
      { ...SPEC, moreNeeds: 1 },
      { needs: ['get pods'], moreNeeds: 1, mayWaive: [] },
    ],
    ['nothing of what is known already', { lastRefusal: { needs: ['get nodes'] } }, OTHER, undefined],
    [
      'that it is as it was at first',
      { lastRefusal: { needs: ['get nodes'], moreNeeds: 3 } },
      SPEC,
      { needs: ['get pods'], moreNeeds: 0, mayWaive: [] },
    ],
    ['nothing of one that came before', { lastSeen: timeText(at(9)) }, OTHER, undefined],
    ['no needs where it declares none', {}, { ...OLDER, mayWaive: ['missing'] }, { mayWaive: ['missing'] }],
    ['nothing new where it declares none', {}, { ...OLDER, mayWaive: [] }, undefined],
  ])('has of the last one %s', (___, status, spec, want) => {
    const object = { ...denialObject({ status }), spec: SPEC };
    const next = statusAfter(object, refusal(spec, 'jane', at(1)));

    expect(next?.lastRefusal).toEqual(want);
    expect(next?.count).toBe(2);
  });

  it('has of the last one what an older version did not record', () => {
    const object = { ...denialObject(), spec: OLDER };

    expect(statusAfter(object, refusal(SPEC, 'jane', at(1)))?.lastRefusal).toEqual({
      needs: ['get pods'],
      moreNeeds: 0,
      mayWaive: [],
    });
  });

  it('keeps the ten most frequent', () => {
    const many = [...Array(30).keys()].map((n) => refusedAt(n, `user-${String(n).padStart(2, '0')}`));
    const status = after({}, ...many, refusedAt(40, 'user-29'));

    expect(status?.requesters).toHaveLength(10);
    expect(status?.requesters?.slice(0, 3)).toEqual([
      { name: 'user-29', count: 2 },
      { name: 'jane', count: 1 },
      { name: 'user-00', count: 1 },
    ]);
  });

  it('remembers few of many who are refused, the most frequent of them', () => {
    const often = mergeChanges(refusedAt(0, 'often'), refusedAt(0, 'often'));
    const many = [...Array(1000).keys()].map((n) => refusedAt(n, `user-${n}`));
    const { requesters, count } = many.reduce(mergeChanges, often);

    expect(count).toBe(1002);
    expect(requesters.size).toBeLessThanOrEqual(100);
    expect(requesters.get('often')).toBe(2);
  });

  it.each<[DenialState, DenialState]>([
    ['Open', 'Open'],
    ['Granted', 'Granted'],
    ['Resolved', 'Open'],
    ['Rejected', 'Open'],
    ['Expired', 'Open'],
  ])('turns %s into %s', (state, want) => {
    expect(after({ state }, refusedAt(1))?.state).toBe(want);
  });

  it('opens nothing again that was closed after them', () => {
    const closed = { state: 'Resolved', since: timeText(at(20)) } as const;

    expect(after(closed, refusedAt(10))).toMatchObject({ state: 'Resolved', count: 2 });
  });

  it('takes a status of any shape for none', () => {
    const status = { count: '7', requesters: [7, { name: 8 }], firstSeen: 'x', state: 'Odd' };

    expect(statusAfter({ ...denialObject(), status }, refusedAt(1))).toMatchObject({
      state: 'Open',
      count: 1,
      firstSeen: timeText(at(1)),
    });
  });
});

describe('what an admission makes of a status', () => {
  it.each<[string, DenialStatus, DenialChange, DenialState | undefined]>([
    ['open', {}, admittedAt(1), 'Resolved'],
    ['granted', { state: 'Granted' }, admittedAt(1), 'Resolved'],
    ['rejected', { state: 'Rejected' }, admittedAt(1), undefined],
    ['resolved', { state: 'Resolved' }, admittedAt(1), undefined],
    ['refused after it', { lastSeen: timeText(at(2)) }, admittedAt(1), undefined],
  ])('is right where it is %s', (_, status, change, want) => {
    expect(after(status, change)?.state).toBe(want);
  });

  it('ends what was refused before it, and not what was refused after it', () => {
    expect(after({}, refusedAt(1), admittedAt(2))).toMatchObject({ state: 'Resolved', count: 2 });
    expect(after({}, admittedAt(1), refusedAt(2))).toMatchObject({ state: 'Open', count: 2 });
    expect(after({ state: 'Expired' }, refusedAt(1), admittedAt(2))?.state).toBe('Resolved');
  });
});
