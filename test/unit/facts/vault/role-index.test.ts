import { describe, expect, it } from 'vitest';
import { type AuthMethod, admits } from '../../../../src/core/vault/role.ts';
import { createRoleIndex } from '../../../../src/facts/vault/role-index.ts';
import { roleOf, SHOP_API } from '../../../support/vault-roles.ts';

const SUBJECT = 'system:serviceaccount:shop:api';

const cases: readonly (readonly [title: string, method: AuthMethod, data: object, isThere: boolean])[] = [
  ['binds the name', 'kubernetes', {}, true],
  ['binds the name beside others', 'kubernetes', { bound_service_account_names: ['web', 'api'] }, true],
  ['binds the name twice', 'kubernetes', { bound_service_account_names: ['api', 'api'] }, true],
  ['binds names by a glob', 'kubernetes', { bound_service_account_names: ['web', 'a*'] }, true],
  ['binds any name', 'kubernetes', { bound_service_account_names: ['*'] }, true],
  [
    'binds the name and the subject as one',
    'kubernetes',
    { bound_service_account_names: ['api', SUBJECT] },
    true,
  ],
  ['binds another name', 'kubernetes', { bound_service_account_names: ['web'] }, false],
  ['binds the subject', 'jwt', { bound_subject: SUBJECT }, true],
  ['binds no subject', 'jwt', {}, true],
  ['binds another subject', 'jwt', { bound_subject: `${SUBJECT}-2` }, false],
];

describe('roles by the account that they bind', () => {
  it.each(cases)('of one that %s', (_, method, data, isThere) => {
    const role = roleOf(method, data);
    const found = [...createRoleIndex([role]).maybe(SHOP_API)];

    expect(found).toEqual(isThere ? [role] : []);
    expect(admits(role, SHOP_API).kind === 'yes').toBe(isThere);
  });

  it('are told apart', () => {
    const roles = [
      roleOf('kubernetes', {}, 'own'),
      roleOf('kubernetes', { bound_service_account_names: ['web'] }, 'other'),
      roleOf('kubernetes', { bound_service_account_names: ['*'] }, 'all'),
    ];
    const names = [...createRoleIndex(roles).maybe(SHOP_API)].map(({ name }) => name);

    expect(names.toSorted()).toEqual(['all', 'own']);
  });
});
