import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printExplanation } from '../../../src/cli/explain-report.ts';
import { explain } from '../../../src/core/explain/explain.ts';
import { parseScopes } from '../../../src/core/scope/parse.ts';
import { printScope } from '../../../src/core/scope/print.ts';
import { MESSAGES } from '../../support/explain.ts';
import { runs } from '../../support/runs.ts';

const FORMATS = ['text', 'json', 'yaml'] as const;
const PLAIN = (_: unknown, text: string) => text;
/** All control characters but the line feed, and what hides or turns text. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}]/u;

const word = fc.string({
  unit: fc.constantFrom('a', 'b', 'X', 'Y', '0', '9', '_', '-'),
  minLength: 24,
  maxLength: 40,
});
const secret = fc.oneof(
  word.map((text) => ({ secret: text, token: `hvs.${text}` })),
  word.map((text) => ({ secret: text, token: `hvb.${text}` })),
  word.map((text) => ({ secret: text, token: `eyJhbGciOiJFUzI1NiJ9.${text}.${text}` })),
  word.map((text) => ({ secret: text, token: `Bearer ${text}` })),
  word.map((text) => ({ secret: text, token: `X-Vault-Token: ${text}` })),
);
const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\u001b[2J',
    '\u202e',
    '\0',
    '"',
    '\\',
    '\n',
    '\r\n',
    ' cannot ',
    'Bearer ',
    '"error":"invalid_token"',
  ),
  fc.constantFrom(...MESSAGES.map(({ text }) => text)),
  fc
    .constantFrom(...MESSAGES.map(({ text }) => text))
    .chain((text) => fc.nat(text.length).map((at) => text.slice(at))),
);
const claims = fc.record(
  {
    alg: fc.anything(),
    iss: fc.anything(),
    sub: fc.anything(),
    aud: fc.anything(),
    exp: fc.oneof(fc.double(), fc.anything()),
    nbf: fc.anything(),
    scope: fc.string({ unit: 'binary' }),
  },
  { requiredKeys: [] },
);

describe('any text', () => {
  it('is explained, in every format, without anything that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.array(claims, { maxLength: 2 }), (pieces, tokens) => {
        const explanation = explain({ text: pieces.join(''), tokens, nowSeconds: 1_000_000_000 });

        for (const format of FORMATS) {
          expect(printExplanation(format, explanation, PLAIN)).not.toMatch(OBEYED);
        }
      }),
      { numRuns: runs(1000) },
    );
  });

  it('names only scopes that the scope language knows', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const { missing } = explain({ text: pieces.join(''), tokens: [], nowSeconds: 0 });

        for (const scope of missing) {
          expect(parseScopes(printScope(scope)).scopes.map(({ scope: read }) => read)).toEqual([scope]);
        }
      }),
      { numRuns: runs(1000) },
    );
  });

  it('never shows a credential that is in it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGES),
        secret,
        fc.nat(4),
        (message, { secret: hidden, token }, place) => {
          const { text } = message;
          const at = Math.floor((text.length * place) / 4);
          const said = `${text.slice(0, at)}\n${token}\n${text.slice(at)}`;
          const explanation = explain({ text: said, tokens: [], nowSeconds: 0 });

          for (const format of FORMATS)
            expect(printExplanation(format, explanation, PLAIN)).not.toContain(hidden);
        },
      ),
      { numRuns: runs(1000) },
    );
  });
});
