import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { newPod } from '../support/agent-process.ts';
import { anyPod } from '../support/any-pod.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { runs, timeoutMs } from '../support/runs.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
/** What one call of kubectl takes. */
const PODS_AT_ONCE = 200;
const PASSWORD = `pw-${crypto.randomUUID()}`;
const ANNOTATIONS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
  'countersign.dev/file.url': 'postgres://{db.username|url}:{db.password|url}@db/shop',
};

/** Nothing mints here: a dry-run shows what would be, and others log in. */
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'wrapped' },
  spec: {
    injection: { issuance: ['Login', 'Wrapped'], tokenRoles: ['wrapped_{namespace}_{serviceAccount}'] },
  },
};

let bao: OpenBao;
let registered: Registered;

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  registered = await registerWebhook(cluster, { policies: [POLICY], vault: bao });
});
afterAll(async () => {
  await registered.stop();
  await bao.stop();
});

async function newShop(): Promise<string> {
  const namespace = await newNamespace(cluster);
  await cluster.kubectl(['create', 'serviceaccount', 'api', '-n', namespace]);
  return namespace;
}

async function apply(
  object: object,
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return cluster.kubectl(['create', '-f', '-', ...flags], {
    input: JSON.stringify(object),
    allowFailure: true,
  });
}

function deployment(namespace: string): object {
  return workloadObject({ namespace, annotations: ANNOTATIONS, metadata: { name: 'api', namespace } });
}

function pod(namespace: string, name: string): object {
  return workloadObject({ kind: 'Pod', name, namespace, annotations: ANNOTATIONS });
}

async function podsOf(namespace: string): Promise<readonly JsonObject[]> {
  const { stdout } = await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'json']);
  return listOf(objectOf(JSON.parse(stdout))['items']).filter(isObject);
}

function initContainers(object: unknown): readonly (string | undefined)[] {
  return listOf(objectOf(objectOf(object)['spec'])['initContainers']).map((container) =>
    textOf(objectOf(container)['name']),
  );
}

describe('a workload that asks for credentials', () => {
  it('gets its pods patched', async () => {
    const namespace = await newShop();
    expect(await apply(deployment(namespace))).toMatchObject({ code: 0 });
    await expect.poll(() => podsOf(namespace), { timeout: 20_000 }).toHaveLength(1);

    expect((await podsOf(namespace)).map(initContainers)).toEqual([['countersign-init']]);
  });

  it('gets a pod patched in a server-side dry run, and nothing is stored', async () => {
    const namespace = await newShop();
    const { stdout } = await apply(pod(namespace, 'dry'), '--dry-run=server', '-o', 'json');

    expect(initContainers(JSON.parse(stdout))).toEqual(['countersign-init']);
    expect(await podsOf(namespace)).toEqual([]);
  });

  it('and is to be given a wrapped token logs in where none is to be had, and its maker is told', async () => {
    const namespace = await newShop();
    const annotations = { ...ANNOTATIONS, 'countersign.dev/inject': 'wrapped' };
    const object = workloadObject({ kind: 'Pod', name: 'given', namespace, annotations });
    const { code, stdout, stderr } = await apply(object, '-o', 'json');

    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'Warning: no wrapped token of Vault (connection default): injection.wrapped is not configured\n',
    });
    expect(stdout).toContain('"serviceAccountToken"');
    expect(stdout).not.toContain('countersign.dev/issuance');
  });

  it('gets no token for the API server mounted where ours is', async () => {
    const namespace = await newShop();
    const { stdout } = await apply(pod(namespace, 'one'), '-o', 'json');
    const [init] = listOf(objectOf(objectOf(JSON.parse(stdout))['spec'])['initContainers']).map(objectOf);
    const mounts = listOf(init?.['volumeMounts']).map((mount) => textOf(objectOf(mount)['name']));

    expect(mounts).toEqual(['countersign-token', 'countersign-state', 'countersign-files']);
  });

  it('is refused on the workload already when it asks for what cannot be', async () => {
    const namespace = await newNamespace(cluster, { 'countersign.dev/enforce': 'true' });
    const { code, stderr } = await apply(
      workloadObject({
        namespace,
        metadata: { name: 'api', namespace },
        annotations: { ...ANNOTATIONS, 'countersign.dev/containers': 'sidecar' },
      }),
    );

    expect(code).not.toBe(0);
    expect(stderr).toContain('countersign.dev/containers');
  });
});

