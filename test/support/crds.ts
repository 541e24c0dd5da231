import type { ClusterClient } from '../../scripts/cluster/client.ts';

const attempts = 5;

/** Our CRDs, established. */
export async function installCrds(cluster: ClusterClient): Promise<void> {
  await cluster.kubectl(['apply', '-f', 'manifests/crds']);
  const wait = ['wait', '--for=condition=Established', '-f', 'manifests/crds', '--timeout=60s'];
  // kubectl fails, instead of waiting, for as long as an object has no status at all.
  for (let attempt = 1; attempt < attempts; attempt++) {
    if ((await cluster.kubectl(wait, { allowFailure: true })).code === 0) return;
    await new Promise((resolve) => void setTimeout(resolve, 500));
  }
  await cluster.kubectl(wait);
}
