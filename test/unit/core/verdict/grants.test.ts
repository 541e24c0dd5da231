import { describe, expect, it } from 'vitest';
import {
  activeGrants,
  type Grant,
  type GrantDecision,
  grantState,
  scopesDigest,
} from '../../../../src/core/verdict/grants.ts';
import { APPROVED_MS, decisionOn, grant } from '../../../support/grants.ts';

const GRANT = grant('get secrets');
const DAY = 86_400;
const MINUTE_MS = 60_000;

function stateOf(decisions: readonly Partial<GrantDecision>[], nowMs = APPROVED_MS + MINUTE_MS): string {
  const record = { grant: GRANT, decisions: decisions.map((more) => decisionOn(GRANT, more)) };
  return grantState(record, nowMs, DAY).state;
}

describe('the state of a grant', () => {
  it.each<[string, readonly Partial<GrantDecision>[], string]>([
    ['nobody has decided', [], 'Pending'],
    ['another person approved', [{}], 'Active'],
    ['it was rejected', [{ decision: 'Reject' }], 'Rejected'],
    ['it was approved and revoked', [{}, { decision: 'Revoke' }], 'Revoked'],
    [
      'it was revoked before it was approved',
      [{ decision: 'Revoke', createdMs: APPROVED_MS - 1000 }, {}],
      'Revoked',
    ],
    ['it was rejected, and somebody approves all the same', [{ decision: 'Reject' }, {}], 'Rejected'],
    ['the requester approves', [{ by: 'jane' }], 'Void'],
    ['a service account approves', [{ by: 'system:serviceaccount:shop:bot' }], 'Void'],
    ['the approval is of another uid', [{ grantUid: 'g-0' }], 'Void'],
    ['the approval is of other scopes', [{ scopesDigest: 'sha256:0' }], 'Void'],
    ['the approval names another requester', [{ requester: 'mallory' }], 'Void'],
    ['the approval is in another namespace', [{ namespace: 'dev' }], 'Void'],
    ['the approval is of another grant', [{ grant: 'other' }], 'Void'],
    ['a void revocation does not count', [{}, { decision: 'Revoke', grantUid: 'g-0' }], 'Active'],
    ['a void approval beside a valid one does not matter', [{ by: 'jane' }, {}], 'Active'],
    ['the requester takes it back', [{}, { decision: 'Revoke', by: 'jane' }], 'Revoked'],
  ])('where %s', (_, decisions, state) => {
    expect(stateOf(decisions)).toBe(state);
  });

  it.each([
    ['just before its end', 3_599_999, 'Active'],
    ['at its end', 3_600_000, 'Expired'],
  ])('%s', (_, afterMs, state) => {
    expect(stateOf([{}], APPROVED_MS + afterMs)).toBe(state);
  });

  it('counts from the earliest valid approval', () => {
    const decisions = [
      decisionOn(GRANT, { createdMs: APPROVED_MS + MINUTE_MS }),
      decisionOn(GRANT),
      decisionOn(GRANT, { by: 'jane', createdMs: APPROVED_MS - MINUTE_MS }),
    ];

    expect(grantState({ grant: GRANT, decisions }, APPROVED_MS, DAY)).toEqual({
      state: 'Active',
      expiresAtMs: APPROVED_MS + 3_600_000,
    });
  });

  it('lasts no longer than the policy lets it', () => {
    const record = { grant: GRANT, decisions: [decisionOn(GRANT)] };

    expect(grantState(record, APPROVED_MS, 60).expiresAtMs).toBe(APPROVED_MS + 60_000);
    expect(grantState(record, APPROVED_MS + 60_000, 60).state).toBe('Expired');
  });
});

it('only active grants are live', () => {
  const other = grant('get pods', { name: 'other', uid: 'g-2' });
  const records = [
    { grant: GRANT, decisions: [decisionOn(GRANT)] },
    { grant: other, decisions: [] },
  ];

  expect(activeGrants(records, APPROVED_MS, DAY)).toEqual([
    { grant: GRANT, expiresAtMs: APPROVED_MS + 3_600_000 },
  ]);
  expect(activeGrants(records, APPROVED_MS + 3_600_000, DAY)).toEqual([]);
});

it.each(['system:serviceaccount', 'a system:serviceaccount:shop:bot', 'system:admin'])(
  'a person named %j may approve',
  (by) => {
    expect(stateOf([{ by }])).toBe('Active');
  },
);

it('a service account may take an approval back', () => {
  expect(stateOf([{}, { decision: 'Revoke', by: 'system:serviceaccount:shop:bot' }])).toBe('Revoked');
});

it.each([
  ['nobody decided', []],
  ['it was revoked', [{}, { decision: 'Revoke' }]],
  ['it was rejected', [{}, { decision: 'Reject' }]],
  ['no decision counts', [{ by: 'jane' }]],
] as const)('a grant has no end where %s', (_, decisions) => {
  const record = { grant: GRANT, decisions: decisions.map((more) => decisionOn(GRANT, more)) };

  expect(grantState(record, APPROVED_MS, DAY).expiresAtMs).toBeUndefined();
});

describe('the digest', () => {
  const digest = scopesDigest(GRANT);

  it('is known to people who approve by hand', () => {
    expect(digest).toBe('sha256:8ec9b96859a7c5a7bd01236d882bcfcbb01cf83e1e2460bc3e56e3d366149ced');
  });

  it('is known with a workload and the uid of an account, too', () => {
    const account = { name: 'api', uid: 'u-1' };
    const pinned = grant('list,get pods', { account, workload: { kind: 'Deployment', name: 'api' } });

    expect(scopesDigest(pinned)).toBe(
      'sha256:9bdd9ce586b3efc67c5e1bafdf0ee6b98085541a16c3757749a5247e42e655f3',
    );
  });

  it('does not depend on order, repetition or spelling', () => {
    const one = grant('list,get pods\nget secrets named b,a', { checks: ['excess', 'missing'] });
    const other = grant('get secrets named a,b\nget,list pods\nget,list pods', {
      checks: ['missing', 'excess', 'excess'],
    });

    expect(scopesDigest(one)).toBe(scopesDigest(other));
  });

  it.each<[string, Partial<Grant>]>([
    ['the namespace', { namespace: 'dev' }],
    ['the account', { account: { name: 'web', uid: undefined } }],
    ['the uid of the account', { account: { name: 'api', uid: 'u' } }],
    ['the workload', { workload: { kind: 'Deployment', name: 'api' } }],
    ['the kind of the workload', { workload: { kind: 'Job', name: 'api' } }],
    ['the scopes', { scopes: grant('get secrets everywhere').scopes }],
    ['the checks', { checks: ['missing'] }],
    ['the duration', { durationSeconds: 7200 }],
  ])('changes with %s', (_, more) => {
    expect(scopesDigest({ ...GRANT, ...more })).not.toBe(digest);
  });
});
