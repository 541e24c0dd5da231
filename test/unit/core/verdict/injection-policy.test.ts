import { describe, expect, it } from 'vitest';
import { chooseRole } from '../../../../src/core/verdict/injection-policy.ts';
import { API } from '../../../support/rbac.ts';

describe('the Vault role', () => {
  const rules = (roles: readonly string[], vaults: readonly string[] = ['default']) => ({
    roles,
    vaults,
    issuance: ['Login'] as const,
  });

  it.each([
    [
      'the policy’s pattern, filled in',
      rules(['{namespace}_{serviceAccount}']),
      undefined,
      { vault: 'default', role: 'shop_api' },
    ],
    ['the account’s name where any is allowed', rules(['*']), undefined, { vault: 'default', role: 'api' }],
    [
      'what is asked for, where it is allowed',
      rules(['{namespace}_*']),
      'shop_batch',
      { vault: 'default', role: 'shop_batch' },
    ],
    [
      'the first pattern that names one, where nothing is asked for',
      rules(['team-*', '{serviceAccount}-vault', 'other']),
      undefined,
      { vault: 'default', role: 'api-vault' },
    ],
    [
      'that of any connection which a pattern allows',
      rules(['*'], ['east', 'def*']),
      undefined,
      { vault: 'default', role: 'api' },
    ],
  ])('is %s', (_, injection, role, wanted) => {
    expect(chooseRole({ vault: 'default', role }, injection, API, 'p')).toEqual(wanted);
  });

  it.each([
    [
      'another account’s role',
      rules(['{namespace}_{serviceAccount}']),
      'default',
      'shop_web',
      'vault-role',
      'policy p allows no Vault role shop_web for this account; it allows shop_api',
    ],
    [
      'the account’s name where no pattern matches it',
      rules(['team-*']),
      'default',
      undefined,
      'vault-role',
      'policy p allows no Vault role api for this account; it allows team-*',
    ],
    [
      'what none of several patterns allows',
      rules(['team-*', '{namespace}']),
      'default',
      'admin',
      'vault-role',
      'policy p allows no Vault role admin for this account; it allows team-*, shop',
    ],
    [
      'another connection',
      rules(['*']),
      'other',
      undefined,
      'vault',
      'policy p allows no Vault connection other; it allows default',
    ],
    [
      'a connection that none of several patterns allows',
      rules(['*'], ['default', 'east-*']),
      'east',
      'api',
      'vault',
      'policy p allows no Vault connection east; it allows default, east-*',
    ],
  ])('is refused: %s', (_, injection, vault, role, annotation, problem) => {
    expect(chooseRole({ vault, role }, injection, API, 'p')).toEqual({ annotation, problem });
  });
});
