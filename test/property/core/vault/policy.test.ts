import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shown } from '../../../../src/core/text.ts';
import { CAPABILITIES, type Capability, type PathRule } from '../../../../src/core/vault/policy.ts';
import { parseVaultPolicy } from '../../../../src/core/vault/policy-parse.ts';
import { printVaultPolicy } from '../../../../src/core/vault/print.ts';
import { fillTemplates, isBalanced, templatesIn } from '../../../../src/core/vault/template.ts';
import { anyPolicyText } from '../../../support/policy-mutations.ts';
import { runs } from '../../../support/runs.ts';

/** Any 16-bit units at all, lone surrogates among them, and what means something in HCL or JSON. */
const PIECES =
  '{ } [ ] " = , : \n \r \\ \\x ${ {{ }} + +* * / // # /* */ <<A\n <<-A\n A\n 0 08 1e .5 - path true null a \u0000 \ue123 \ud800 é 😀';
const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
const pieces = fc.array(fc.constantFrom(...PIECES.split(' '), ' ')).map((words) => words.join(''));
const anyText = fc.oneof(
  units,
  pieces,
  pieces.map((text) => `path "${text}" {`),
  pieces.map((text) => `{"path": ${text}`),
  anyPolicyText('OpenBao'),
  anyPolicyText('Vault'),
);

const path = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    pieces.map((text) => text.toWellFormed()),
  )
  .filter((text) => isBalanced(text) && !text.includes('+*'));
const capabilities = fc.oneof(
  fc.constant<readonly Capability[]>(['deny']),
  fc.subarray(CAPABILITIES.filter((word) => word !== 'deny')).map((words) => words.toSorted()),
);
const rule: fc.Arbitrary<PathRule> = fc.record({ path, capabilities, constraints: fc.constant([]) });

describe('a policy text of any kind', () => {
  it('gives rules or problems, never both and never an error', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { rules, problems } = parseVaultPolicy(text);
        expect(rules.length === 0 || problems.length === 0).toBe(true);
        for (const { line, column, message } of problems) {
          expect(line).toBeLessThanOrEqual(text.split('\n').length);
          expect(column).toBeGreaterThan(0);
          expect(shown(message, message.length)).toBe(message);
        }
        for (const { path: pattern, capabilities: held } of rules) {
          expect(isBalanced(pattern)).toBe(true);
          expect([...new Set(held)].toSorted()).toEqual(held);
          if (held.includes('deny')) expect(held).toEqual(['deny']);
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  it('says the same once it is printed', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const plain = parseVaultPolicy(text).rules.map((read) => ({ ...read, constraints: [] }));
        fc.pre(plain.length > 0);
        expect(parseVaultPolicy(printVaultPolicy(plain))).toEqual({ rules: plain, problems: [] });
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('rules of any kind', () => {
  it('come back from their printed text, which is printable ASCII', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 1, maxLength: 5 }), (rules) => {
        const text = printVaultPolicy(rules);
        expect(text).toMatch(/^[ -~\n]+$/u);
        expect(parseVaultPolicy(text)).toEqual({ rules, problems: [] });
      }),
      { numRuns: runs(2000) },
    );
  });

  it('have paths whose templates can be filled in or not, without an error', () => {
    const nobody = { entity: 'none', groups: { known: [], whole: true } } as const;
    fc.assert(
      fc.property(fc.oneof(path, units, pieces), (text) => {
        const kind = templatesIn(text).length === 0 ? ['filled', 'unknown'] : ['dropped', 'unknown'];
        expect(kind).toContain(fillTemplates(text, nobody).kind);
      }),
      { numRuns: runs(1000) },
    );
  });
});
