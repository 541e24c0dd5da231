import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { signature } from '../../src/notify/signature.ts';
import { sharedCluster } from '../support/cluster.ts';
import { applyTo, enforcedNamespace, NO_VAULT } from '../support/cluster-objects.ts';
import { installCrds } from '../support/crds.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

/** The whole way: the bundle with the rights that ship, a real refusal and a real grant, and who is told of them. */

const cluster = sharedCluster();
const LABEL = 'countersign.dev/notifications';
const OURS = 'countersign.dev/v1alpha1';
const KEY = new Uint8Array(32).fill(7);
const WAIT = { timeout: 30_000, interval: 100 };

interface Got {
  readonly signature: unknown;
  readonly body: string;
}

const got: Got[] = [];
const receiver = createServer((request, response) => void take(request, response));
let registered: Registered;
let namespace: string;

beforeAll(async () => {
  await installCrds(cluster);
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`;
  const policy = {
    apiVersion: OURS,
    kind: 'ScopePolicy',
    metadata: { name: 'notifications' },
    spec: {
      match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } },
      onChange: { missing: 'Deny' },
      grants: { mayWaive: ['missing'], maxDuration: '24h' },
    },
  };
  registered = await registerWebhook(cluster, {
    policies: [policy],
    vault: NO_VAULT,
    notify: { url, key: KEY },
  });
  namespace = await enforcedNamespace(cluster, LABEL);
});
afterAll(async () => {
  await registered.stop();
  receiver.closeAllConnections();
  receiver.close();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
  got.push({ signature: request.headers['countersign-signature'], body: Buffer.concat(chunks).toString() });
  response.writeHead(204).end();
}

/** Of this namespace: other tests have left workloads that came by break-glass, of which it is told as well. */
const bodies = () =>
  got.map(({ body }) => objectOf(JSON.parse(body))).filter((body) => body['namespace'] === namespace);
const events = () => bodies().map(({ event }) => event);
const deploy = () =>
  applyTo(
    cluster,
    workloadObject({
      namespace,
      annotations: { 'countersign.dev/needs': 'get configmaps' },
      metadata: { name: 'api', namespace },
    }),
  );

async function made(kind: string, name: string, spec: object): Promise<JsonObject> {
  const object = { apiVersion: OURS, kind, metadata: { name, namespace }, spec };
  expect(await applyTo(cluster, object)).toMatchObject({ code: 0 });
  await expect
    .poll(async () => (await stored(kind, name))['status'] !== undefined || kind === 'AccessDecision', WAIT)
    .toBe(true);
  return stored(kind, name);
}

async function stored(kind: string, name: string): Promise<JsonObject> {
  const { stdout } = await cluster.kubectl(['get', kind, name, '-n', namespace, '-o', 'json']);
  return objectOf(JSON.parse(stdout));
}

describe('a receiver', () => {
  it('is told of the refusal, of the grant, of its approval and of its first use, each signed', async () => {
    const { stderr } = await deploy();
    const [, decision = ''] = /\[(d-[0-9a-z]{8}), policy notifications\]/u.exec(stderr) ?? [];
    await expect.poll(events, WAIT).toEqual(['DenialOpened']);

    const asked = await made('AccessGrant', 'debug', {
      serviceAccount: { name: 'api' },
      scopes: ['get configmaps'],
      checks: ['missing'],
      reason: 'until the role is there',
      duration: '1h',
      requester: 'jane',
      decision,
    });
    await made('AccessDecision', 'debug-1', {
      grant: 'debug',
      grantUID: textOf(objectOf(asked['metadata'])['uid']),
      scopesDigest: objectOf(asked['status'])['scopesDigest'],
      requester: 'jane',
      by: 'omar',
      decision: 'Approve',
      reason: 'agreed',
    });
    await expect.poll(async () => (await deploy()).code, WAIT).toBe(0);
    await expect.poll(events, WAIT).toEqual(['DenialOpened', 'GrantOpened', 'GrantApproved', 'GrantUsed']);

    const [denial, , approval] = bodies();
    expect(denial).toMatchObject({
      namespace,
      name: decision,
      serviceAccount: 'api',
      workload: 'Deployment/api',
    });
    expect(denial?.['text']).toContain('1 missing');
    expect(approval).toMatchObject({ name: 'debug', requester: 'jane', by: 'omar', decision });
    for (const { signature: header, body } of got) {
      const [, seconds] = /^t=(\d+),/u.exec(String(header)) ?? [];
      expect(header).toBe(signature(KEY, Number(seconds), body));
    }
    expect(registered.webhook.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});
