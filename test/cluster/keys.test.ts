import { createHash, X509Certificate } from 'node:crypto';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf, textOf } from '../../src/core/json.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { decoded, type SecretData } from '../support/keys.ts';
import {
  bareConfigurations,
  emptySecret,
  type Replica,
  serviceOf,
  startReplica,
} from '../support/keys-replicas.ts';
import { workloadObject } from '../support/workload.ts';

const cluster = sharedCluster();
const SECRET = '/api/v1/namespaces/countersign/secrets/countersign-keys';
const CONFIGURATIONS = ['mutating', 'validating'].map(
  (kind) => `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations/countersign`,
);

let client: KubeClient;
let namespace: string;
let replicas: readonly Replica[] = [];

beforeAll(async () => {
  client = createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }));
  namespace = await newNamespace(cluster);
  await cluster.kubectl(['apply', '-f', 'manifests/rbac.yaml']);
  await apply(emptySecret(), ...bareConfigurations(namespace));
  replicas = await Promise.all([startReplica(cluster), startReplica(cluster)]);
  await apply(...serviceOf(replicas));
});

afterAll(async () => {
  const configurations = 'mutatingwebhookconfiguration,validatingwebhookconfiguration';
  await cluster.kubectl(['delete', configurations, 'countersign', '--ignore-not-found']);
  await Promise.all(replicas.map((replica) => replica.stop()));
  const names = [
    'secret/countersign-keys',
    'service/countersign',
    'endpointslice/countersign-0',
    'endpointslice/countersign-1',
  ];
  await cluster.kubectl(['delete', ...names, '-n', 'countersign', '--ignore-not-found']);
});

async function apply(...objects: readonly object[]): Promise<void> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input });
}

async function secretData(): Promise<SecretData> {
  return objectOf(objectOf(await client.get(SECRET))['data']) as SecretData;
}

interface Entry {
  readonly bundle: string;
  readonly path: string;
  readonly selector: unknown;
}

async function registered(): Promise<readonly Entry[]> {
  const objects = await Promise.all(CONFIGURATIONS.map((path) => client.get(path)));
  return objects.flatMap((object) =>
    listOf(objectOf(object)['webhooks']).map((webhook) => {
      const { clientConfig, namespaceSelector } = objectOf(webhook);
      const { caBundle, service } = objectOf(clientConfig);
      return {
        bundle: Buffer.from(textOf(caBundle) ?? '', 'base64').toString(),
        path: textOf(objectOf(service)['path']) ?? '',
        selector: namespaceSelector,
      };
    }),
  );
}

/** A pod through the API server, both webhooks and the Service. */
async function admit(): Promise<'injected' | 'not injected'> {
  const annotations = { 'countersign.dev/inject': 'true', 'countersign.dev/needs': '' };
  const pod = workloadObject({ kind: 'Pod', name: 'one', namespace, account: 'default', annotations });
  const made = await client.post(`/api/v1/namespaces/${namespace}/pods`, pod, { query: { dryRun: 'All' } });
  return JSON.stringify(made).includes('countersign-init') ? 'injected' : 'not injected';
}

const served = (replica: Replica) => handshake(replica, { rejectUnauthorized: false });
/** As the API server would with a new connection. */
const verified = (replica: Replica, ca: string) => handshake(replica, { ca });

function handshake({ webhookPort }: Replica, options: ConnectionOptions): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const servername = 'countersign.countersign.svc';
    const socket = connect({ port: webhookPort, servername, ...options }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

const metric = async (replica: Replica, name: string) =>
  (await replica.operations('/metrics'))
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1];
const said = (msg: string) => replicas.flatMap(({ log }) => log.filter((entry) => entry['msg'] === msg));
async function leader(): Promise<Replica> {
  for (const replica of replicas) if ((await metric(replica, 'countersign_leading')) === '1') return replica;
  throw new Error('nobody leads');
}

