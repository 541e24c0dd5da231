import { describe, expect, it } from 'vitest';
import { type AccountLabels, admits } from '../../../../src/core/vault/role.ts';
import { roleOf, SHOP_API } from '../../../support/vault-roles.ts';

const NAMESPACE = '/kubernetes.io/namespace';
const names = (bound: string | string[], namespaces: string | string[] | undefined, selector = '') => ({
  bound_service_account_names: bound,
  bound_service_account_namespaces: namespaces,
  bound_service_account_namespace_selector: selector,
});
const PROD = '{"matchLabels": {"env": "prod"}}';
const TEST = '{"matchLabels": {"env": "test"}}';

describe('a role of the kubernetes method', () => {
  it.each([
    ['by its name', names('api', 'shop'), false],
    ['by one of several', names(['web', 'api'], ['blog', 'shop']), false],
    ['by a glob', names('a*i', 's*p'), false],
    ['of one namespace', names('*', 'shop'), false],
    ['by its name anywhere', names('api', '*'), false],
    ['anywhere', names('*', '*'), true],
    ['by globs for anything', names('**', ['x', '*']), true],
    ['by the labels of its namespace', names('api', undefined, PROD), false],
    ['by either namespace or labels', names('api', 'shop', TEST), false],
    ['by a selector of every namespace', names('*', undefined, '{}'), true],
    ['whatever the audience', { ...names('api', 'shop'), audience: 'other' }, false],
  ])('admits %s', (_, data, anyAccount) => {
    expect(admits(roleOf('kubernetes', data), SHOP_API)).toEqual({ kind: 'yes', anyAccount });
  });

  it.each([
    ['another name', names('web', '*'), 'name'],
    ['a name in another case', names('API', '*'), 'name'],
    ['part of a name', names('ap', '*'), 'name'],
    ['another namespace', names('*', 'blog'), 'namespace'],
    ['other labels', names('api', 'blog', TEST), 'namespace'],
    ['no namespace at all', names('api', undefined), 'namespace'],
    ['another name, with labels that nobody can read', names('web', undefined, 'x'), 'name'],
    ['root tokens', { ...names('*', '*'), token_policies: ['Root'] }, 'root'],
  ])('does not admit for %s', (_, data, why) => {
    expect(admits(roleOf('kubernetes', data), SHOP_API)).toEqual({ kind: 'no', why });
  });

  it.each([
    ['with labels that are not known', PROD, { ...SHOP_API, namespaceLabels: undefined }],
    ['with a selector that cannot be read', '{"matchExpressions": [{}]}', SHOP_API],
  ] satisfies [string, string, AccountLabels][])('is unknown %s', (_, selector, account) => {
    const role = roleOf('kubernetes', names('api', 'blog', selector));
    expect(admits(role, account)).toEqual({ kind: 'unknown', why: expect.any(String) as string });
  });
});

const SUBJECT = 'system:serviceaccount:shop:api';
const claims = (bound: object, type = 'string') => ({ bound_claims: bound, bound_claims_type: type });

describe('a role of the jwt method', () => {
  it.each([
    ['who has its audience', {}, true],
    ['by subject', { bound_subject: SUBJECT }, false],
    ['by subject as a claim', claims({ sub: ['x', SUBJECT] }), false],
    ['by namespace', claims({ [NAMESPACE]: 'shop' }), false],
    ['by name', claims({ '/kubernetes.io/serviceaccount/name': 'api' }), false],
    ['by uid', claims({ '/kubernetes.io/serviceaccount/uid': SHOP_API.uid }), false],
    [
      'by an escaped pointer',
      claims({ '/kubernetes.io/serviceaccount/name': 'api', '/sub': SUBJECT }),
      false,
    ],
    ['by a glob', claims({ sub: 'system:serviceaccount:shop:*' }, 'glob'), false],
    ['by a glob for every account', claims({ sub: 'system:serviceaccount:*' }, 'glob'), true],
    ['by a glob for any text', claims({ [NAMESPACE]: '*', iss: '*' }, 'glob'), true],
    ['by an audience as a claim', claims({ aud: 'vault' }), true],
    ['by an item of the audiences', claims({ '/aud/0': 'vault' }), true],
    ['whose groups are a text', { groups_claim: NAMESPACE }, true],
    ['whose groups are the audiences', { groups_claim: 'aud' }, true],
    ['whose user is behind a pointer', { user_claim: NAMESPACE, user_claim_json_pointer: true }, true],
    ['whose mapped claims are texts', { claim_mappings: { [NAMESPACE]: 'ns', nope: 'x' } }, true],
  ])('admits %s', (_, data, anyAccount) => {
    expect(admits(roleOf('jwt', data), SHOP_API)).toEqual({ kind: 'yes', anyAccount });
  });

  it.each([
    ['another subject', { bound_subject: 'system:serviceaccount:shop:web' }, 'subject'],
    ['a glob as subject', { bound_subject: 'system:serviceaccount:*' }, 'subject'],
    ['another namespace', claims({ [NAMESPACE]: 'blog' }), 'claims'],
    ['a glob that is none', claims({ [NAMESPACE]: '*' }), 'claims'],
    ['one claim of two', claims({ [NAMESPACE]: 'shop', sub: 'x' }), 'claims'],
    ['a claim that such a token has not', claims({ email: '*' }, 'glob'), 'claims'],
    ['a claim that is an object', claims({ 'kubernetes.io': '*' }, 'glob'), 'claims'],
    ['a claim below a text', claims({ '/sub/x': '*' }, 'glob'), 'claims'],
    ['a number as glob', claims({ exp: '*' }, 'glob'), 'claims'],
    ['values that are no texts', claims({ [NAMESPACE]: [1, true] }), 'claims'],
    ['a claim that no object of ours has', claims({ toString: '*' }, 'glob'), 'claims'],
    ['no audience', { bound_audiences: null, bound_subject: SUBJECT }, 'audience'],
    ['people', { role_type: 'oidc' }, 'oidc'],
    ['a user claim that is not there', { user_claim: 'email' }, 'claims'],
    ['a user claim that is a list', { user_claim: 'aud' }, 'claims'],
    ['a user claim that looks like a pointer', { user_claim: NAMESPACE }, 'claims'],
    ['groups that are not there', { groups_claim: 'groups' }, 'claims'],
    ['groups that are a number', { groups_claim: 'exp' }, 'claims'],
    ['a mapped claim that is a list', { claim_mappings: { aud: 'x' } }, 'claims'],
    ['another namespace, though another claim is unknown', claims({ iss: 'x', [NAMESPACE]: 'y' }), 'claims'],
    ['root tokens', { token_policies: 'root' }, 'root'],
  ])('does not admit for %s', (_, data, why) => {
    expect(admits(roleOf('jwt', data), SHOP_API)).toEqual({ kind: 'no', why });
  });

  it.each([
    ['iss', 'string'],
    ['exp', 'string'],
    ['iss', 'glob'],
    ['/kubernetes.io/pod/name', 'string'],
    ['/kubernetes.io/node/uid', 'glob'],
  ])('is unknown where it binds %s as %s', (claim, type) => {
    expect(admits(roleOf('jwt', claims({ [claim]: 'x*' }, type)), SHOP_API)).toEqual({
      kind: 'unknown',
      why: `it binds the claim ${claim}, which only the token has`,
    });
  });
});
