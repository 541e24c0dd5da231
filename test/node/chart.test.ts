import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf } from '../../src/core/json.ts';
import { at, CHART } from '../support/chart.ts';
import { creation, startLoad } from '../support/chart-load.ts';
import { ASKS, triedPod } from '../support/chart-pods.ts';
import { type ChartRelease, prepareRelease } from '../support/chart-release.ts';
import { untilAlone } from '../support/chart-replicas.ts';
import { sharedNode } from '../support/node.ts';

/** The chart on a real node, with the real image: what Helm does to a cluster, from the install to the end. */

const node = sharedNode();
const { cluster } = node;
const password = `pw-${crypto.randomUUID()}`;
const files = '/var/run/secrets/countersign.dev';

let release: ChartRelease;
let namespace = '';

async function created(object: object): Promise<{ code: number; stderr: string }> {
  const input = JSON.stringify(object);
  return cluster.kubectl(['create', '-f', '-', '--dry-run=server', '-o', 'name'], {
    input,
    allowFailure: true,
  });
}

const pod = (annotations: object) => triedPod(namespace, annotations);

beforeAll(async () => {
  release = await prepareRelease(node, { password });
  ({ namespace } = release);
});
afterAll(() => release?.stop());

describe('the chart on a node', () => {
  it('is installed and ready within a minute', async () => {
    await expect(release.install()).resolves.toBeUndefined();
  });

  it('has entered CA and paths into the registrations', async () => {
    for (const kind of ['mutating', 'validating']) {
      await expect
        .poll(
          async () => {
            const { stdout } = await cluster.kubectl([
              'get',
              `${kind}webhookconfiguration`,
              'countersign',
              '-o',
              'json',
            ]);
            return listOf(objectOf(JSON.parse(stdout))['webhooks']).map((one) => [
              String(at(one, 'clientConfig', 'caBundle')).length > 100,
              String(at(one, 'clientConfig', 'service', 'path')).split('/').length,
            ]);
          },
          { timeout: 30_000 },
        )
        .toSatisfy((found: unknown[][]) => found.every(([ca, parts]) => ca === true && parts === 3));
    }
  });

  it('injects a pod through its Service, which reads its credential', async () => {
    const running = await node.runPod({
      namespace,
      name: 'one',
      annotations: ASKS,
      script: `test "$(cat ${files}/password)" = "${password}"`,
    });
    await running.until('Succeeded');
  });

  it('refuses through its Service what is wrong', async () => {
    const { code, stderr } = await created(pod({ ...ASKS, 'countersign.dev/vault': 'nowhere' }));

    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('admission webhook "inject.countersign.dev" denied the request'),
    });
  });

  it('passes its own test', async () => {
    const { code, out, err } = await release.helm('test', 'countersign', '--logs', '--timeout=60s');

    expect({ code, out, err }).toMatchObject({ code: 0, out: expect.stringContaining('certificate of ') });
  });

  it('refuses a change that a policy forbids, in an enforced namespace', async () => {
    await cluster.kubectl([
      'label',
      'namespace',
      namespace,
      'countersign.dev/enforce=true',
      'countersign.dev/policy=enforce',
    ]);
    await cluster.kubectl(['apply', '-f', 'manifests/policies/enforce.yaml']);
    const needs = { 'countersign.dev/needs': 'get secrets everywhere' };

    await expect
      .poll(async () => (await created(pod(needs))).stderr, { timeout: 30_000 })
      .toContain('admission webhook "change.countersign.dev" denied the request');
  });

  it('is upgraded under 50 admissions a second, and loses none', async () => {
    const paths = async () =>
      (
        await cluster.kubectl([
          'get',
          'mutatingwebhookconfiguration',
          'countersign',
          '-o',
          'jsonpath={.webhooks[0].clientConfig}',
        ])
      ).stdout;
    const before = await paths();
    const load = startLoad(release.client, [creation(namespace, pod(ASKS))]);

    const upgraded = await release.helm(
      'upgrade',
      'countersign',
      CHART,
      '--values=-',
      '--set=config.factsMaxAgeSeconds=600',
      '--wait',
      '--timeout=120s',
    );
    await untilAlone(cluster);
    const { calls, failures, uninjected } = await load.stop();

    expect(upgraded).toMatchObject({ code: 0 });
    expect({ failures, uninjected }).toEqual({ failures: [], uninjected: 0 });
    expect(calls).toBeGreaterThan(100);
    expect(await paths()).toBe(before);
  });

  it('is registered again by an upgrade, when somebody has deleted the registration', async () => {
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'countersign']);

    const { code } = await release.helm(
      'upgrade',
      'countersign',
      CHART,
      '--reuse-values',
      '--force-conflicts',
      '--wait',
      '--timeout=120s',
    );

    expect(code).toBe(0);
    const path = async () =>
      (
        await cluster.kubectl([
          'get',
          'validatingwebhookconfiguration',
          'countersign',
          '-o',
          'jsonpath={.webhooks[0].clientConfig.service.path}',
        ])
      ).stdout;
    await expect.poll(path, { timeout: 30_000 }).toMatch(/^\/injected\/[a-z0-9-]+$/u);
  });

  it('is removed, and leaves no pod waiting', async () => {
    await cluster.kubectl(['delete', 'scopepolicy', 'enforce']);
    const { code, err } = await release.helm('uninstall', 'countersign', '--wait', '--timeout=120s');
    const after = await created(pod(ASKS));

    expect({ code, err }).toMatchObject({ code: 0 });
    expect(after).toMatchObject({ code: 0 });
    const { stdout } = await cluster.kubectl([
      'get',
      'validatingwebhookconfigurations,mutatingwebhookconfigurations,clusterroles',
      '-l=app.kubernetes.io/name=countersign',
      '-o',
      'name',
    ]);
    expect(stdout).toBe('');
  });

  it('leaves its keys and its CRDs', async () => {
    const { stdout } = await cluster.kubectl([
      'get',
      'secret/countersign-keys',
      'crd/scopepolicies.countersign.dev',
      '-n',
      'countersign',
      '-o',
      'name',
    ]);

    expect(stdout.trim().split('\n')).toHaveLength(2);
  });

  it('is installed again over them, and answers from the moment at which it is ready', async () => {
    await release.install();

    expect(await created(pod(ASKS))).toMatchObject({ code: 0 });
  });
});
