import { describe, expect, it } from 'vitest';
import { effectivePolicies } from '../../../../src/core/vault/role.ts';
import { read, roleOf } from '../../../support/vault-roles.ts';

describe('a role', () => {
  it('is read as OpenBao 2.7.2 answers it, kubernetes', () => {
    const data = {
      alias_name_source: 'serviceaccount_name',
      bound_service_account_names: ['api', 'web*'],
      bound_service_account_namespace_selector: 'matchLabels:\n  env: prod\n',
      bound_service_account_namespaces: null,
      token_bound_cidrs: [],
      token_explicit_max_ttl: 0,
      token_max_ttl: 7200,
      token_no_default_policy: false,
      token_num_uses: 3,
      token_period: 0,
      token_policies: ['B', 'a', 'A '],
      token_strictly_bind_ip: false,
      token_ttl: 3600,
      token_type: 'batch',
    };
    expect(read('kubernetes', data, 'Shop')).toEqual({
      ok: true,
      role: {
        name: 'shop',
        method: 'kubernetes',
        binding: {
          kind: 'kubernetes',
          names: ['api', 'web*'],
          namespaces: [],
          namespaceSelector: { matchLabels: { env: 'prod' }, matchExpressions: [] },
          audience: '',
          aliasNameSource: 'serviceaccount_name',
        },
        policies: ['a', 'b'],
        policiesAreTemplates: false,
        noDefaultPolicy: false,
        ttlSeconds: 3600,
        maxTtlSeconds: 7200,
        explicitMaxTtlSeconds: undefined,
        periodSeconds: undefined,
        numUses: 3,
        tokenType: 'batch',
      },
    });
  });

  it('is read as OpenBao 2.7.2 answers it, jwt', () => {
    const data = {
      allowed_redirect_uris: null,
      bound_audiences: ['vault'],
      bound_claims: { '/kubernetes.io/namespace': 'shop', n: 1, b: [true, 'x'] },
      bound_claims_type: 'string',
      bound_subject: '',
      claim_mappings: { '/kubernetes.io/namespace': 'ns' },
      groups_claim: '',
      role_type: 'jwt',
      token_no_default_policy: true,
      token_num_uses: 0,
      token_policies: [],
      token_policies_template_claims: true,
      token_ttl: 600,
      token_type: 'default',
      user_claim: 'sub',
      user_claim_json_pointer: false,
    };
    expect(read('jwt', data)).toMatchObject({
      ok: true,
      role: {
        binding: {
          kind: 'jwt',
          roleType: 'jwt',
          userClaim: 'sub',
          userClaimIsPointer: false,
          boundAudiences: ['vault'],
          boundSubject: '',
          boundClaims: { '/kubernetes.io/namespace': ['shop'], n: [], b: ['x'] },
          boundClaimsType: 'string',
          groupsClaim: '',
          claimMappings: { '/kubernetes.io/namespace': 'ns' },
        },
        policies: [],
        policiesAreTemplates: true,
        noDefaultPolicy: true,
        ttlSeconds: 600,
        maxTtlSeconds: undefined,
        explicitMaxTtlSeconds: undefined,
      },
    });
  });

  it('is read as it can be written', () => {
    expect(
      roleOf('kubernetes', {
        bound_service_account_names: 'api, web',
        token_policies: 'a,b',
        token_ttl: '1h30m',
        token_max_ttl: '7200',
      }),
    ).toMatchObject({
      binding: { names: ['api', 'web'] },
      policies: ['a', 'b'],
      ttlSeconds: 5400,
      maxTtlSeconds: 7200,
    });
  });

  it('is read with the older names of its fields', () => {
    expect(
      roleOf('kubernetes', { policies: ['old'], ttl: 60, max_ttl: 120, period: 30, num_uses: 2 }),
    ).toMatchObject({
      policies: ['old'],
      ttlSeconds: 60,
      maxTtlSeconds: 120,
      periodSeconds: 30,
      numUses: 2,
    });
  });

  it.each([
    ['an empty selector', '{}', { matchLabels: {}, matchExpressions: [] }],
    ['JSON', '{"matchLabels": {"a": "b"}}', { matchLabels: { a: 'b' }, matchExpressions: [] }],
    ['expressions', '{"matchExpressions": []}', 'unreadable'],
    ['a number as label', 'matchLabels: {a: 1}', 'unreadable'],
    ['a text', 'a=b', 'unreadable'],
  ])('has a namespace selector: %s', (_, selector, namespaceSelector) => {
    const role = roleOf('kubernetes', { bound_service_account_namespace_selector: selector });
    expect(role.binding).toMatchObject({ namespaceSelector });
  });

  it.each([
    ['kubernetes', null, ['']],
    ['kubernetes', [], ['']],
    ['kubernetes', 'text', ['']],
    ['kubernetes', {}, ['bound_service_account_names']],
    ['kubernetes', { bound_service_account_names: [1] }, ['bound_service_account_names']],
    ['kubernetes', { bound_service_account_names: 'a', alias_name_source: 'pod' }, ['alias_name_source']],
    ['kubernetes', { bound_service_account_names: 'a', token_ttl: 'soon' }, ['token_ttl']],
    ['kubernetes', { bound_service_account_names: 'a', token_num_uses: -1 }, ['token_num_uses']],
    ['kubernetes', { bound_service_account_names: 'a', token_policies: {} }, ['token_policies']],
    ['jwt', {}, ['user_claim']],
    ['jwt', { user_claim: 'sub', bound_claims: ['x'] }, ['bound_claims']],
    ['jwt', { user_claim: 'sub', bound_claims: { a: {} } }, ['bound_claims']],
    [
      'jwt',
      { user_claim: 'sub', role_type: 'saml', bound_claims_type: 'regex' },
      ['role_type', 'bound_claims_type'],
    ],
    ['jwt', { user_claim: 'sub', claim_mappings: { a: 1 } }, ['claim_mappings']],
    ['jwt', { user_claim: 7, token_no_default_policy: 'no' }, ['user_claim', 'token_no_default_policy']],
  ] as const)('of method %s is refused as %j', (method, data, fields) => {
    const answer = read(method, data);
    expect(answer.ok).toBe(false);
    const wrong = answer.ok ? [] : answer.problems.map(({ field }) => field);
    expect(new Set(wrong)).toEqual(new Set(fields));
  });

  it('may bind a claim of any name', () => {
    const data = JSON.parse(
      '{"user_claim": "sub", "bound_claims": {"__proto__": "x", "toString": "y"}}',
    ) as object;
    const role = roleOf('jwt', data);
    expect(Object.entries(role.binding.kind === 'jwt' ? role.binding.boundClaims : {})).toEqual([
      ['__proto__', ['x']],
      ['toString', ['y']],
    ]);
  });

  it.each([
    [{ token_policies: ['b', 'a'] }, ['a', 'b', 'default']],
    [{ token_policies: ['default', 'a'] }, ['a', 'default']],
    [{ token_policies: ['a'], token_no_default_policy: true }, ['a']],
    [{ token_policies: ['default'], token_no_default_policy: true }, ['default']],
    [{}, ['default']],
  ])('with %j has the policies %j', (data, policies) => {
    expect(effectivePolicies(roleOf('kubernetes', data))).toEqual(policies);
  });
});
