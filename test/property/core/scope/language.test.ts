import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../../../src/core/rbac/rules.ts';
import { scopesOfRule } from '../../../../src/core/scope/from-rule.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { Place, Scope } from '../../../../src/core/scope/scope.ts';
import { runs } from '../../../support/runs.ts';

const WORDS =
  'get * pods pods/log */scale */* named in everywhere vault url core any apps a.b / /metrics # , "" "a" {namespace}';

const ODD = 'a b . , / * # " \\ \t \n \r + : @ { } \u00a0 \u2028 \u202e \u200b \u0000 \ud800 \udc00 é'
  .split(' ')
  .concat(' ');

/** Any 16-bit units at all, lone surrogates among them; whole characters; and what means something in the language. */
const text = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...ODD)).map((units) => units.join('')),
  fc.constantFrom(...WORDS.split(' '), '', '__proto__'),
);
const texts = fc.array(text, { minLength: 1, maxLength: 4 });
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom('own', 'everywhere'),
  text.map((namespace) => ({ namespace })),
);
const rule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: texts,
  apiGroups: fc.array(text, { maxLength: 3 }),
  resources: fc.array(text, { maxLength: 3 }),
  resourceNames: fc.array(text, { maxLength: 3 }),
  nonResourceURLs: fc.array(text, { maxLength: 3 }),
});
const CAPABILITIES = [
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'sudo',
  'deny',
  'subscribe',
  'recover',
  'scan',
];
const vault: fc.Arbitrary<Scope> = fc.record({
  kind: fc.constant('vault'),
  capabilities: fc.array(fc.constantFrom(...CAPABILITIES), { minLength: 1 }),
  path: fc.oneof(
    text,
    fc.array(fc.constantFrom('a', '/', '+', '*', 'v1/', '{{x}}')).map((parts) => parts.join('')),
  ),
});
const scopes: fc.Arbitrary<readonly Scope[]> = fc.oneof(
  fc.tuple(rule, place).map(([written, where]) => [...scopesOfRule(written, where)]),
  fc.array(vault, { minLength: 1 }),
);

const RUNS = { numRuns: runs(2000) };

describe('the scope language', () => {
  it('reads back every scope of every RBAC rule as it was printed', () => {
    fc.assert(
      fc.property(scopes, (all) => {
        const { scopes: parsed, problems } = parseScopes(all.map(printScope).join('\n'));

        expect(problems).toEqual([]);
        expect(parsed.map(({ scope }) => scope)).toEqual(all);
      }),
      RUNS,
    );
  });

  it('prints one line of printable ASCII', () => {
    fc.assert(
      fc.property(scopes, (all) => {
        for (const scope of all) expect(printScope(scope)).toMatch(/^[ -~]+$/);
      }),
      RUNS,
    );
  });

  it('prints what it reads canonically: printing it again changes nothing', () => {
    fc.assert(
      fc.property(expression, (line) => {
        const printed = parseScopes(line).scopes.map(({ scope }) => printScope(scope));

        expect(parseScopes(printed.join('\n')).scopes.map(({ scope }) => printScope(scope))).toEqual(printed);
      }),
      RUNS,
    );
  });

  it('keeps comments and white space out of the meaning', () => {
    fc.assert(
      fc.property(
        scopes,
        fc.stringMatching(/^[ \t]*$/),
        fc.string({ unit: 'binary' }),
        (all, space, comment) => {
          const lines = all.map(
            (scope) => `${space}${printScope(scope)}${space} #${comment.replaceAll('\n', '')}`,
          );

          const { scopes: parsed, problems } = parseScopes(lines.join('\r\n'));

          expect(problems).toEqual([]);
          expect(parsed.map(({ scope }) => scope)).toEqual(all);
          expect(parsed.map(({ text: written }) => written)).toEqual(all.map(printScope));
        },
      ),
      RUNS,
    );
  });
});

/** Lines that are nearly right. */
const expression = fc
  .array(
    fc.oneof(
      fc.constantFrom(...WORDS.split(' '), ',', '.', '/', '"', ' '),
      text,
      fc.constant(' '),
      fc.constant('get pods'),
    ),
  )
  .map((parts) => parts.join(''));

describe('parseScopes', () => {
  it('answers every text: each line is empty, a scope or a problem that points into it', () => {
    fc.assert(
      fc.property(
        fc.array(expression).map((lines) => lines.join('\n')),
        (input) => {
          const lines = input.split('\n');

          const { scopes: parsed, problems } = parseScopes(input);

          const seen = [...parsed, ...problems].map(({ line }) => line);
          expect(new Set(seen).size).toBe(seen.length);
          for (const { line, column } of [...parsed, ...problems]) {
            expect(column).toBeGreaterThanOrEqual(1);
            expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
          }
          const passedOver = lines.filter((_, index) => !seen.includes(index + 1));
          for (const line of passedOver) expect(line).toMatch(/^[ \t]*(?:#.*)?\r?$/s);
        },
      ),
      RUNS,
    );
  });

  it('says everything in printable text', () => {
    fc.assert(
      fc.property(expression, (input) => {
        const { scopes: parsed, problems } = parseScopes(input);

        for (const { message } of problems) expect(message).toMatch(/^[ -~]+$/);
        for (const { text: written } of parsed) expect(written).not.toMatch(/[^\P{C}\t]|[^\P{Z} ]/u);
      }),
      RUNS,
    );
  });
});
