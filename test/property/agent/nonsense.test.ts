import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../../src/agent/failure.ts';
import { type Call, type NonsenseVault, startNonsenseVault } from '../../support/nonsense.ts';
import { runs } from '../../support/runs.ts';

const leaf = fc.oneof(
  fc.constantFrom(
    null,
    true,
    0,
    -1,
    60,
    1e308,
    Number.MAX_SAFE_INTEGER,
    '',
    'hvs.x',
    'a\nb',
    '\ud800',
    'eyJhIjoxfQ.e30.x',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.jsonValue({ maxDepth: 3 }),
);
/** The fields that Vault's answers have, with anything in them. */
const inner = fc.dictionary(
  fc.constantFrom(
    'client_token',
    'lease_duration',
    'renewable',
    'accessor',
    'word',
    'ttl',
    'expiration',
    'token',
    'keys',
    '__proto__',
  ),
  leaf,
);
const body = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(
      'auth',
      'data',
      'lease_id',
      'lease_duration',
      'renewable',
      'warnings',
      'errors',
      'keys',
      '__proto__',
    ),
    fc.oneof(leaf, inner, fc.array(inner, { maxLength: 2 })),
  ),
);

let vault: NonsenseVault;

beforeAll(async () => {
  vault = await startNonsenseVault();
});
afterAll(() => vault?.stop());

describe('whatever JSON a Vault answers with 200', () => {
  it.each<Call>(['login', 'read', 'write', 'identity', 'keys'])(
    'to the call %s, all is written, or nothing and one line says why',
    async (call) => {
      await fc.assert(
        fc.asyncProperty(body, async (value) => {
          const { code, reported, written } = await vault.run(call, JSON.stringify(value));

          expect([0, ...Object.values(exitCodes)]).toContain(code);
          if (code === 0) {
            expect(reported).toEqual([]);
            expect(written).toEqual(expect.arrayContaining(['db.json', 'token', 'env']));
          } else {
            expect(reported).toEqual([
              expect.stringMatching(/^countersign gave up after \d s: countersign\.dev\/[^\n]*$/),
            ]);
            expect(written).toEqual([]);
          }
        }),
        { numRuns: runs(100) },
      );
    },
  );
});
