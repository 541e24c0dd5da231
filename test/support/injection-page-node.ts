/** A manifest of docs/injection.md on a real node, as it stands but for image and namespace. */
import { expect } from 'vitest';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { nameOf, type PageExample, withContainers } from './injection-page.ts';
import type { TestNode } from './node.ts';
import { nodeImages } from './node-images.ts';

export function isNamespace({ kind }: JsonObject): boolean {
  return kind === 'Namespace';
}

export interface RunningExample {
  /** What the containers of its pod have printed, in the order of the pod. */
  logs(): Promise<string>;
  remove(): Promise<void>;
}

/** Applies it, and waits until it is done, or for a Deployment until it is available. */
export async function runExample(
  node: TestNode,
  { workload, around }: PageExample,
  namespace: string,
): Promise<RunningExample> {
  const { cluster } = node;
  const where = ['-n', namespace];
  const kind = textOf(workload['kind']) ?? '';
  const name = nameOf(workload);
  const objects = [...around.filter((object) => !isNamespace(object)), workload].map((object) =>
    withContainers({ ...object, metadata: { ...objectOf(object['metadata']), namespace } }, (container) => ({
      ...container,
      image: nodeImages.tools,
      imagePullPolicy: 'Never',
    })),
  );
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await cluster.kubectl(['apply', '-f', '-'], { input });
  const job = kind === 'CronJob' ? `${name}-now` : name;
  if (kind === 'CronJob') await cluster.kubectl(['create', 'job', job, `--from=cronjob/${name}`, ...where]);
  const pod = await podOf(
    cluster,
    namespace,
    { Pod: [name], Deployment: ['-l', `app=${name}`] }[kind] ?? ['-l', `job-name=${job}`],
  );
  await node.pod(namespace, pod.name).until(kind === 'Deployment' ? 'Running' : 'Succeeded');
  if (kind === 'Deployment') {
    await cluster.kubectl(['rollout', 'status', `deployment/${name}`, ...where, '--timeout=90s']);
  } else if (kind !== 'Pod') {
    await cluster.kubectl(['wait', `job/${job}`, ...where, '--for=condition=Complete', '--timeout=90s']);
  }
  return {
    async logs() {
      const all = pod.containers.map((container) => node.pod(namespace, pod.name).logs(container));
      return (await Promise.all(all)).join('').trimEnd();
    },
    async remove() {
      await cluster.kubectl(['delete', '-f', '-', '--timeout=90s'], { input });
      await cluster.kubectl(['delete', `job/${job}`, ...where, '--ignore-not-found', '--timeout=90s']);
    },
  };
}

/** The pod that a controller makes comes a moment later. */
async function podOf(cluster: ClusterClient, namespace: string, selector: readonly string[]) {
  const found = async () => {
    const { stdout } = await cluster.kubectl(['get', 'pods', ...selector, '-n', namespace, '-o', 'json']);
    const answer = objectOf(JSON.parse(stdout));
    return (answer['kind'] === 'Pod' ? [answer] : listOf(answer['items'])).map(objectOf);
  };
  await expect.poll(async () => (await found()).length, { timeout: 30_000, interval: 200 }).toBe(1);
  const [pod = {}] = await found();
  return {
    name: nameOf(pod),
    containers: listOf(objectOf(pod['spec'])['containers']).map((one) => textOf(objectOf(one)['name']) ?? ''),
  };
}
