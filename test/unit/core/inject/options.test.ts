import { describe, expect, it } from 'vitest';
import { type OptionName, optionProblem } from '../../../../src/core/inject/options.ts';

describe('an annotation that is one word', () => {
  it.each<[OptionName, string]>([
    ['vault', 'a'],
    ['vault', 'a'.repeat(63)],
    ['vault', 'eu-1'],
    ['vault-role', 'a'],
    ['vault-role', '_'],
    ['vault-role', 'shop_api.v1-x'],
    ['vault-role', 'a'.repeat(253)],
    ['inject', 'true'],
    ['inject', 'login'],
    ['inject', 'wrapped'],
    ['inject', 'false'],
    ['token', 'file'],
    ['token', 'none'],
    ['agent', 'auto'],
    ['agent', 'init'],
    ['order', 'auto'],
    ['order', 'first'],
  ])('%s may be %s', (name, value) => {
    expect(optionProblem(name, value)).toBeUndefined();
  });

  it.each<[OptionName, string]>([
    ['vault', ''],
    ['vault', '-a'],
    ['vault', 'a-'],
    ['vault', 'A'],
    ['vault', 'https://vault.evil'],
    ['vault', 'a'.repeat(64)],
    ['vault-role', ''],
    ['vault-role', '.a'],
    ['vault-role', 'a.'],
    ['vault-role', 'a/b'],
    ['vault-role', 'a b'],
    ['vault-role', 'a'.repeat(254)],
    ['inject', 'yes'],
    ['inject', 'constructor'],
    ['agent', 'never'],
  ])('%s may not be %j', (name, value) => {
    expect(optionProblem(name, value)).toMatch(/^expected .*, found "/);
  });
});
