import { describe, expect, it } from 'vitest';
import { REASONS, type ReasonCode, reasonOf } from '../../../../src/core/verdict/reasons.ts';

/** Sentences and steps are put after a colon and joined with others, so each is a clause. */
const CLAUSE = /^[\p{Ll}\d][^\n]{8,}[^.\s]$/u;
const CODES = Object.keys(REASONS) as ReasonCode[];

describe('a reason', () => {
  it.each(CODES)('%s says what it is, and what to do next if there is anything to do', (code) => {
    const { sentence, next = 'is nothing that can be done' } = reasonOf(code);

    expect(sentence).toMatch(CLAUSE);
    expect(next).toMatch(CLAUSE);
  });

  it('is told from every other by its sentence', () => {
    expect(new Set(CODES.map((code) => reasonOf(code).sentence)).size).toBe(CODES.length);
  });

  it.each<[ReasonCode, string]>([
    ['Missing', 'countersign fix DIR'],
    ['MissingOrNotYetFilled', 'countersign fix DIR'],
    ['Excess', 'narrow or remove'],
    ['Undeclared', 'annotation countersign.dev/needs'],
    ['SharedWithUndeclared', 'its own service account'],
    ['ForbiddenHeld', 'remove the binding'],
    ['ForbiddenNeed', 'countersign.dev/needs'],
    ['Overreach', 'owner of the policy'],
    ['NotConfirmed', 'try again'],
    ['FactsNotSynced', 'try again'],
    ['FactsTooOld', '/readyz'],
    ['RuleTooLarge', 'split the role'],
    ['NotInjected', 'create the pod again'],
    ['InjectionAltered', 'let admission add them'],
    ['DeclarationInvalid', 'annotation'],
    ['InjectionInvalid', 'annotation'],
    ['PolicyRefusesInjection', 'ask its owner'],
  ])('%s says how to get on: %s', (code, step) => {
    expect(reasonOf(code).next).toContain(step);
  });
});
