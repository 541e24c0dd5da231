import { describe, expect, it } from 'vitest';
import { type StandingContext, standingMessage } from '../../../../src/core/verdict/grant-standing.ts';
import {
  decidingDecision,
  type Grant,
  type GrantDecision,
  scopesDigest,
  voidReason,
} from '../../../../src/core/verdict/grants.ts';
import { APPROVED_MS, decisionOn, grant } from '../../../support/grants.ts';

const GRANT = grant('get secrets');
const CONTEXT: StandingContext = {
  nowMs: APPROVED_MS + 60_000,
  policy: 'production',
  maxDurationSeconds: 86_400,
  accountUid: 'a-1',
};
const BOT = 'system:serviceaccount:shop:bot';

function message(
  decisions: readonly Partial<GrantDecision>[],
  context: Partial<StandingContext> = {},
  about: Grant = GRANT,
): string {
  const record = { grant: about, decisions: decisions.map((more) => decisionOn(about, more)) };
  return standingMessage(record, { ...CONTEXT, ...context });
}

describe('what is said of a grant', () => {
  it.each<[string, readonly Partial<GrantDecision>[], string]>([
    ['nobody has decided on', [], 'waits for the decision of somebody else than jane'],
    ['that holds', [{}], 'approved by omar until 2026-01-31T13:00:00Z'],
    ['that was rejected', [{ decision: 'Reject', by: 'ada' }, {}], 'rejected by ada'],
    ['that was revoked', [{}, { decision: 'Revoke', by: 'jane' }], 'revoked by jane'],
  ])('%s', (_, decisions, expected) => {
    expect(message(decisions)).toBe(expected);
  });

  it('that has ended', () => {
    const said = message([{}], { nowMs: APPROVED_MS + 3_600_000 });

    expect(said).toBe('approved by omar, and ended at 2026-01-31T13:00:00Z');
  });

  it.each<[string, Partial<GrantDecision>, string]>([
    ['its requester approves', { by: 'jane' }, 'Approve by jane does not count: who asks does not approve'],
    [
      'a machine approves',
      { by: BOT },
      `Approve by ${BOT} does not count: a person approves, not a service account`,
    ],
    [
      'other scopes were seen',
      { scopesDigest: 'sha256:0' },
      'Approve by omar does not count: it was made of something else than the grant says (scopesDigest)',
    ],
    [
      'another grant of the name was seen',
      { grantUid: 'g-0' },
      'Approve by omar does not count: it is about another grant of this name, which is gone (grantUID)',
    ],
    [
      'another requester is named',
      { requester: 'mallory' },
      'Approve by omar does not count: it names another requester than the grant does',
    ],
    [
      'another namespace is meant',
      { namespace: 'dev' },
      'Approve by omar does not count: it names another grant',
    ],
  ])('is why it does not hold: %s', (_, decision, why) => {
    expect(message([decision])).toBe(`no decision on it counts; ${why}`);
  });

  it('is also that a revocation of something else does nothing', () => {
    expect(message([{}, { decision: 'Revoke', grantUid: 'g-0' }])).toMatch(
      /^approved by omar until .*; Revoke by omar does not count: it is about another grant/u,
    );
  });

  it('is bounded, however many decisions count for nothing', () => {
    const many = Array.from({ length: 50 }, () => ({ by: 'jane' }));

    expect(message(many)).toMatch(/; 47 further decisions without effect$/u);
  });

  it('is that it is shorter than was asked for', () => {
    const long = grant('get secrets', { durationSeconds: 72 * 3600 });

    expect(message([{}], {}, long)).toBe(
      'approved by omar until 2026-02-01T12:00:00Z; asked for 72h, policy production allows 24h',
    );
  });

  it.each<[string, string | undefined, string]>([
    [
      'was made again',
      'a-2',
      'waives nothing: service account shop/api was made again since, and the grant is for the one before (uid)',
    ],
    ['is gone', undefined, 'waives nothing: there is no service account shop/api'],
  ])('is that its account %s', (_, accountUid, expected) => {
    const pinned = grant('get secrets', { account: { name: 'api', uid: 'a-1' } });

    expect(message([{}], { accountUid }, pinned)).toBe(
      `approved by omar until 2026-01-31T13:00:00Z; ${expected}`,
    );
    expect(message([{}], {}, pinned)).not.toContain('waives nothing');
  });

  it('is harmless to a terminal, whoever decides', () => {
    const by = `\u001B[2J<b>\n\u202E${'x'.repeat(70_000)}`;

    expect(message([{ by }])).toMatch(/^approved by \\u001b\[2J<b>\\u000a\\u202ex+…/u);
    expect(message([{ by }]).length).toBeLessThanOrEqual(2048);
  });
});

describe('the decision that a state follows from', () => {
  it.each<[string, readonly Partial<GrantDecision>[], string | undefined]>([
    ['the earliest approval', [{ by: 'a', createdMs: APPROVED_MS + 1 }, { by: 'b' }], 'b'],
    ['a rejection before an approval', [{ by: 'a' }, { by: 'b', decision: 'Reject' }], 'b'],
    [
      'a revocation before a rejection',
      [
        { by: 'a', decision: 'Reject' },
        { by: 'b', decision: 'Revoke' },
      ],
      'b',
    ],
    ['none that does not count', [{ by: 'jane' }], undefined],
    ['none at all', [], undefined],
  ])('is %s', (_, decisions, by) => {
    const record = { grant: GRANT, decisions: decisions.map((more) => decisionOn(GRANT, more)) };

    expect(decidingDecision(record)?.by).toBe(by);
  });

  it.each(['Reject', 'Revoke'] as const)('may be a %s of the requester or of a machine', (decision) => {
    for (const by of ['jane', BOT]) {
      expect(voidReason(decisionOn(GRANT, { decision, by }), GRANT, scopesDigest(GRANT))).toBeUndefined();
    }
  });
});
