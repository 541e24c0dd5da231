import { createDesk } from '../../src/desk/cluster-desk.ts';
import type { Desk, GrantVerdict, GrantWish, StoredGrant } from '../../src/desk/desk.ts';
import { type MemoryKube, memoryKube } from './memory-kube.ts';

/** What people see of a shop where a Deployment was refused. */

export const OURS = '/apis/countersign.dev/v1alpha1';
export const IN_SHOP = `${OURS}/namespaces/shop`;
export const ID = 'd-7f3k2m4q';
export const NOW = Date.parse('2026-01-31T12:10:00Z');

export const JANE = 'jane';
export const OMAR = 'omar';

export function denialObject(
  spec: object = {},
  status: object = {},
  name = ID,
): { readonly metadata: object; readonly status: object } {
  return {
    metadata: { name },
    spec: {
      workload: { kind: 'Deployment', name: 'api' },
      serviceAccount: { name: 'api', uid: 'sa-1' },
      policy: 'production',
      summary: `shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing, 1 excess [${ID}, policy production]`,
      findings: [
        {
          check: 'missing',
          reason: 'Missing',
          action: 'Deny',
          undetermined: false,
          scope: 'get pods in shop',
        },
        {
          check: 'excess',
          reason: 'Excess',
          action: 'Deny',
          undetermined: false,
          scope: '* secrets everywhere',
          risk: 'critical',
          via: 'ClusterRoleBinding legacy-admin → ClusterRole legacy',
        },
      ],
      ...spec,
    },
    status: {
      state: 'Open',
      count: 3,
      firstSeen: '2026-01-31T11:00:00Z',
      lastSeen: '2026-01-31T12:00:00Z',
      requesters: [{ name: JANE, count: 3 }],
      ...status,
    },
  } as { readonly metadata: object; readonly status: object };
}

export function grantSpec(spec: object = {}): object {
  return {
    serviceAccount: { name: 'api', uid: 'sa-1' },
    workload: { kind: 'Deployment', name: 'api' },
    scopes: ['* secrets everywhere'],
    checks: ['excess'],
    reason: 'the queue is stuck',
    duration: '1h',
    requester: JANE,
    decision: ID,
    ...spec,
  };
}

export interface Shop {
  readonly kube: MemoryKube;
  readonly desk: Desk;
}

/** With one denial, and one grant `api-1` that Jane asked for. */
export function shopSeenBy(username: string, spec: object = {}, groups: readonly string[] = []): Shop {
  const kube = memoryKube({ username, groups });
  kube.put(`${IN_SHOP}/denials`, denialObject() as never);
  kube.put(`${IN_SHOP}/accessgrants`, {
    metadata: { name: 'api-1', uid: 'g-1' },
    spec: grantSpec(spec),
  } as never);
  kube.put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'api', uid: 'sa-1' } });
  return { kube, desk: createDesk(kube.client, { namespace: 'shop', now: () => NOW }) };
}

export async function grantOf({ desk }: Shop, name = 'api-1'): Promise<StoredGrant> {
  const found = await desk.grant('shop', name);
  if (found === undefined) throw new Error(`no grant ${name}`);
  return found;
}

/** As it is shown now. */
export async function verdictOn(
  shop: Shop,
  decision: GrantVerdict['decision'],
  more: Partial<GrantVerdict> = {},
): Promise<GrantVerdict> {
  const { namespace, name: grant, uid: grantUID, scopesDigest } = await grantOf(shop);
  return { namespace, grant, grantUID, scopesDigest, decision, reason: 'agreed', ...more };
}

export const WISH: GrantWish = {
  namespace: 'shop',
  serviceAccount: { name: 'api', uid: 'sa-1' },
  workload: { kind: 'Deployment', name: 'api' },
  scopes: ['* secrets everywhere'],
  checks: ['excess'],
  reason: 'the queue is stuck',
  ticket: 'OPS-1',
  duration: '4h',
  decision: ID,
};
