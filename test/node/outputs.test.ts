import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf } from '../../src/core/json.ts';
import { createVaultClient } from '../../src/vault/client.ts';
import { filesWith } from '../support/leaks.ts';
import { type RunningPod, sharedNode } from '../support/node.ts';
import { placesWith } from '../support/node-leaks.ts';
import { type NodeShop, openNodeShop } from '../support/node-shop.ts';

const node = sharedNode();
const FILES = '/var/run/secrets/countersign.dev';
const password = `pw-${crypto.randomUUID()}`;
const marker = `marker-${crypto.randomUUID()}`;

let shop: NodeShop;
let pod: RunningPod;

beforeAll(async () => {
  shop = await openNodeShop(node, password);
  pod = await node.runPod({
    namespace: shop.namespace,
    name: 'everything',
    annotations: {
      marker,
      'countersign.dev/inject': 'true',
      'countersign.dev/needs': '',
      'countersign.dev/credential.db': 'secret/data/shop/db',
      'countersign.dev/credential.tls': 'write pki/issue/shop common_name=api.shop.svc ttl=1h',
      'countersign.dev/file.tls.crt': 'tls.certificate',
      'countersign.dev/file.tls.key': 'tls.private_key',
      'countersign.dev/file.app.conf': 'url = "db://{db.username}:{db.password|url}@db/"\n{{ok}}\n',
      'countersign.dev/identity.billing.jwt': 'billing aud=billing scope=read,write',
      'countersign.dev/token': 'file',
    },
    script: `echo ${marker}; sha256sum ${FILES}/*; trap 'exit 0' TERM; while sleep 1; do :; done`,
  });
  await pod.until('Running');
});
afterAll(async () => {
  await pod?.delete();
  await shop?.stop();
});

async function file(name: string): Promise<string> {
  const { code, stdout } = await pod.exec(['cat', `${FILES}/${name}`]);
  expect(code).toBe(0);
  return stdout;
}

describe('an image that knows nothing of us, in a restricted namespace with quota and limits, has', () => {
  it('a key pair of the PKI engine', async () => {
    const certificate = new X509Certificate(await file('tls.crt'));

    expect(certificate.checkPrivateKey(createPrivateKey(await file('tls.key')))).toBe(true);
    expect(certificate.subjectAltName).toBe('DNS:api.shop.svc');
  });

  it('a signed token of the identity engine, for its audience and with its scopes', async () => {
    const keys = await shop.bao.call('GET', 'identity/oidc/.well-known/keys');

    const verified = await jwtVerify(
      await file('billing.jwt'),
      createLocalJWKSet(keys as unknown as JSONWebKeySet),
      { audience: 'billing' },
    );
    expect(verified.payload['scope']).toBe('read write');
  });

  it('a file made of a template', async () => {
    expect(await file('app.conf')).toBe(`url = "db://shop:${password}@db/"\n{ok}\n`);
  });

  it('a Vault token that works, and that may do no more than its role', async () => {
    const { address, ca } = shop.bao;
    const vault = createVaultClient({ address, ...(ca !== undefined && { ca }) });
    const token = await file('token');

    const { data } = await vault.read('secret/data/shop/db', token);
    expect(objectOf(data?.['data'])['password']).toBe(password);
    await expect(vault.read('secret/data/other', token)).rejects.toThrow('403');
    vault.close();
  });

  it('none of this anywhere else: in no object, event, log, audit event, nor in etcd', async () => {
    await expect.poll(() => pod.logs(), { timeout: 30_000 }).toContain(marker);
    const key = (await file('tls.key')).split('\n')[1] ?? '';
    const jwt = await file('billing.jwt');
    const values = [password, key, jwt, jwt.split('.')[2] ?? '', await file('token')];
    expect(Math.min(...values.map(({ length }) => length))).toBeGreaterThan(20);

    expect(await placesWith(values, node, pod, shop.registered)).toEqual([]);
    // The look finds what is there: else it would prove nothing.
    const found = await placesWith([marker], node, pod, shop.registered);
    expect(found).toEqual(expect.arrayContaining(['the pod', 'the log of app']));
    expect(found.filter((place) => place.startsWith('etcd/'))).not.toEqual([]);
    expect(found.filter((place) => place.startsWith('pod-logs/'))).not.toEqual([]);
    // And the values are where they belong.
    expect(await filesWith(`${node.dir}/kubelet/pods`, [password])).not.toEqual([]);
  });
});