describe('a pod that asks for everything', () => {
  const EVERYTHING = {
    'countersign.dev/inject': 'true',
    'countersign.dev/credential.db': 'database/creds/shop',
    'countersign.dev/file.db': 'db',
    'countersign.dev/env.DB_PASSWORD': 'db.password',
    'countersign.dev/identity.jwt': 'shop aud=orders scope=orders.read',
    'countersign.dev/rotate': 'restart',
    'countersign.dev/notify': 'http://127.0.0.1:8080/reload',
    'countersign.dev/order': 'after:vpn',
  };
  const SECURE = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const podSpec = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    initContainers: [{ name: 'vpn', image: 'vpn:1', restartPolicy: 'Always', securityContext: SECURE }],
    containers: [{ name: 'app', image: 'app:1', securityContext: SECURE }],
  };

  it('is stored whole in a restricted namespace, and may not be changed', async () => {
    const namespace = await newNamespace(cluster, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await cluster.kubectl(['create', 'serviceaccount', 'api', '-n', namespace]);
    const object = workloadObject({ kind: 'Pod', name: 'all', namespace, annotations: EVERYTHING, podSpec });
    const { code, stdout, stderr } = await apply(object, '-o', 'json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const stored: unknown = JSON.parse(stdout);

    expect(initContainers(stored)).toEqual(['vpn', 'countersign-init', 'countersign-agent']);
    expect(objectOf(stored)['spec']).toMatchObject({
      initContainers: [
        {},
        {},
        { restartPolicy: 'Always', restartPolicyRules: [{ action: 'RestartAllContainers' }] },
      ],
      containers: [
        {
          env: [
            {
              name: 'DB_PASSWORD',
              valueFrom: { fileKeyRef: { volumeName: 'countersign-env', path: 'env', key: 'DB_PASSWORD' } },
            },
          ],
        },
      ],
    });
    const altered = await cluster.kubectl(
      ['annotate', 'pod', 'all', '-n', namespace, '--overwrite', 'countersign.dev/rotate=none'],
      { allowFailure: true },
    );
    expect(altered.stderr).toContain('countersign.dev/rotate');
  });

  it('is refused while a node has a kubelet that would leave the variable out', async () => {
    const namespace = await newShop();
    const ask = () =>
      apply(
        workloadObject({ kind: 'Pod', name: 'all', namespace, annotations: EVERYTHING, podSpec }),
        '--dry-run=server',
      );
    await withNode('old', 'v1.34.3', async () => {
      await expect
        .poll(async () => (await ask()).stderr, { timeout: 20_000 })
        .toContain('node old has v1.34.3');
    });
    await expect.poll(async () => (await ask()).code, { timeout: 20_000 }).toBe(0);
  });
});

it(
  'random pods are accepted by the API server and by injected, with everything that they asked for',
  async () => {
    const namespace = await newShop();
    const pods = fc.sample(anyPod(namespace), runs(200));
    for (let at = 0; at < pods.length; at += PODS_AT_ONCE) {
      const items = pods.slice(at, at + PODS_AT_ONCE);
      const { stdout } = await cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      });
      // kubectl prints a list, or the objects one behind the other.
      const stored = objectsOf(stdout);

      expect(stored).toHaveLength(items.length);
      for (const one of stored) expect(initContainers(one)).toContain('countersign-init');
    }
  },
  timeoutMs(120_000),
);

