import { describe, expect, it } from 'vitest';
import {
  accountsWithRole,
  makeVaultRole,
  POLICIES,
  policyText,
  ROLES,
  RULES,
} from '../../../scripts/bench/vault-made.ts';
import { changeReview, injectReview } from '../../../scripts/bench/vault-reviews.ts';
import { accountName, namespaceOf, sizeOf } from '../../../scripts/bench/world.ts';
import { parseVaultPolicy } from '../../../src/core/vault/policy-parse.ts';

const SIZE = sizeOf(10_000);

describe('the Vault of the benchmarks', () => {
  it('has policies of eight rules, all of which can be read', () => {
    for (let at = 0; at < POLICIES; at += 1) {
      const { rules, problems } = parseVaultPolicy(policyText(SIZE, at, 'auth_kubernetes_1'));

      expect([rules.length, problems]).toEqual([RULES, []]);
    }
  });

  it('has as many roles as it says, each with a name of its own and policies that are there', () => {
    const roles = Array.from({ length: ROLES }, (_, at) => makeVaultRole(SIZE, at));

    expect(new Set(roles.map(({ name }) => name)).size).toBe(ROLES);
    const policies = new Set(Array.from({ length: POLICIES }, (_, at) => `policy-${at}`));
    for (const { fields } of roles) {
      expect((fields['token_policies'] as string[]).filter((name) => !policies.has(name))).toEqual([]);
    }
  });

  it('has a role of its own for most accounts below its size', () => {
    expect(accountsWithRole().length).toBeGreaterThan(ROLES * 0.9);
    for (const account of accountsWithRole()) {
      expect(makeVaultRole(SIZE, account).fields).toMatchObject({
        bound_service_account_names: accountName(account),
        bound_service_account_namespaces: namespaceOf(SIZE, account),
      });
    }
  });
});

describe('the reviews of the benchmarks', () => {
  it('all need something in Vault, every second one asks for credentials', () => {
    const reviews = accountsWithRole().map((account) => changeReview(SIZE, account));
    const asking = reviews.filter((review) => review.includes('countersign.dev/inject')).length;

    expect(reviews.filter((review) => !/countersign\.dev\/needs":"[^"]*vault /u.test(review))).toEqual([]);
    expect(asking / reviews.length).toBeCloseTo(0.5, 1);
  });

  it('are of pods that ask for credentials, for injection', () => {
    const review = injectReview(SIZE, 7);

    expect(JSON.parse(review)).toMatchObject({ request: { kind: { kind: 'Pod' } } });
    expect(review).toContain('"countersign.dev/inject":"true"');
  });
});
