import { describe, expect, it } from 'vitest';
import { loginOf, secretOf, tokenStateOf } from '../../../src/vault/secret.ts';

describe('secretOf', () => {
  it('reads a secret with a lease', () => {
    const body = { data: { a: 'b' }, lease_id: 'database/creds/x/1', lease_duration: 60, renewable: true };
    expect(secretOf(body, 'read x')).toEqual({
      data: { a: 'b' },
      lease: { id: 'database/creds/x/1', seconds: 60, renewable: true },
      warnings: [],
    });
  });

  it('takes a duration without a lease id as no lease', () => {
    expect(
      secretOf({ data: { a: 'b' }, lease_id: '', lease_duration: 2_764_800 }, 'read x').lease,
    ).toBeUndefined();
  });

  it.each([[undefined], [{}], [{ data: null }]])('reads %j as nothing there', (body) => {
    expect(secretOf(body, 'read x')).toMatchObject({ data: undefined, lease: undefined });
  });

  it.each([
    [{ data: [] }, 'data'],
    [{ data: 'x' }, 'data'],
    [{ lease_id: 7 }, 'lease_id'],
    [{ lease_id: 'x' }, 'lease_duration'],
    [{ lease_id: 'x', lease_duration: -1 }, 'lease_duration'],
    [{ lease_id: 'x', lease_duration: 0.5 }, 'lease_duration'],
    [{ lease_id: 'x', lease_duration: '60' }, 'lease_duration'],
  ])('refuses %j', (body, field) => {
    expect(() => secretOf(body, 'read x')).toThrow(`vault answered to read x without a usable ${field}`);
  });
});

describe('loginOf', () => {
  const auth = { client_token: 'hvs.x', accessor: 'a', lease_duration: 60, renewable: true };

  it('reads a login', () => {
    const login = { token: 'hvs.x', accessor: 'a', ttlSeconds: 60, renewable: true };
    expect(loginOf({ auth }, 'the login')).toEqual(login);
  });

  it('knows that a batch token has no accessor', () => {
    expect(loginOf({ auth: { ...auth, accessor: '' } }, 'the login').accessor).toBeUndefined();
  });

  it.each(['', 'a b', 'a\nb', 'ü', 7, undefined, 'x'.repeat(16_385)])(
    'refuses the token %j',
    (client_token) => {
      expect(() => loginOf({ auth: { ...auth, client_token } }, 'the login')).toThrow('auth.client_token');
    },
  );

  it.each([[undefined], [{}], [{ auth: null }]])('refuses %j', (body) => {
    expect(() => loginOf(body, 'the login')).toThrow('without a usable auth.client_token');
  });
});

describe('tokenStateOf', () => {
  it('reads the time that is left', () => {
    expect(tokenStateOf({ data: { ttl: 60, renewable: true } }, 'x')).toEqual({
      ttlSeconds: 60,
      renewable: true,
    });
  });

  it('refuses an answer without it', () => {
    expect(() => tokenStateOf(undefined, 'x')).toThrow('without a usable ttl');
  });
});