describe('while the mutating webhook is away', () => {
  it('a pod that asks is refused, and the event of its ReplicaSet says all in its first line', async () => {
    const namespace = await newShop();
    const { alone, event } = await registered.withoutInject(async () => {
      await apply(deployment(namespace));
      const firstLine = async () => {
        const { stdout } = await cluster.kubectl(['get', 'events', '-n', namespace]);
        return stdout.split('\n').find((line) => line.includes('FailedCreate')) ?? '';
      };
      await expect.poll(firstLine, { timeout: 20_000 }).not.toBe('');
      return { alone: await apply(pod(namespace, 'alone')), event: await firstLine() };
    });

    expect(alone.stderr).toContain(
      `admission webhook "injected.countersign.dev" denied the request: ${namespace}/alone (Pod) asked for credentials and carries none`,
    );
    expect(event).toMatch(
      new RegExp(
        `${namespace}/api-[0-9a-f]+ \\(ReplicaSet\\) Pod asked for credentials and carries none: the mutating webhook did not see it \\[d-[0-9a-z]{8}, policy wrapped\\]`,
        'u',
      ),
    );
    // Once it is back the controller's next try comes through.
    await expect
      .poll(async () => (await podsOf(namespace)).map(initContainers), { timeout: 30_000 })
      .toEqual([['countersign-init']]);
  });
});

describe('the agent of a patched pod', () => {
  it('logs in to the real server with a token of the real API server, and writes the credential', async () => {
    const namespace = await newShop();
    await openVault(namespace);
    const { stdout } = await apply(pod(namespace, 'one'), '-o', 'json');
    const config = configOf(JSON.parse(stdout));
    const token = await cluster.serviceAccountToken({ namespace, name: 'api' }, 'vault');
    const place = await newPod(token);

    const ended = await place.run(config);
    const written = await Promise.all(
      ['password', 'url'].map((name) => readFile(join(place.filesDir, name), 'utf8').catch(String)),
    );
    await place.remove();

    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(written).toEqual([PASSWORD, `postgres://shop:${encodeURIComponent(PASSWORD)}@db/shop`]);
    expect(ended.stdout + ended.stderr + ended.termination).not.toContain(PASSWORD);
    expect(JSON.stringify(registered.webhook.log)).not.toContain(PASSWORD);
  });

  it('is told that a token for another audience does not do', async () => {
    const namespace = await newShop();
    await openVault(namespace);
    const { stdout } = await apply(pod(namespace, 'one'), '-o', 'json');
    const place = await newPod(await cluster.serviceAccountToken({ namespace, name: 'api' }, 'other'));

    const ended = await place.run(configOf(JSON.parse(stdout)), { COUNTERSIGN_GIVE_UP_SECONDS: '2' });
    await place.remove();

    expect(ended.code).toBe(11);
    expect(ended.termination).toContain(
      `the token sent: system:serviceaccount:${namespace}:api, audience other,`,
    );
  });
});

/** Runs while there is such a node. */
async function withNode(name: string, kubeletVersion: string, during: () => Promise<void>): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
  await apply(node);
  const status = { status: { nodeInfo: { ...NODE_INFO, kubeletVersion } } };
  await cluster.kubectl([
    'patch',
    'node',
    name,
    '--subresource=status',
    '--type=merge',
    '-p',
    JSON.stringify(status),
  ]);
  try {
    await during();
  } finally {
    await cluster.kubectl(['delete', 'node', name]);
  }
}

const NODE_INFO = Object.fromEntries(
  [
    'machineID',
    'systemUUID',
    'bootID',
    'kernelVersion',
    'osImage',
    'containerRuntimeVersion',
    'kubeProxyVersion',
    'operatingSystem',
    'architecture',
  ].map((field) => [field, '']),
);

function objectsOf(text: string): readonly JsonObject[] {
  const parsed: unknown = JSON.parse(
    text.startsWith('[') ? text : `[${text.replaceAll('\n}\n{', '\n},\n{')}]`,
  );
  return listOf(parsed)
    .map(objectOf)
    .flatMap((object) => (object['kind'] === 'List' ? listOf(object['items']).map(objectOf) : [object]));
}

async function openVault(namespace: string): Promise<void> {
  await trustCluster(bao, cluster, namespace);
  await openShop(bao, namespace, { secret: { username: 'shop', password: PASSWORD } });
}

function configOf(object: unknown): AgentConfig {
  const [init] = listOf(objectOf(objectOf(object)['spec'])['initContainers']).map(objectOf);
  const variable = listOf(init?.['env'])
    .map(objectOf)
    .find((entry) => entry['name'] === 'COUNTERSIGN_AGENT_CONFIG');
  return JSON.parse(textOf(variable?.['value']) ?? '');
}
