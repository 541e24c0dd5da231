/** vitest's global setup of the project `node`: one cluster with a real node for all its files, with our CRDs. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { ClusterAddress } from '../../scripts/cluster/client.ts';
import { startNode } from '../../scripts/cluster/node.ts';
import { nodeAddress, sandboxPlace } from '../../scripts/cluster/place.ts';
import { startCluster } from '../../scripts/cluster/up.ts';
import { installCrds } from './crds.ts';
import { serveControl } from './node-control.ts';
import { buildNodeImages, nodeImages } from './node-images.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ClusterAddress;
    nodeDir: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  sandboxPlace();
  const images = await buildNodeImages(await mkdtemp(join(tmpdir(), 'countersign-images-')));
  const cluster = await startCluster({ nodeAddress });
  try {
    await installCrds(cluster);
    const node = await startNode(cluster, { images, pauseImage: nodeImages.pause });
    const closeControl = await serveControl(node, cluster);
    const { dir, kubeconfig, server, caPem } = cluster;
    project.provide('cluster', { dir, kubeconfig, server, caPem });
    project.provide('nodeDir', node.dir);
    return async () => {
      closeControl();
      await node.stop();
      await cluster.stop();
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
