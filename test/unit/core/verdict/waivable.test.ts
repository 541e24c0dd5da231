import { describe, expect, it } from 'vitest';
import { WAIVABLE_CHECKS } from '../../../../src/core/verdict/policy.ts';
import { isOfManifest, isWaivable, waivableChecks } from '../../../../src/core/verdict/waivable.ts';

const found = (check: string, more: object = {}) => ({ check, action: 'Deny', undetermined: false, ...more });

describe('what a grant may waive', () => {
  it.each<[string, ReturnType<typeof found>, readonly string[] | undefined, boolean]>([
    ['is what refuses, and the policy lets grants waive', found('excess'), ['excess'], true],
    ['is nothing else', found('missing'), ['excess'], false],
    ['is nothing where the policy says so', found('excess'), [], false],
    ['is not what is only warned of', found('excess', { action: 'Warn' }), ['excess'], false],
    ['is not what is not known', found('excess', { undetermined: true }), ['excess'], false],
    ['may be any check where the policy is not known', found('undeclared'), undefined, true],
    ['is never what is forbidden', found('forbidden'), ['forbidden'], false],
    ['is never how something is asked for', found('request'), undefined, false],
  ])('%s', (_, finding, mayWaive, want) => {
    expect(isWaivable(finding, mayWaive)).toBe(want);
  });

  it('is each check once, in one order', () => {
    const findings = [found('excess'), found('missing'), found('excess'), found('forbidden')];

    expect(waivableChecks(findings, [...WAIVABLE_CHECKS].toReversed())).toEqual(['missing', 'excess']);
    expect(waivableChecks(findings, ['overreach', 'excess'])).toEqual(['excess']);
  });
});

describe('what only the manifest mends', () => {
  it.each([
    ['is what is wrong with nothing but the request', ['request', 'request'], true],
    ['is not what a role mends too', ['request', 'missing'], false],
    ['is not a denial of which no finding is known', [], false],
  ])('%s', (_, checks, want) => {
    expect(isOfManifest(checks.map((check) => found(check)))).toBe(want);
  });
});
