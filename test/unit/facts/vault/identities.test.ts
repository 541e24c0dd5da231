import { describe, expect, it } from 'vitest';
import { createIdentities } from '../../../../src/facts/vault/identities.ts';
import type { LoginIdentity } from '../../../../src/facts/vault/login-identity.ts';
import type { Membership } from '../../../../src/facts/vault/memberships.ts';
import { failing } from '../../../support/agent.ts';
import { createManualClock } from '../../kube/manual-clock.ts';

const login = (alias: string | undefined): LoginIdentity => ({ alias, groups: [], unknown: [] });
const NONE: Membership = { entity: undefined, groups: [], unknown: [] };

function identitiesOf(read: (login: LoginIdentity) => Promise<Membership>) {
  const clock = createManualClock();
  const asked: (string | undefined)[] = [];
  const identities = createIdentities({
    read: (identity) => {
      asked.push(identity.alias);
      return read(identity);
    },
    maxAgeMs: 300_000,
    clock,
  });
  return { identities, clock, asked };
}

describe('what the identity engine knows', () => {
  it('is asked for once, by all who want it, until it is old', async () => {
    const { identities, clock, asked } = identitiesOf(() => Promise.resolve(NONE));
    expect(identities.known(login('a'))).toBeUndefined();
    expect(await Promise.all([identities.prepare(login('a')), identities.prepare(login('a'))])).toEqual([
      true,
      true,
    ]);
    expect(identities.known(login('a'))).toEqual({ kind: 'membership', membership: NONE });
    clock.advance(299_999);
    expect(await identities.prepare(login('a'))).toBe(false);
    clock.advance(1);
    expect(await identities.prepare(login('a'))).toBe(true);
    expect(asked).toEqual(['a', 'a']);
  });

  it('is asked for again soon where it cannot be read', async () => {
    const { identities, clock, asked } = identitiesOf(() =>
      Promise.reject(failing('ERR_VAULT_REFUSED', 'no')),
    );
    await identities.prepare(login('a'));
    expect(identities.known(login('a'))).toEqual({
      kind: 'unread',
      why: 'the identity of the login: Vault refuses it: no',
    });
    await identities.prepare(login('a'));
    expect(asked).toHaveLength(1);
    clock.advance(5000);
    await identities.prepare(login('a'));
    expect(asked).toHaveLength(2);
  });

  it('is nothing for an account that is not there yet, without a question', async () => {
    const { identities, asked } = identitiesOf(() => Promise.resolve(NONE));
    const unknown = ['only the token tells'];
    expect(await identities.prepare(login(undefined))).toBe(false);
    expect(identities.known({ ...login(undefined), unknown })).toEqual({
      kind: 'membership',
      membership: { ...NONE, unknown },
    });
    expect(asked).toEqual([]);
  });

  it('is kept of the last 10,000 accounts', async () => {
    const { identities } = identitiesOf(() => Promise.resolve(NONE));
    for (let at = 0; at <= 10_000; at += 1) await identities.prepare(login(String(at)));
    expect(identities.known(login('0'))).toBeUndefined();
    expect(identities.known(login('1'))).toBeDefined();
  });

  it('lets a bug out', async () => {
    const { identities } = identitiesOf(() => Promise.reject(new TypeError('bug')));
    await expect(identities.prepare(login('a'))).rejects.toThrow('bug');
  });
});
