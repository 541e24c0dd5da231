import { expect, it } from 'vitest';
import { CountersignError } from '../../../src/core/errors.ts';

it('is an error by its own name, which may not be retried unless it says so', () => {
  const error = new CountersignError('ERR_CONFIG', 'no such file');

  expect(String(error)).toBe('CountersignError: no such file');
  expect(error).toMatchObject({ code: 'ERR_CONFIG', retryable: false, retryAfterSeconds: undefined });
  expect('cause' in error).toBe(false);
});

it('carries its cause, and when to come again', () => {
  const cause = new Error('ECONNREFUSED');
  const error = new CountersignError('ERR_VAULT_RATE_LIMITED', 'too many', {
    cause,
    retryable: true,
    retryAfterSeconds: 7,
  });

  expect(error).toMatchObject({ retryable: true, retryAfterSeconds: 7 });
  expect(error.cause).toBe(cause);
});
