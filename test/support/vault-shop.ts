/** A workload on the real cluster that asks for credentials, and its role at a real Vault. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { createVaultClient } from '../../src/vault/client.ts';
import { newPod } from './agent-process.ts';
import { applyTo, enforcedNamespace } from './cluster-objects.ts';
import type { VaultServer } from './vault-server.ts';
import { workloadObject } from './workload.ts';

/** Its account is `api`, alone in its namespace. */
export interface VaultShop {
  readonly namespace: string;
  readonly server: VaultServer;
  /** Name of the connection. */
  readonly connection: string;
  /** Name of the Vault role that the policies of these tests give it. */
  readonly role: string;
  readonly deployment: object;
}

/** What a policy of those tests says of roles. */
export const SHOP_ROLES = ['{namespace}_{serviceAccount}'] as const;

/** @param more annotations of its pods */
export async function newShop(
  cluster: ClusterClient,
  { server, connection }: Pick<VaultShop, 'server' | 'connection'>,
  label: string,
  more: Readonly<Record<string, string>> = {},
): Promise<VaultShop> {
  const namespace = await enforcedNamespace(cluster, label);
  const annotations = {
    'countersign.dev/inject': 'true',
    'countersign.dev/vault': connection,
    'countersign.dev/credential.db': `secret/data/${namespace}/db`,
    'countersign.dev/file.password': 'db.password',
    'countersign.dev/token': 'file',
    'countersign.dev/needs': `vault create,update secret/data/${namespace}/state`,
    ...more,
  };
  await server.call('POST', `secret/data/${namespace}/db`, { data: { password: `pw-${namespace}` } });
  return {
    namespace,
    server,
    connection,
    role: `${namespace}_api`,
    deployment: workloadObject({ namespace, annotations, metadata: { name: 'api', namespace } }),
  };
}

/** The text of a policy that gives exactly what the shop needs. */
export function enoughFor({ namespace }: Pick<VaultShop, 'namespace'>): string {
  return `
path "secret/data/${namespace}/db" { capabilities = ["read"] }
path "secret/data/${namespace}/state" { capabilities = ["create", "update"] }
`;
}

/** A policy named as the namespace, and the role, which is right but for `fields`. */
export async function furnishShop(
  shop: VaultShop,
  fields: object = {},
  policy = enoughFor(shop),
): Promise<void> {
  const { server, namespace } = shop;
  await putPolicy(shop, namespace, policy);
  await server.call('POST', `auth/kubernetes/role/${shop.role}`, {
    bound_service_account_names: 'api',
    bound_service_account_namespaces: namespace,
    audience: 'vault',
    token_policies: namespace,
    token_ttl: '10m',
    token_max_ttl: '1h',
    ...fields,
  });
}

export async function putPolicy(
  { server }: Pick<VaultShop, 'server'>,
  name: string,
  policy: string,
): Promise<void> {
  await server.call('POST', `sys/policies/acl/${name}`, { policy });
}

/** `kubectl apply` of its Deployment; it may be refused. */
export function applyShop(
  cluster: ClusterClient,
  { deployment }: VaultShop,
): Promise<{ readonly code: number; readonly stderr: string }> {
  return applyTo(cluster, deployment);
}

export async function removeShop(cluster: ClusterClient, { namespace }: VaultShop): Promise<void> {
  await cluster.kubectl(['delete', 'deployment', 'api', '-n', namespace, '--ignore-not-found']);
}

/** Its pod is there, and the agent in it logs in with a token of the account; what it asks for is served. */
export async function expectServed(cluster: ClusterClient, shop: VaultShop): Promise<void> {
  const { namespace, server } = shop;
  const config = await injectedConfig(cluster, namespace);
  const pod = await newPod(await cluster.serviceAccountToken({ namespace, name: 'api' }, 'vault'));
  const vault = createVaultClient({ address: server.address, ca: server.ca ?? '' });
  try {
    const ended = await pod.run(config, { COUNTERSIGN_GIVE_UP_SECONDS: '5' });
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(await readFile(join(pod.filesDir, 'password'), 'utf8')).toBe(`pw-${namespace}`);
    const token = await readFile(join(pod.filesDir, 'token'), 'utf8');
    await vault.write(`secret/data/${namespace}/state`, { data: { at: 'first' } }, token);
    await vault.write(`secret/data/${namespace}/state`, { data: { at: 'second' } }, token);
  } finally {
    vault.close();
    await pod.remove();
  }
}

async function injectedConfig(cluster: ClusterClient, namespace: string): Promise<AgentConfig> {
  const configs = async (): Promise<readonly string[]> => {
    const { stdout } = await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'json']);
    return listOf(objectOf(JSON.parse(stdout))['items']).flatMap((pod) => configOf(pod) ?? []);
  };
  await expect.poll(configs, { timeout: 30_000 }).toHaveLength(1);
  const [config = ''] = await configs();
  return JSON.parse(config);
}

function configOf(pod: unknown): string | undefined {
  const [init] = listOf(objectOf(objectOf(pod)['spec'])['initContainers']).map(objectOf);
  const variables = listOf(init?.['env']).map(objectOf);
  return textOf(variables.find(({ name }) => name === 'COUNTERSIGN_AGENT_CONFIG')?.['value']);
}
