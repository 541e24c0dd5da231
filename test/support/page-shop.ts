import { createDesk } from '../../src/desk/cluster-desk.ts';
import type { Desk } from '../../src/desk/desk.ts';
import { denialObject, grantSpec, OURS } from './desk.ts';
import { type MemoryKube, memoryKube } from './memory-kube.ts';

/** A cluster with enough refused that a queue has something to show. Times are near the real clock, which the page has. */
export interface PageShop {
  readonly kube: MemoryKube;
  readonly desk: Desk;
}

export function ago(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/u, 'Z');
}

const PLACES = ['shop', 'pay', 'search'] as const;
const STATES = ['Open', 'Open', 'Granted', 'Open', 'Resolved', 'Rejected', 'Expired'] as const;
const NAMES = [
  'web',
  'worker',
  'ledger',
  'indexer',
  'mailer',
  'cache-warmer-with-a-rather-long-name-0123456789',
];

/** `shop/api` is refused and Jane asks for it; others are refused beside. */
export function pageShop(username: string, more = 12): PageShop {
  const kube = memoryKube({ username, groups: ['system:authenticated'], now: ago(12) });
  const add = (namespace: string, plural: string, object: { readonly metadata: object }) =>
    kube.put(`${OURS}/namespaces/${namespace}/${plural}`, object as never);
  add('shop', 'denials', denialObject({}, { firstSeen: ago(95), lastSeen: ago(3) }));
  for (let at = 0; at < more; at += 1) {
    const [namespace, state] = [PLACES[at % PLACES.length] ?? 'shop', STATES[at % STATES.length]];
    const name = `d-${at.toString(16).padStart(8, '0')}`;
    const workload = { kind: at % 2 === 0 ? 'Deployment' : 'CronJob', name: NAMES[at % NAMES.length] };
    const risk = ['high', 'medium', 'low'][at % 3];
    const findings = [
      {
        check: at % 2 === 0 ? 'excess' : 'missing',
        reason: 'Excess',
        action: 'Deny',
        undetermined: false,
        scope: 'vault update secret/data/shared/*',
        risk,
        via: 'Vault role shop_api → policy shared-rw',
      },
    ];
    const summary = `${namespace}/${workload.name} (${workload.kind}) may not run: 1 ${findings[0]?.check} [${name}, policy production]`;
    const status = { state, count: at + 1, firstSeen: ago(600), lastSeen: ago(20 * at + 7) };
    add(namespace, 'denials', denialObject({ workload, findings, summary }, status, name));
  }
  add('shop', 'accessgrants', {
    metadata: { name: 'api-7x2kq', uid: 'g-1' },
    spec: grantSpec({ ticket: 'OPS-1412' }),
  } as never);
  add('shop', 'accessgrants', {
    metadata: { name: 'worker-m4t9p', uid: 'g-2' },
    spec: grantSpec({
      requester: 'lee',
      duration: '2h',
      workload: { kind: 'Deployment', name: 'worker' },
      decision: undefined,
    }),
  } as never);
  kube.put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'api', uid: 'sa-1' } });
  return { kube, desk: createDesk(kube.client, { namespace: 'shop' }) };
}
