import { expect, it } from 'vitest';
import { CountersignError } from '../../../src/core/errors.ts';
import { VAULT_CODES } from '../../../src/telemetry/metric-table.ts';
import { vaultCodeOf } from '../../../src/telemetry/vault-code.ts';

it.each([
  [200, '2xx'],
  [204, '2xx'],
  [307, '3xx'],
  [400, '400'],
  [403, '403'],
  [404, '404'],
  [412, '4xx'],
  [429, '429'],
  [473, '4xx'],
  [500, '5xx'],
  [503, '503'],
  [0, 'misshapen'],
  [999, 'misshapen'],
  [new CountersignError('ERR_VAULT_UNREACHABLE', 'away'), 'unreachable'],
  [new CountersignError('ERR_TLS', 'untrusted'), 'untrusted'],
  [new CountersignError('ERR_DEADLINE', 'late'), 'late'],
  [new CountersignError('ERR_VAULT_PROTOCOL', 'misshapen'), 'misshapen'],
  [new DOMException('', 'AbortError'), 'given-up'],
])('an exchange that ended with %s counts as %s', (ended, code) => {
  expect(vaultCodeOf(ended)).toBe(code);
  expect(VAULT_CODES).toContain(code);
});
