/** The running cluster, as a test file of the project `cluster` sees it. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type ClusterClient, connect } from '../../scripts/cluster/client.ts';

export function sharedCluster(): ClusterClient {
  return connect(inject('cluster'));
}

/** A new namespace, so that no test sees what another one left; nobody has to delete it. */
export async function newNamespace(
  cluster: ClusterClient,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(manifest) });
  return name;
}
