import { describe, expect, it } from 'vitest';
import { accessOf } from '../../../../src/core/report/access.ts';
import type { ScopeAccess } from '../../../../src/core/report/access-report.ts';
import type { VerdictInput } from '../../../../src/core/verdict/verdict.ts';
import { API, binding, clusterRole, heldBy, role, rule } from '../../../support/rbac.ts';
import { vaultHeld, vaultLogin } from '../../../support/vault-held.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';

const HELD = heldBy(
  API,
  role('shop/api', rule('get,list', 'pods'), rule('get', 'secrets')),
  binding('shop/api', 'Role:api', 'ServiceAccount:shop/api'),
  clusterRole('legacy', rule('list', 'nodes')),
  binding('legacy', 'ClusterRole:legacy', 'Group:system:serviceaccounts'),
);
const OWN = 'RoleBinding shop/api → Role api';

const WORKLOAD = { kind: 'Deployment', name: 'api', policy: 'p', declared: true, result: 'pass' } as const;

function access(needs: readonly string[], more: Partial<VerdictInput> = {}, partial = false) {
  const input = verdictInput(HELD, scopes(...needs), more);
  return accessOf({ account: API, workloads: [WORKLOAD], input, partial });
}

const lines = (rows: readonly ScopeAccess[]) =>
  rows.map(({ state, risk, scope, via, undetermined }) =>
    [undetermined ? `${state}?` : state, risk, scope, via].join(' | '),
  );

describe('the access of an account', () => {
  it('is what it holds, needed or not, and what it lacks', () => {
    const found = access(['get pods', 'update configmaps']);

    expect(lines(found.scopes)).toEqual([
      'missing | medium | update configmaps in shop | ',
      `excess | high | get secrets in shop | ${OWN}`,
      `excess | low | list nodes everywhere | ClusterRoleBinding legacy → ClusterRole legacy (group system:serviceaccounts)`,
      `excess | low | list pods in shop | ${OWN}`,
      `needed | low | get pods in shop | ${OWN}`,
    ]);
    expect(found).toMatchObject({
      held: 4,
      needed: 1,
      missing: 1,
      unknown: 0,
      excess: { critical: 0, high: 1, medium: 0, low: 2 },
    });
  });

  it('is not known to be needed where nothing is declared', () => {
    const found = access([], { declared: false });

    expect(found).toMatchObject({
      needed: 0,
      unknown: 3,
      excess: { critical: 0, high: 0, medium: 0, low: 0 },
    });
    expect(found.notes).toHaveLength(1);
  });

  it('may have what it seems to lack where bindings are not known', () => {
    expect(lines(access(['update configmaps'], {}, true).scopes)[0]).toBe(
      'missing? | medium | update configmaps in shop | ',
    );
  });

  it('has what Vault gives, by role and policy', () => {
    const login = vaultLogin({ 'shop-api': ['read secret/data/shop', 'update secret/data/shop'] });
    const found = access(['vault read secret/data/shop'], {
      vault: { held: vaultHeld(login), named: undefined },
    });

    expect(found.vaultRoles).toEqual([
      {
        connection: 'default',
        mount: 'kubernetes',
        role: 'shop_api',
        policies: ['shop-api'],
        anyAccount: false,
      },
    ]);
    expect(lines(found.scopes).filter((line) => line.includes('vault'))).toEqual([
      'excess | low | vault update secret/data/shop | Vault role shop_api → policy shop-api',
      'needed | low | vault read secret/data/shop | Vault role shop_api → policy shop-api',
    ]);
  });

  it('is bounded, and the rest is counted', () => {
    const names = [...Array(600).keys()].map((at) => `secret-${String(at).padStart(3, '0')}`);
    const rules = names.map((name) => rule('get', 'secrets', { resourceNames: [name] }));
    const held = heldBy(
      API,
      role('shop/api', ...rules),
      binding('shop/api', 'Role:api', 'ServiceAccount:shop/api'),
    );
    const found = accessOf({ account: API, workloads: [], input: verdictInput(held, []), partial: false });

    expect(found).toMatchObject({ held: 600, moreScopes: 100 });
    expect(found.scopes).toHaveLength(500);
  });
});
