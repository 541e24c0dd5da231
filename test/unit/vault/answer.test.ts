import { describe, expect, it } from 'vitest';
import { CountersignError } from '../../../src/core/errors.ts';
import { type Call, judge } from '../../../src/vault/answer.ts';

const call: Call = { what: 'read secret/data/db', mayBeAbsent: true, secrets: ['hunter2-token'] };

function judged(status: number, body: unknown, more: { call?: Call; retryAfterSeconds?: number } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return judge({ status, text, retryAfterSeconds: more.retryAfterSeconds }, more.call ?? call);
}

function failure(status: number, body: unknown, more: { call?: Call; retryAfterSeconds?: number } = {}) {
  try {
    judged(status, body, more);
  } catch (error) {
    if (error instanceof CountersignError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('judge', () => {
  it.each([
    [301, 'ERR_VAULT_REDIRECT', true],
    [307, 'ERR_VAULT_REDIRECT', true],
    [400, 'ERR_VAULT_REFUSED', false],
    [403, 'ERR_VAULT_REFUSED', false],
    [405, 'ERR_VAULT_REFUSED', false],
    [412, 'ERR_VAULT_UNREACHABLE', true],
    [429, 'ERR_VAULT_RATE_LIMITED', true],
    [472, 'ERR_VAULT_SEALED', true],
    [473, 'ERR_VAULT_SEALED', true],
    [500, 'ERR_VAULT_UNREACHABLE', true],
    [502, 'ERR_VAULT_UNREACHABLE', true],
    [503, 'ERR_VAULT_SEALED', true],
    [101, 'ERR_VAULT_PROTOCOL', false],
  ])('reads status %d as %s', (status, code, retryable) => {
    expect(failure(status, {})).toMatchObject({ code, retryable });
  });

  it('gives the content of a success', () => {
    expect(judged(200, { data: { a: 1 } })).toEqual({ data: { a: 1 } });
  });

  it('gives nothing for a success without content', () => {
    expect(judged(204, '')).toBeUndefined();
  });

  it.each(['', 'null', '[]', '"x"', '<html>', '{'])('refuses a success with the body %j', (body) => {
    expect(failure(200, body)).toMatchObject({ code: 'ERR_VAULT_PROTOCOL', retryable: false });
  });

  it('takes a bare 404 as the answer that nothing is there', () => {
    expect(judged(404, { errors: [] })).toBeUndefined();
  });

  it('gives the content of a 404 that says which version was deleted', () => {
    const body = { data: { data: null, metadata: { version: 3 } } };
    expect(judged(404, body)).toEqual(body);
  });

  it('takes a 404 that names an error as a refusal', () => {
    const body = { errors: ['no handler for route "x". route entry not found.'] };
    expect(failure(404, body)).toMatchObject({
      code: 'ERR_VAULT_REFUSED',
      message: 'vault answered 404 to read secret/data/db: no handler for route "x". route entry not found.',
    });
  });

  it('takes any 404 as a refusal where nothing may be absent', () => {
    expect(failure(404, { errors: [] }, { call: { ...call, mayBeAbsent: false } }).code).toBe(
      'ERR_VAULT_REFUSED',
    );
  });

  it('takes a 404 that is not from Vault as a refusal', () => {
    expect(failure(404, '<html>').code).toBe('ERR_VAULT_REFUSED');
  });

  it('carries what the server asked for', () => {
    expect(failure(429, {}, { retryAfterSeconds: 7 }).retryAfterSeconds).toBe(7);
  });
});

describe("Vault's own words in an error", () => {
  it.each([
    [['permission denied'], 'permission denied'],
    [['1 error occurred:\n\t* permission denied\n\n'], 'permission denied'],
    [['2 errors occurred:\n\t* one\n\t* two\n'], 'one'],
    [['first\nsecond'], 'first'],
    [['a\u0007b\u202ec'], 'a\\u0007b\\u202ec'],
    [['token hunter2-token is bad'], 'token [redacted] is bad'],
    [['token hvs.CAESIJlWh0123456789abcdef is bad'], 'token [redacted] is bad'],
    [['token s.0123456789abcdefghijklmn is bad'], 'token [redacted] is bad'],
    [['jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln is bad'], 'jwt [redacted] is bad'],
  ])('shows %j as %j', (errors, shown) => {
    expect(failure(403, { errors }).message).toBe(`vault answered 403 to read secret/data/db: ${shown}`);
  });

  it.each([[[]], ['text'], [[{ token: 'x' }]], [['\n\n']]])('are left out when they are %j', (errors) => {
    expect(failure(403, { errors }).message).toBe('vault answered 403 to read secret/data/db');
  });

  it('are cut at 200 characters, after what is secret has been taken out', () => {
    const errors = [`${'x'.repeat(195)}hunter2-token`];
    const { message } = failure(403, { errors });
    expect(message).toBe(`vault answered 403 to read secret/data/db: ${'x'.repeat(195)}[red…`);
  });
});
