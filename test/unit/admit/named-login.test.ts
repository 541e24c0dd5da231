import { describe, expect, it } from 'vitest';
import { namedLogin } from '../../../src/admit/named-login.ts';
import { declarationOf } from '../../../src/core/admission/declaration.ts';
import { readWorkload } from '../../../src/core/admission/workload.ts';
import { DEFAULT_POLICY, type InjectionPolicy } from '../../../src/core/verdict/policy.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { workloadObject } from '../../support/workload.ts';

const WRAPPED: Partial<InjectionPolicy> = { issuance: ['Wrapped'], tokenRoles: ['wrapped_{serviceAccount}'] };

function named(
  annotations: Readonly<Record<string, string>>,
  injection: Partial<InjectionPolicy> = {},
  kind: 'Deployment' | 'Job' = 'Deployment',
) {
  const workload = readWorkload(workloadObject({ kind, annotations }), 'shop');
  if (workload === undefined) throw new Error('no workload');
  const policy = { ...DEFAULT_POLICY, injection: { ...DEFAULT_POLICY.injection, ...injection } };
  const declaration = declarationOf(workload.annotations, undefined, {
    namespace: 'shop',
    resources: TEST_RESOURCES,
  });
  return namedLogin(workload, declaration.injection, { ...policy, forbid: [], ceilings: [] });
}

const INJECT = { 'countersign.dev/inject': 'true' };

describe('the login that a workload names', () => {
  it.each<[string, Parameters<typeof named>, ReturnType<typeof named>]>([
    ['is none where no credentials are asked for', [{}], undefined],
    [
      'is as the account is called',
      [INJECT],
      { connection: 'default', role: 'api', maxTtlSeconds: undefined },
    ],
    [
      'is what the policy makes of the account',
      [INJECT, { roles: ['{namespace}_{serviceAccount}'], maxTtlSeconds: 60 }],
      { connection: 'default', role: 'shop_api', maxTtlSeconds: 60 },
    ],
    [
      'is none where the policy does not allow it',
      [{ ...INJECT, 'countersign.dev/vault-role': 'mine' }, { roles: ['other'] }],
      undefined,
    ],
    [
      'stays one where a token is made for it and a login comes after that',
      [INJECT, { ...WRAPPED, issuance: ['Wrapped', 'Login'] }],
      { connection: 'default', role: 'api', maxTtlSeconds: undefined },
    ],
    [
      'is a token role where there is no login to come after that',
      [INJECT, WRAPPED, 'Job'],
      { connection: 'default', role: 'api', maxTtlSeconds: undefined, mintedBy: 'wrapped_api' },
    ],
  ])('%s', (_, args, want) => {
    expect(named(...args)).toEqual(want);
  });
});
