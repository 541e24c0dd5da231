import { describe, expect, it } from 'vitest';
import { chooseIssuance, chooseRole } from '../../../../src/core/verdict/injection-policy.ts';
import { API } from '../../../support/rbac.ts';

describe('the Vault role', () => {
  const rules = (roles: readonly string[], vaults: readonly string[] = ['default']) => ({
    roles,
    vaults,
    issuance: ['Login'] as const,
    tokenRoles: [],
    maxTtlSeconds: undefined,
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

describe('the issuance', () => {
  type Issuances = readonly ('Login' | 'Wrapped')[];
  const chosen = (
    issuance: 'policy' | 'login' | 'wrapped',
    allowed: Issuances,
    tokenRoles: readonly string[] = ['wrapped_{namespace}_{serviceAccount}'],
    ofJob = false,
  ) => {
    const rules = { vaults: ['*'], roles: ['*'], issuance: allowed, tokenRoles, maxTtlSeconds: undefined };
    return chooseIssuance({ issuance, ofJob }, rules, API, 'p');
  };
  const wrapped = (tokenRole: string, fallback: 'login' | 'none') => ({
    kind: 'wrapped',
    tokenRole,
    fallback,
  });

  it.each<[string, ReturnType<typeof chosen>, object]>([
    ['login, where the policy names it first', chosen('policy', ['Login', 'Wrapped']), { kind: 'login' }],
    ['login, where it is asked for', chosen('login', ['Wrapped', 'Login']), { kind: 'login' }],
    [
      'wrapped, where the policy names it first',
      chosen('policy', ['Wrapped', 'Login']),
      wrapped('wrapped_shop_api', 'login'),
    ],
    [
      'wrapped, where it is asked for',
      chosen('wrapped', ['Login', 'Wrapped']),
      wrapped('wrapped_shop_api', 'login'),
    ],
    [
      'wrapped without a fallback for a pod of a Job',
      chosen('policy', ['Wrapped'], ['x-*', '{serviceAccount}'], true),
      wrapped('api', 'none'),
    ],
    [
      'wrapped by the account’s name where any token role is allowed',
      chosen('wrapped', ['Login', 'Wrapped'], ['*']),
      wrapped('api', 'login'),
    ],
  ])('is %s', (_, found, wanted) => {
    expect(found).toEqual(wanted);
  });

  it.each<[string, ReturnType<typeof chosen>, string]>([
    [
      'wrapped where it is not allowed',
      chosen('wrapped', ['Login']),
      'policy p allows no Wrapped; it allows Login',
    ],
    [
      'login where it is not allowed',
      chosen('login', ['Wrapped']),
      'policy p allows no Login; it allows Wrapped',
    ],
    [
      'wrapped without login for anything but a Job',
      chosen('policy', ['Wrapped']),
      'policy p allows Wrapped without Login, which is for pods of a Job alone: a pod that starts again later has no other way to a token',
    ],
    [
      'a token role that no pattern allows',
      chosen('wrapped', ['Login', 'Wrapped'], ['team-*', 'x*']),
      'policy p allows no token role api for this account; it allows team-*, x*',
    ],
    [
      'any token role where there is no pattern',
      chosen('wrapped', ['Login', 'Wrapped'], []),
      'policy p allows no token role api for this account; it allows none',
    ],
  ])('may not be %s', (_, found, problem) => {
    expect(found).toEqual({ kind: 'refused', problem });
  });
});
