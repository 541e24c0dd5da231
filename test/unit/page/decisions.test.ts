import { describe, expect, it } from 'vitest';
import type { Rights, StoredGrant } from '../../../src/desk/desk.ts';
import { decisionsOn } from '../../../src/page/may-decide.ts';
import { checksFor, waivable } from '../../../src/page/wish.ts';
import { grantOf, ID, JANE, OMAR, shopSeenBy } from '../../support/desk.ts';

const APPROVER: Rights = { readDenials: true, ask: true, decide: true, recheck: true };
const REQUESTER: Rights = { ...APPROVER, decide: false };

async function grantThat(
  state: StoredGrant['state']['state'],
  more: Partial<StoredGrant> = {},
): Promise<StoredGrant> {
  return { ...(await grantOf(shopSeenBy(OMAR))), state: { state, expiresAtMs: undefined }, ...more };
}

describe('a viewer', () => {
  it.each<[string, StoredGrant['state']['state'], string, Rights | undefined, readonly string[], RegExp]>([
    ['who approves', 'Pending', OMAR, APPROVER, ['Approve', 'Reject'], /^$/u],
    ['who asked', 'Pending', JANE, APPROVER, ['Reject'], /your own request/u],
    ['without the right', 'Pending', OMAR, REQUESTER, [], /countersign-approver/u],
    ['of whom nothing is known yet', 'Pending', OMAR, undefined, [], /^$/u],
    ['of what runs', 'Active', OMAR, APPROVER, ['Revoke'], /^$/u],
    ['who asked for what runs', 'Active', JANE, APPROVER, ['Revoke'], /^$/u],
    ['of void decisions', 'Void', OMAR, APPROVER, ['Approve', 'Reject'], /^$/u],
    ['of what ended', 'Expired', OMAR, APPROVER, [], /^$/u],
    ['of what was rejected', 'Rejected', OMAR, APPROVER, [], /^$/u],
    ['of what was revoked', 'Revoked', OMAR, APPROVER, [], /^$/u],
  ])('%s (%s) is offered what can be done', async (_, state, username, rights, offered, why) => {
    const offer = decisionsOn(await grantThat(state), { username, groups: [] }, rights);

    expect(offer).toEqual({ offered, why: expect.stringMatching(why) });
  });

  it('does not approve what can’t be read', async () => {
    const grant = await grantThat('Void', { scopesDigest: '' });

    expect(decisionsOn(grant, { username: OMAR, groups: [] }, APPROVER).offered).toEqual(['Reject']);
  });
});

describe('a wish', () => {
  it('takes no more checks than the chosen scopes need', async () => {
    const denial = await shopSeenBy(JANE).desk.denial('shop', ID);
    if (denial === undefined) throw new Error('no denial');
    const findings = waivable(denial);

    expect(checksFor(findings, ['* secrets everywhere'])).toEqual(['excess']);
    expect(checksFor(findings, ['* secrets everywhere', 'get pods in shop'])).toEqual(['missing', 'excess']);
    expect(checksFor(findings, [])).toEqual([]);
  });

  it.each([
    ['what any policy could let grants waive, of an older record', undefined, ['missing', 'excess']],
    ['what the policy let grants waive', ['excess'], ['excess']],
    ['nothing where it let none', [], []],
  ] as const)('is for %s', async (_, mayWaive, want) => {
    const denial = await shopSeenBy(JANE).desk.denial('shop', ID);
    if (denial === undefined) throw new Error('no denial');
    const spec = { ...denial.spec, ...(mayWaive && { mayWaive: [...mayWaive] }) };

    expect(waivable({ ...denial, spec }).map(({ check }) => check)).toEqual(want);
  });

  it('is not for what is not known', async () => {
    const denial = await shopSeenBy(JANE).desk.denial('shop', ID);
    if (denial === undefined) throw new Error('no denial');
    const findings = denial.spec.findings.map((finding) => ({ ...finding, undetermined: true }));

    expect(waivable({ ...denial, spec: { ...denial.spec, findings } })).toEqual([]);
  });
});
