import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedCluster } from '../support/cluster.ts';
import { DENY_EVERY_RISK, enforcedNamespace, NO_VAULT } from '../support/cluster-objects.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

/** Roles as large as the API server stores: they are judged in time, or what is left of them is said to be open. */

const cluster = sharedCluster();
const RBAC = 'rbac.authorization.k8s.io';
const LABEL = 'countersign.dev/large';
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'large' },
  spec: {
    match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } },
    onChange: { missing: 'Deny', excess: DENY_EVERY_RISK },
  },
};

let registered: Registered;
beforeAll(async () => {
  registered = await registerWebhook(cluster, {
    policies: [POLICY],
    vault: NO_VAULT,
  });
});
afterAll(() => registered.stop());

const many = (count: number, prefix: string) => [...Array(count).keys()].map((at) => `${prefix}${at}`);
const rule = (apiGroups: string[], resources: string[]) => ({ apiGroups, resources, verbs: ['get'] });

async function refused(name: string, rules: readonly object[]): Promise<string> {
  const namespace = await enforcedNamespace(cluster, LABEL);
  const role = { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules };
  // Not `apply`, whose annotation would double it.
  await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(role) });
  await cluster.kubectl([
    'create',
    'clusterrolebinding',
    name,
    `--clusterrole=${name}`,
    `--serviceaccount=${namespace}:api`,
  ]);
  const object = workloadObject({
    namespace,
    annotations: { 'countersign.dev/needs': '' },
    metadata: { name: 'api', namespace },
  });
  let last = '';
  await expect
    .poll(
      async () => {
        const input = JSON.stringify(object);
        const { stderr } = await cluster.kubectl(['create', '-f', '-', '--dry-run=server'], {
          input,
          allowFailure: true,
        });
        last = stderr;
        return stderr;
      },
      { timeout: 20_000 },
    )
    .toContain('excess');
  await cluster.kubectl(['delete', 'clusterrolebinding,clusterrole', name]);
  return last;
}

it('a role of ten thousand rules and more than a megabyte is judged whole', async () => {
  const rules = many(10_000, 'group-with-a-long-name-').map((group) =>
    rule([`${group}.example.com`], [`resource-of-${group}`]),
  );

  expect(JSON.stringify(rules).length).toBeGreaterThan(1_000_000);
  expect(await refused('large-rules', rules)).toMatch(/10000 excess \[d-/u);
});

it('a role that multiplies out to millions of scopes is refused for what was looked at, and the rest is open', async () => {
  const rules = many(10, 'r').map(() => rule(many(1000, 'g'), many(1000, 's')));

  expect(await refused('large-product', rules)).toMatch(/\d+ excess, 1 undetermined \[d-/u);
});
