import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf } from '../../src/core/json.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { at, CHART, helm } from '../support/chart.ts';
import { startLoad } from '../support/chart-load.ts';
import { openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { sharedNode } from '../support/node.ts';
import { nodeImages } from '../support/node-images.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';

/** The chart on a real node, with the real image: what Helm does to a cluster, from the install to the end. */

const node = sharedNode();
const { cluster } = node;
const password = `pw-${crypto.randomUUID()}`;
const files = '/var/run/secrets/countersign.dev';
const annotations = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/agent': 'init',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
};

let bao: OpenBao;
let namespace = '';

function release(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const where = ['--namespace=countersign', `--kubeconfig=${cluster.kubeconfig}`];
  return helm([...args, ...where], JSON.stringify(values()));
}

function values(): object {
  const [repository, tag] = nodeImages.agent.split(':');
  return {
    image: { repository, tag, pullPolicy: 'Never' },
    config: { vaults: { default: { address: bao.address, ca: bao.ca } } },
  };
}

async function created(object: object): Promise<{ code: number; stderr: string }> {
  const input = JSON.stringify(object);
  return cluster.kubectl(['create', '-f', '-', '--dry-run=server', '-o', 'name'], {
    input,
    allowFailure: true,
  });
}

function pod(more: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tried', namespace, annotations: more },
    spec: {
      serviceAccountName: 'api',
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'app',
          image: nodeImages.tools,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

beforeAll(async () => {
  bao = await startOpenBao({ tls: true, host: node.address });
  namespace = await node.newRestrictedNamespace();
  await trustCluster(bao, cluster, namespace);
  await openShop(bao, namespace, { secret: { username: 'shop', password } });
  const own = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'countersign', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(own) });
});
afterAll(async () => {
  await release('uninstall', 'countersign', '--ignore-not-found', '--wait', '--no-hooks');
  await bao?.stop();
});

describe('the chart on a node', () => {
  it('is installed and ready within a minute', async () => {
    // The CRD and the rights are there already, by kubectl.
    const { code, err } = await release(
      'install',
      'countersign',
      CHART,
      '--values=-',
      '--take-ownership',
      '--wait',
      '--timeout=60s',
    );

    const { stdout: pods } = await cluster.kubectl(['get', 'pods', '-n', 'countersign', '-o', 'wide']);
    expect({ code, err, pods }).toMatchObject({ code: 0 });
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
      annotations,
      script: `test "$(cat ${files}/password)" = "${password}"`,
    });
    await running.until('Succeeded');
  });

  it('refuses through its Service what is wrong', async () => {
    const { code, stderr } = await created(pod({ ...annotations, 'countersign.dev/vault': 'nowhere' }));

    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('admission webhook "inject.countersign.dev" denied the request'),
    });
  });

  it('passes its own test', async () => {
    const { code, out, err } = await release('test', 'countersign', '--logs', '--timeout=60s');

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
    const client = createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }));
    const load = startLoad(client, namespace, pod(annotations), 50);

    const upgraded = await release(
      'upgrade',
      'countersign',
      CHART,
      '--values=-',
      '--set=config.log.level=debug',
      '--wait',
      '--timeout=120s',
    );
    const { calls, ...lost } = await load.stop();

    expect(upgraded).toMatchObject({ code: 0 });
    expect(lost).toEqual({ failed: {}, uninjected: 0 });
    expect(calls).toBeGreaterThan(100);
    expect(await paths()).toBe(before);
  });

  it('is registered again by an upgrade, when somebody has deleted the registration', async () => {
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'countersign']);

    const { code } = await release(
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
    const { code, err } = await release('uninstall', 'countersign', '--wait', '--timeout=120s');
    const after = await created(pod(annotations));

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
});