/** Admissions one after the other for as long as `during` runs; what failed. */
async function underAdmissions(
  during: () => Promise<void>,
): Promise<{ readonly calls: number; readonly failures: readonly string[] }> {
  const failures: string[] = [];
  let calls = 0;
  const over = new AbortController();
  const callers = [0, 1].map(async () => {
    while (!over.signal.aborted) {
      calls += 1;
      const outcome = await admit().catch((error: unknown) => String(error));
      if (outcome !== 'injected') failures.push(outcome);
    }
  });
  // The API server keeps its connections, so it alone would hardly ever meet a new certificate.
  const prober = (async () => {
    while (!over.signal.aborted) {
      const bundles = (await registered()).map(({ bundle }) => bundle);
      for (const replica of replicas)
        for (const ca of bundles)
          await verified(replica, ca).catch((error: unknown) => failures.push(String(error)));
    }
  })();
  await during().finally(() => over.abort());
  await Promise.all([...callers, prober]);
  return { calls, failures };
}

const ANNOTATE = ['annotate', 'secret/countersign-keys', '-n', 'countersign'];
const SLOW = { timeout: 60_000, interval: 200 };

describe('with an empty Secret and bare registrations', () => {
  it('one replica fills both in, all become ready, and pods are admitted through the Service', async () => {
    for (const replica of replicas) await expect.poll(() => replica.operations('/readyz'), SLOW).toBe('ok');
    const data = await secretData();
    const segment = decoded(data, 'path');
    await expect
      .poll(async () => (await registered()).map(({ bundle }) => bundle), SLOW)
      .toEqual([decoded(data, 'ca.crt'), decoded(data, 'ca.crt')]);

    expect((await registered()).map(({ path }) => path)).toEqual([
      `/inject/${segment}`,
      `/injected/${segment}`,
    ]);
    expect(said('keys: a new CA')).toHaveLength(1);
    await expect.poll(() => admit().catch(String), SLOW).toBe('injected');
  });

  it('both replicas serve the certificate of the Secret', async () => {
    const { fingerprint256 } = new X509Certificate(decoded(await secretData(), 'tls.crt'));
    const both = await Promise.all(replicas.map(served));

    expect(both.map((one) => one.fingerprint256)).toEqual([fingerprint256, fingerprint256]);
    expect(both[0]?.checkHost('countersign.countersign.svc')).toBeDefined();
  });
});

describe('applied again without CA and path, as Helm does', () => {
  it('the Secret and the registrations keep what the leader filled in', async () => {
    const [data, entries] = [await secretData(), await registered()];
    await apply(emptySecret(), ...bareConfigurations(namespace));

    expect(digest(await secretData())).toBe(digest(data));
    expect(await registered()).toEqual(entries);
  });
});

describe('everything rotated under admissions', () => {
  it('lets none of them fail', async () => {
    await expect.poll(() => admit().catch(String), SLOW).toBe('injected');
    const before = await secretData();
    const { calls, failures } = await underAdmissions(async () => {
      await cluster.kubectl([...ANNOTATE, 'countersign.dev/renew=tls,ca,path,injection']);
      await expect.poll(async () => finished(before, await secretData()), SLOW).toEqual([]);
      const segment = decoded(await secretData(), 'path');
      await expect
        .poll(async () => (await registered()).map(({ path }) => path), SLOW)
        .toEqual([`/inject/${segment}`, `/injected/${segment}`]);
    });

    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(50);
    const after = new X509Certificate(decoded(await secretData(), 'tls.crt'));
    for (const replica of replicas) expect((await served(replica)).fingerprint256).toBe(after.fingerprint256);
  });

  /** What is still to be done. */
  function finished(before: SecretData, after: SecretData): readonly string[] {
    const bundle = decoded(after, 'ca.crt').match(/BEGIN/gu)?.length;
    const leaf = new X509Certificate(decoded(after, 'tls.crt'));
    const authority = new X509Certificate(decoded(after, 'ca.crt'));
    const open: readonly (readonly [string, boolean])[] = [
      ['two CAs', bundle === 2],
      [
        'a certificate of the new one',
        after['ca.key'] !== before['ca.key'] && leaf.verify(authority.publicKey),
      ],
      ['a new segment alone', after['path'] !== before['path'] && after['path-previous'] === undefined],
      [
        'a new key',
        after['injection-previous.key'] === before['injection.key'] &&
          after['injection-next.key'] === undefined,
      ],
    ];
    return open.flatMap(([what, done]) => (done ? [] : [what]));
  }
});

