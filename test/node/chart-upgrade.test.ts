import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importImage } from '../../scripts/cluster/node.ts';
import { at, CHART } from '../support/chart.ts';
import { creation, type LoadResult, startLoad, update } from '../support/chart-load.ts';
import { lossTable } from '../support/chart-losses.ts';
import { ASKS, triedPod } from '../support/chart-pods.ts';
import { type ChartRelease, prepareRelease } from '../support/chart-release.ts';
import { replicasOf, untilAlone } from '../support/chart-replicas.ts';
import { buildNextImage, NEXT } from '../support/next-image.ts';
import { type RunningPod, sharedNode } from '../support/node.ts';
import { nodeImages } from '../support/node-images.ts';

/** From one release to the next and back, while pods are admitted: an image with another tag and another version. */

const node = sharedNode();
const { cluster } = node;
const [repository] = nodeImages.agent.split(':');
const next = `${repository}:${NEXT.tag}`;
const BOTH = [nodeImages.agent, next];
const NOTHING_LOST = { failures: [], uninjected: 0 };

let release: ChartRelease;
/** Injected by the release before. */
let old: RunningPod;
/** Injected by the next one. */
let young: RunningPod;

beforeAll(async () => {
  release = await prepareRelease(node, { password: 'pw', readsVault: true });
  const archive = join(await mkdtemp(join(tmpdir(), 'countersign-next-')), 'next.tar');
  await buildNextImage(archive);
  await importImage(archive);
  await cluster.kubectl(['apply', '-f', 'manifests/policies/enforce.yaml']);
  const labels = ['countersign.dev/enforce=true', 'countersign.dev/policy=enforce'];
  await cluster.kubectl(['label', 'namespace', release.namespace, ...labels]);
  await release.install();
  old = await injected('old');
});
afterAll(async () => {
  await old?.delete();
  await young?.delete();
  await cluster.kubectl(['delete', 'scopepolicy', 'enforce', '--ignore-not-found']);
  await release?.stop();
});

/** A pod that runs on. */
async function injected(name: string): Promise<RunningPod> {
  const script = "trap 'exit 0' TERM; while sleep 1; do :; done";
  const pod = await node.runPod({ namespace: release.namespace, name, annotations: ASKS, script });
  await pod.until('Running');
  return pod;
}

/** What became of pods that are created, and of changes of this one, while Helm does that. */
async function underLoad(changed: string, ...args: readonly string[]): Promise<LoadResult> {
  const { client, namespace } = release;
  const load = startLoad(client, [
    creation(namespace, triedPod(namespace, ASKS)),
    update(namespace, changed),
  ]);
  const { code, err } = await release.helm(...args, '--wait', '--timeout=120s');
  expect(code, err).toBe(0);
  await untilAlone(cluster);
  const result = await load.stop();
  process.stdout.write(lossTable({ [`${args[0]} to another image`]: result }));
  return result;
}

async function versions(): Promise<readonly unknown[]> {
  const metric = /^countersign_build_info\{[^}]*version="([^"]*)"/mu;
  const proxied = (name: string) => `/api/v1/namespaces/countersign/pods/${name}:9090/proxy/metrics`;
  const running = await replicasOf(cluster);
  return Promise.all(
    running.map(async ({ name }) => {
      const { stdout } = await cluster.kubectl(['get', '--raw', proxied(name)]);
      return metric.exec(stdout)?.[1];
    }),
  );
}

async function agentOf(pod: RunningPod): Promise<unknown> {
  return at(await pod.read(), 'spec', 'initContainers', 0, 'image');
}

describe('an upgrade to a new image under 50 admissions a second', () => {
  it('loses none, while replicas of both releases inject and check each other’s pods', async () => {
    const upgrade = ['upgrade', 'countersign', CHART, '--reuse-values', `--set-string=image.tag=${NEXT.tag}`];
    const { failures, uninjected, images, calls } = await underLoad('old', ...upgrade);

    expect({ failures, uninjected }).toEqual(NOTHING_LOST);
    expect(Object.keys(images).toSorted()).toEqual(BOTH);
    expect(calls).toBeGreaterThan(100);
    expect(await versions()).toEqual([NEXT.version, NEXT.version, NEXT.version]);
  });

  it('has pods injected with the agent of the new image', async () => {
    young = await injected('young');

    expect(await agentOf(young)).toBe(next);
    expect(await agentOf(old)).toBe(nodeImages.agent);
  });
});

describe('a rollback under the same load', () => {
  it('loses none, and the release before accepts pods of the one after', async () => {
    const { failures, uninjected, calls } = await underLoad('young', 'rollback', 'countersign');

    expect({ failures, uninjected }).toEqual(NOTHING_LOST);
    expect(calls).toBeGreaterThan(100);
    expect((await replicasOf(cluster)).map(({ image }) => image)).toEqual(
      Array.from({ length: 3 }, () => nodeImages.agent),
    );
    // By replicas of the release before alone.
    const { path, body } = update(release.namespace, 'young');
    await expect(release.client.patch(path, body)).resolves.toBeDefined();
  });
});
