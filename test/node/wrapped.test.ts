import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { letCountersignRead, openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { eventsOf, type RunningPod, sharedNode } from '../support/node.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';

const node = sharedNode();
const { cluster } = node;
const password = `pw-${crypto.randomUUID()}`;
const annotations = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
};
const script =
  'cmp -s /var/run/secrets/countersign.dev/password /dev/null; wc -c < /var/run/secrets/countersign.dev/password';

const policy = (name: string, priority: number, spec: object) => ({
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name },
  spec: { priority, ...spec },
});
const tokenRoles = ['wrapped_{namespace}_{serviceAccount}'];

let bao: OpenBao;
let registered: Registered;
let namespace = '';

beforeAll(async () => {
  bao = await startOpenBao({ tls: true, host: node.address });
  namespace = await node.newRestrictedNamespace();
  await trustCluster(bao, cluster, namespace);
  await openShop(bao, namespace, { secret: { username: 'shop', password } });
  await letCountersignRead(bao, await readFile('manifests/vault/countersign-wrapped.hcl', 'utf8'));
  await cluster.kubectl(['create', 'serviceaccount', 'batch', '-n', namespace]);
  for (const account of ['api', 'batch']) {
    await bao.call('POST', `auth/token/roles/wrapped_${namespace}_${account}`, {
      allowed_policies: 'shop',
      orphan: true,
      renewable: true,
      token_type: 'service',
      token_explicit_max_ttl: '1h',
    });
  }
  registered = await registerWebhook(cluster, {
    policies: [
      policy('wrapped', 1, { injection: { issuance: ['Wrapped', 'Login'], tokenRoles } }),
      policy('jobs', 2, {
        match: { serviceAccounts: ['*/batch'] },
        injection: { issuance: ['Wrapped'], tokenRoles },
      }),
    ],
    vault: { address: bao.address, ca: bao.ca, facts: { role: 'countersign', refreshSeconds: 300 } },
    caller: 'mtls',
    wrapped: true,
  });
});
afterAll(async () => {
  await registered?.stop();
  await bao?.stop();
});

function annotation(pod: JsonObject, name: string): string {
  return textOf(objectOf(objectOf(pod['metadata'])['annotations'])[name]) ?? '';
}

function wrappingToken(pod: JsonObject): string {
  const [init] = listOf(objectOf(pod['spec'])['initContainers']).map(objectOf);
  const entry = listOf(init?.['env'])
    .map(objectOf)
    .find(({ name }) => name === 'COUNTERSIGN_WRAPPING_TOKEN');
  return textOf(entry?.['value']) ?? '';
}

async function lives(accessor: string): Promise<boolean> {
  return bao.call('POST', 'auth/token/lookup-accessor', { accessor }).then(
    () => true,
    () => false,
  );
}

function initStatus(pod: JsonObject): JsonObject {
  const [status] = listOf(objectOf(pod['status'])['initContainerStatuses']).map(objectOf);
  const terminated = [status?.['state'], status?.['lastState']].map((one) =>
    objectOf(objectOf(one)['terminated']),
  );
  return terminated.find((one) => 'exitCode' in one) ?? {};
}

async function waiting(name: string): Promise<RunningPod> {
  const spec = { schedulingGates: [{ name: 'test.example/wait' }] };
  return node.runPod({ namespace, name, annotations, script, spec });
}

async function release(name: string): Promise<void> {
  const patch = JSON.stringify([{ op: 'remove', path: '/spec/schedulingGates' }]);
  await cluster.kubectl(['patch', 'pod', name, '-n', namespace, '--type=json', '-p', patch]);
}

describe('a pod that is given a wrapped token', () => {
  it('reads its credential with that token, and has no other', async () => {
    const pod = await node.runPod({ namespace, name: 'one', annotations, script });
    await pod.until('Succeeded');
    const object = await pod.read();

    expect(await pod.logs()).toContain(String(password.length));
    expect(await pod.logs('countersign-init')).toContain('unwrapped a token');
    expect(objectOf(objectOf(object['metadata'])['labels'])['countersign.dev/issuance']).toBe('wrapped');
    expect(await lives(annotation(object, 'countersign.dev/accessor'))).toBe(true);
    // What stands in the pod is of no use any more.
    await expect(bao.call('POST', 'sys/wrapping/unwrap', { token: wrappingToken(object) })).rejects.toThrow(
      'wrapping token is not valid',
    );
  });

  it('and was robbed of it does not start; the thief’s token is revoked, and people are told', async () => {
    const pod = await waiting('two');
    const object = await pod.read();
    const accessor = annotation(object, 'countersign.dev/accessor');
    const stolen = await bao.call('POST', 'sys/wrapping/unwrap', { token: wrappingToken(object) });
    expect(objectOf(stolen['auth'])['accessor']).toBe(accessor);
    expect(await lives(accessor)).toBe(true);

    await release('two');

    await expect
      .poll(async () => initStatus(await pod.read()), { timeout: 90_000 })
      .toMatchObject({
        exitCode: 16,
        message: expect.stringMatching(/^countersign-alarm: UnwrappedByAnother: /u),
      });
    await expect.poll(() => lives(accessor), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => eventsOf(node, namespace), { timeout: 30_000 }).toContain('UnwrappedByAnother');
    const said = registered.webhook.log.filter(({ alarm }) => alarm === 'UnwrappedByAnother');
    expect(said.map(({ msg, pod: name }) => [name, msg])).toEqual([
      ['two', 'somebody else has had the wrapping token of a pod'],
      ['two', 'revoked the token of a pod'],
    ]);
    await pod.delete();
  });
});

describe('a Job whose policy lets nobody log in', () => {
  it('completes with the token that it is given, and without one of its service account', async () => {
    const job = { namespace, name: 'report', annotations, script, account: 'batch' };
    const { pods } = await node.runJob(job);
    const volumes = pods.flatMap((pod) => listOf(objectOf(pod['spec'])['volumes']).map(objectOf));
    expect(volumes.find(({ name }) => name === 'countersign-token')).toHaveProperty('emptyDir');
  });
});
