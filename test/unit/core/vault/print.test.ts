import { describe, expect, it } from 'vitest';
import { printVaultPolicy } from '../../../../src/core/vault/print.ts';

describe('a printed policy', () => {
  it('has a block for each rule', () => {
    const rules = [
      { path: 'secret/data/shop/*', capabilities: ['list', 'read'], constraints: [] },
      { path: '/a"\\${b}é😀\n', capabilities: [], constraints: ['max_wrapping_ttl', 'mfa_methods'] },
    ] as const;
    expect(printVaultPolicy(rules)).toBe(`path "secret/data/shop/*" {
  capabilities = ["list", "read"]
}

# with max_wrapping_ttl, mfa_methods
path "//a\\"\\\\\\u0024{b}\\u00e9\\U0001f600\\u000a" {
  capabilities = []
}
`);
  });

  it('is empty without rules', () => {
    expect(printVaultPolicy([])).toBe('');
  });
});
