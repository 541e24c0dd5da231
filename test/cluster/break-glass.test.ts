import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonObject, listOf, objectOf } from '../../src/core/json.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { applyTo, NO_VAULT } from '../support/cluster-objects.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { type WorkloadOptions, workloadObject } from '../support/workload.ts';

/** What people see of a workload that was let in unjudged: the leader tells it, by its own rights. */

const cluster = sharedCluster();
const GLASS = { 'countersign.dev/break-glass': 'INC-1' };

let registered: Registered;
let namespace = '';
beforeAll(async () => {
  registered = await registerWebhook(cluster, { policies: [], vault: NO_VAULT });
  namespace = await newNamespace(cluster);
});
afterAll(() => registered.stop());

async function events(): Promise<readonly JsonObject[]> {
  const args = ['get', 'events.events.k8s.io', '-n', namespace, '-o', 'json'];
  const { items } = objectOf(JSON.parse((await cluster.kubectl(args)).stdout));
  return listOf(items)
    .filter(isObject)
    .filter(({ reason }) => reason === 'BreakGlass');
}

describe('a workload with the annotation of an emergency', () => {
  it.each<[string, string, WorkloadOptions]>([
    ['on its template', 'on-template', { annotations: GLASS }],
    ['on itself', 'on-itself', { metadata: { annotations: GLASS } }],
  ])('%s has an event, one and no more', async (_, name, options) => {
    const given = workloadObject({ ...options, name });
    const metadata = objectOf(given['metadata']);
    const before = (await events()).length;

    const { code, stderr } = await applyTo(cluster, { ...given, metadata: { ...metadata, namespace } });

    expect({ code, stderr }).toMatchObject({ code: 0 });
    await expect
      .poll(async () => (await events()).length, { timeout: 60_000, interval: 500 })
      .toBe(before + 1);
    const event = (await events()).find(({ regarding }) => objectOf(regarding)['name'] === name);
    expect(event).toMatchObject({
      type: 'Warning',
      reportingController: 'countersign.dev/webhook',
      regarding: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name },
      note: expect.stringContaining('countersign.dev/break-glass is “INC-1”'),
    });

    // Its ReplicaSet has the annotation too, and the next looks find both again.
    const later = { ...given, metadata: { ...metadata, namespace, labels: { changed: 'yes' } } };
    await applyTo(cluster, later);
    const looked = await applyTo(
      cluster,
      workloadObject({
        name: `later-${name}`,
        namespace,
        annotations: { 'countersign.dev/break-glass': 'INC-2' },
      }),
    );
    expect(looked.code).toBe(0);
    await expect
      .poll(async () => (await events()).length, { timeout: 60_000, interval: 500 })
      .toBe(before + 2);
    expect(new Set((await events()).map(({ regarding }) => objectOf(regarding)['name'])).size).toBe(
      before + 2,
    );
  });
});
