import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Caller, createCallerCheck, tlsOptionsFor } from '../../../src/server/caller.ts';
import { listen } from '../../../src/server/listen.ts';
import { createCa, type TestCa, type TestPair } from '../../support/tls.ts';
import { reviewText, setUpWebhook } from '../../support/webhook.ts';

let serverCa: TestCa;
let clientCa: TestCa;
let webhook: ReturnType<typeof setUpWebhook>;
let port: number;

beforeAll(async () => {
  [serverCa, clientCa] = await Promise.all([createCa('server CA'), createCa('client CA')]);
  const caller: Caller = { mode: 'mtls', allowedNames: ['kube-apiserver', 'spiffe://cluster/apiserver'] };
  webhook = setUpWebhook({
    caller: createCallerCheck(caller),
    tls: { ...(await serverCa.issue()), ca: clientCa.pem, ...tlsOptionsFor(caller) },
  });
  port = await listen(webhook.app, { host: '127.0.0.1', port: 0 });
});

afterAll(() => webhook.app.close());

async function call(options: RequestOptions, path = '/change') {
  const headers = { 'content-type': 'application/json' };
  const sent = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path,
    ca: serverCa.pem,
    agent: false,
    headers,
    ...options,
  });
  sent.on('error', () => undefined);
  sent.end(reviewText());
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, body: JSON.parse(await text(response)) };
}

it.each<[string, () => Promise<TestPair>]>([
  ['its common name', () => clientCa.issue({ commonName: 'kube-apiserver' })],
  ['a DNS name', () => clientCa.issue({ commonName: 'x', dns: ['a.example', 'kube-apiserver'] })],
  ['a URI', () => clientCa.issue({ commonName: 'x', uris: ['spiffe://cluster/apiserver'] })],
])('a certificate that is allowed by %s is let in', async (_name, issue) => {
  expect((await call(await issue())).status).toBe(200);
});

it.each<[string, () => Promise<RequestOptions>]>([
  ['no certificate', async () => ({})],
  ['a name that is not listed', () => clientCa.issue({ commonName: 'kubelet' })],
  ['a name in other letters', () => clientCa.issue({ commonName: 'Kube-Apiserver' })],
  [
    'a name that only contains a listed one',
    () => clientCa.issue({ commonName: 'x', dns: ['kube-apiserver.example'] }),
  ],
  ['the certificate of another CA', () => serverCa.issue({ commonName: 'kube-apiserver' })],
  [
    'an expired certificate',
    () => clientCa.issue({ commonName: 'kube-apiserver', notAfter: new Date(Date.now() - 1000) }),
  ],
  [
    'the listed name inside another one',
    () => clientCa.issue({ commonName: 'x', uris: ['urn:x, DNS:kube-apiserver'] }),
  ],
])('%s is refused and learns nothing', async (_name, options) => {
  const { status, body } = await call(await options());
  expect([status, body]).toEqual([
    403,
    {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Forbidden',
      message: 'forbidden',
      code: 403,
    },
  ]);
});

it('a path that does not exist is not found, whoever asks', async () => {
  expect((await call(await clientCa.issue({ commonName: 'kube-apiserver' }), '/change/door')).status).toBe(
    404,
  );
});

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of %s that began without a certificate is not let in when it is resumed',
  async (version) => {
    const options: ConnectionOptions = {
      host: '127.0.0.1',
      port,
      ca: serverCa.pem,
      minVersion: version,
      maxVersion: version,
    };
    const head = 'POST /change HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
    const first = connect(options);
    let session: Buffer | undefined;
    first.on('session', (fresh: Buffer) => {
      session = fresh;
    });
    first.end(head);
    await text(first);

    const second = connect({ ...options, ...(session && { session }) });
    await once(second, 'secureConnect');
    const isReused = second.isSessionReused();
    second.end(head);
    const answer = await text(second);

    expect(isReused).toBe(true);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  },
);
