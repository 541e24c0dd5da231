import { describe, expect, it } from 'vitest';
import type { DenialState } from '../../../../src/api/denial.ts';
import type { DenialEntry } from '../../../../src/review/denials/entry.ts';
import { type DenialContext, nextStep } from '../../../../src/review/denials/next-state.ts';
import { DENIED_MS, denialEntry } from '../../../support/denials.ts';

const TIMES = { keepClosedSeconds: 100, expireAfterSeconds: 1000 };
const after = (seconds: number) => ({ nowMs: DENIED_MS + seconds * 1000 });
const grant = (state: DenialContext['grants'][number]['state'], name = 'debug', decidedMs = 1) => ({
  name,
  state,
  decidedMs,
});

function next(entry: Partial<DenialEntry>, context: Partial<DenialContext>) {
  const nothing: DenialContext = { ...after(0), account: 'same', lastRanMs: undefined, grants: [] };
  return nextStep(denialEntry({}, entry), { ...nothing, ...context }, TIMES);
}

type Row = [
  what: string,
  entry: Partial<DenialEntry>,
  context: Partial<DenialContext>,
  want: DenialState | 'delete' | undefined,
];

describe('the next state of a denial', () => {
  it.each<Row>([
    ['open and seen lately', {}, after(999), undefined],
    ['open and not seen for long', {}, after(1000), 'Expired'],
    [
      'granted and not seen for long',
      { state: 'Granted', grant: 'debug' },
      { ...after(1000), grants: [grant('Active')] },
      undefined,
    ],
    ['closed lately', { state: 'Resolved' }, after(99), undefined],
    ['resolved for long', { state: 'Resolved' }, after(100), 'delete'],
    ['rejected for long', { state: 'Rejected' }, after(100), 'delete'],
    ['expired for long', { state: 'Expired' }, after(100), 'delete'],
    ['of an account that is gone', {}, { account: 'gone' }, 'delete'],
    ['of an account that was made again', { state: 'Granted' }, { account: 'another' }, 'delete'],
    ['closed, of an account that is gone', { state: 'Resolved' }, { account: 'gone' }, undefined],
    ['of a workload that is gone', {}, { lastRanMs: DENIED_MS }, 'Resolved'],
    ['of a workload that was refused after it went', {}, { lastRanMs: DENIED_MS - 1 }, undefined],
    ['asked for', {}, { grants: [grant('Pending')] }, undefined],
    ['approved', {}, { grants: [grant('Active')] }, 'Granted'],
    ['approved in vain', {}, { grants: [grant('Void')] }, undefined],
    ['approved by one of several', {}, { grants: [grant('Rejected'), grant('Active', 'other')] }, 'Granted'],
    ['approved already', { state: 'Granted', grant: 'debug' }, { grants: [grant('Active')] }, undefined],
    [
      'approved after a rejection',
      { state: 'Rejected', grant: 'debug' },
      { grants: [grant('Rejected'), grant('Active', 'again')] },
      'Granted',
    ],
    ['rejected', {}, { grants: [grant('Rejected')] }, 'Rejected'],
    ['rejected, and refused again since', { grant: 'debug' }, { grants: [grant('Rejected')] }, undefined],
    [
      'rejected, and asked for again',
      {},
      { grants: [grant('Rejected'), grant('Pending', 'again')] },
      undefined,
    ],
    ['revoked', { state: 'Granted', grant: 'debug' }, { grants: [grant('Revoked')] }, 'Rejected'],
    ['granted until now', { state: 'Granted', grant: 'debug' }, { grants: [grant('Expired')] }, 'Open'],
    ['granted by what is gone', { state: 'Granted', grant: 'debug' }, {}, 'Open'],
    [
      'granted by another now',
      { state: 'Granted', grant: 'debug' },
      { grants: [grant('Expired'), grant('Active', 'other')] },
      'Granted',
    ],
  ])('of one %s is right', (_, entry, context, want) => {
    const step = next(entry, context);

    expect(step?.kind === 'turn' ? step.state : step?.kind).toBe(want);
  });

  it('says which grant it was, the last of several', () => {
    expect(next({}, { grants: [grant('Rejected', 'late', 2), grant('Revoked', 'early', 1)] })).toEqual({
      kind: 'turn',
      state: 'Rejected',
      grant: 'late',
      message: 'grant late was rejected',
    });
  });
});