describe('what somebody else changes', () => {
  const foreign = (value: string) => [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }];
  const contentType = 'application/json-patch+json';

  it('in a caBundle is put back, said once and counted each time', async () => {
    const right = (await registered()).map(({ bundle }) => bundle);
    const other = Buffer.from(cluster.caPem).toString('base64');
    for (const _ of [1, 2]) {
      await client.patch(CONFIGURATIONS[0] ?? '', foreign(other), { contentType });
      await expect.poll(async () => (await registered()).map(({ bundle }) => bundle), SLOW).toEqual(right);
    }
    const healed = 'countersign_registrations_healed_total{configuration="mutatingwebhookconfigurations"}';
    await expect.poll(async () => metric(await leader(), healed), SLOW).toBe('2');

    expect(
      replicas.flatMap(({ log }) => log.filter(({ msg }) => String(msg).startsWith('somebody else'))),
    ).toHaveLength(1);
    await expect.poll(() => admit().catch(String), SLOW).toBe('injected');
  });

  it('elsewhere in a registration is left alone', async () => {
    const selector = {
      matchExpressions: [{ key: 'control-plane', operator: 'NotIn', values: ['true'] }],
      matchLabels: { 'kubernetes.io/metadata.name': namespace },
    };
    const change = [
      { op: 'replace', path: '/webhooks/0/namespaceSelector', value: selector },
      ...foreign(''),
    ];
    await client.patch(CONFIGURATIONS[0] ?? '', change, { contentType });
    await expect.poll(async () => (await registered())[0]?.bundle, SLOW).toContain('BEGIN CERTIFICATE');

    expect((await registered())[0]?.selector).toEqual(selector);
  });

  it('in the Secret is put back as it was', async () => {
    const before = await secretData();
    const emptied = Object.fromEntries(Object.keys(before).map((entry) => [entry, null]));
    await client.patch(SECRET, { data: emptied });
    await expect.poll(async () => digest(await secretData()), SLOW).toBe(digest(before));

    await expect.poll(() => admit().catch(String), SLOW).toBe('injected');
    for (const replica of replicas) expect(await replica.operations('/readyz')).toBe('ok');
  });

  it('by taking a registration away is told, and nothing is made anew', async () => {
    await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'countersign']);
    await expect.poll(async () => metric(await leader(), 'countersign_registrations_wrong'), SLOW).toBe('1');

    expect(said('a webhook configuration is not as it should be').at(-1)).toMatchObject({
      configuration: 'validatingwebhookconfigurations',
      problem: 'it is not there: nothing of it is enforced, and it is not made anew',
    });
    await apply(...bareConfigurations(namespace).slice(1));
    await expect.poll(async () => metric(await leader(), 'countersign_registrations_wrong'), SLOW).toBe('0');
    await expect.poll(() => admit().catch(String), SLOW).toBe('injected');
  });
});

describe('when the leader has gone', () => {
  it('the other one goes on', async () => {
    const gone = await leader();
    const segment = decoded(await secretData(), 'path');
    await cluster.kubectl([...ANNOTATE, 'countersign.dev/renew=path']);
    await gone.stop();
    await expect.poll(async () => decoded(await secretData(), 'path'), SLOW).not.toBe(segment);
    const next = decoded(await secretData(), 'path');
    await expect
      .poll(async () => (await registered()).map(({ path }) => path), SLOW)
      .toEqual([`/inject/${next}`, `/injected/${next}`]);
  });
});

describe('of keys', () => {
  it('nothing is in any log', async () => {
    const data = await secretData();
    const log = JSON.stringify(replicas.map((replica) => replica.log));
    for (const entry of ['ca.key', 'tls.key', 'injection.key', 'path'] as const) {
      expect(log).not.toContain(data[entry]);
      expect(log).not.toContain(decoded(data, entry).split('\n')[1] || decoded(data, entry));
    }
  });
});

function digest(data: SecretData): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(data).toSorted(([a], [b]) => a.localeCompare(b))))
    .digest('hex');
}
