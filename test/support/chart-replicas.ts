/** The replicas of a release on a node: which one leads, and how they end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { type JsonObject, listOf, objectOf } from '../../src/core/json.ts';
import { at, nameOf } from './chart.ts';
import { OWN_NAMESPACE } from './chart-release.ts';
import { killProcessesOf, signalProcessesOf } from './node-processes.ts';
import { statusOf } from './node-status.ts';

export interface Replica {
  readonly name: string;
  readonly containerId: string;
  readonly restarts: number;
  readonly image: string;
}

const IN_OWN = ['-n', OWN_NAMESPACE];
const OURS = '-l=app.kubernetes.io/component=webhook';

/** Those too that are about to end. */
export async function replicasOf(cluster: ClusterClient): Promise<readonly Replica[]> {
  const { stdout } = await cluster.kubectl(['get', 'pods', ...IN_OWN, OURS, '-o', 'json']);
  return listOf(objectOf(JSON.parse(stdout))['items'])
    .map(objectOf)
    .map(replicaOf);
}

function replicaOf(pod: JsonObject): Replica {
  const { id, restarts } = statusOf(pod, 'countersign');
  const image = String(at(pod, 'spec', 'containers', 0, 'image'));
  return { name: nameOf(pod), containerId: id, restarts, image };
}

/** `POD_UUID`: of a process, not of a pod. */
export async function holderOf(cluster: ClusterClient): Promise<string> {
  const path = 'jsonpath={.spec.holderIdentity}';
  return (await cluster.kubectl(['get', 'lease', 'countersign', ...IN_OWN, '-o', path])).stdout;
}

/** The one that leads, or one that does not. */
export async function replica(cluster: ClusterClient, which: 'leader' | 'other'): Promise<Replica> {
  const [all, holder] = [await replicasOf(cluster), await holderOf(cluster)];
  const found = all.find(({ name }) => holder.startsWith(`${name}_`) === (which === 'leader'));
  if (found === undefined) throw new Error(`no ${which} among ${JSON.stringify(all)} with holder ${holder}`);
  return found;
}

/** SIGKILL; resolves when its container runs again and every replica is ready. */
export async function kill(cluster: ClusterClient, { name, containerId, restarts }: Replica): Promise<void> {
  killProcessesOf(containerId);
  const restartsNow = async () => (await replicasOf(cluster)).find((one) => one.name === name)?.restarts;
  await vi.waitFor(async () => expect(await restartsNow()).toBeGreaterThan(restarts), SLOW);
  await untilReady(cluster);
}

/** As if no processor had a moment for any of them. */
export async function halt(cluster: ClusterClient, milliseconds: number): Promise<void> {
  const all = await replicasOf(cluster);
  for (const { containerId } of all) signalProcessesOf(containerId, 'SIGSTOP');
  await sleep(milliseconds);
  for (const { containerId } of all) signalProcessesOf(containerId, 'SIGCONT');
}

export async function scale(cluster: ClusterClient, replicas: number): Promise<void> {
  await cluster.kubectl(['scale', 'deployment/countersign', ...IN_OWN, `--replicas=${replicas}`]);
  if (replicas > 0) return untilReady(cluster);
  // Gone, and no longer where calls are sent.
  await cluster.kubectl(['wait', 'pod', ...IN_OWN, OURS, '--for=delete', '--timeout=60s']);
}

/** Ready, and those before them gone, which take calls for some seconds more. */
export async function untilAlone(cluster: ClusterClient): Promise<void> {
  await untilReady(cluster);
  const path = 'jsonpath={.spec.replicas}';
  const { stdout } = await cluster.kubectl(['get', 'deployment/countersign', ...IN_OWN, '-o', path]);
  await vi.waitFor(async () => expect(await replicasOf(cluster)).toHaveLength(Number(stdout)), SLOW);
}

export async function untilReady(cluster: ClusterClient): Promise<void> {
  await cluster.kubectl(['rollout', 'status', 'deployment/countersign', ...IN_OWN, '--timeout=90s']);
}

const SLOW = { timeout: 60_000, interval: 200 };
