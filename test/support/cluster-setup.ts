/** vitest's global setup of the project `cluster`: one control plane for all its files, with our CRDs. */
import type { TestProject } from 'vitest/node';
import type { ClusterAddress } from '../../scripts/cluster/client.ts';
import { startCluster } from '../../scripts/cluster/up.ts';
import { installCrds } from './crds.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ClusterAddress;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster();
  const { dir, kubeconfig, server, caPem } = cluster;
  project.provide('cluster', { dir, kubeconfig, server, caPem });
  await installCrds(cluster);
  return () => cluster.stop();
}
