import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, objectOf } from '../../src/core/json.ts';
import { openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { containerNames, sharedNode } from '../support/node.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';

/** Variables and files that a sidecar keeps fresh, in pods of a real kubelet. */

const node = sharedNode();
const { cluster } = node;
const FILES = '/var/run/secrets/countersign.dev';
const first = `first-${crypto.randomUUID()}`;
const second = `second-${crypto.randomUUID()}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let bao: OpenBao;
let registered: Registered;
let namespace = '';

beforeAll(async () => {
  bao = await startOpenBao({ tls: true, host: node.address });
  registered = await registerWebhook(cluster, { policies: [], vault: bao });
  namespace = await node.newRestrictedNamespace();
  await trustCluster(bao, cluster, namespace);
  await openShop(bao, namespace, { secret: { username: 'shop', password: first } });
});
afterAll(async () => {
  await registered?.stop();
  await bao?.stop();
});

const ASKS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/credential.db': 'secret/data/shop/db',
};

describe('a variable', () => {
  it('is there for a program that knows nothing of us, and in no field of the pod', async () => {
    const pod = await node.runPod({
      namespace,
      name: 'variable',
      annotations: { ...ASKS, 'countersign.dev/env.DB_PASSWORD': 'db.password' },
      script: 'printf %s "$DB_PASSWORD" | sha256sum',
    });
    await pod.until('Succeeded');

    expect(await pod.logs()).toContain(sha256(first));
    expect(JSON.stringify(await pod.read())).not.toContain(first);
  });
});

describe('a sidecar', () => {
  it('swaps the files when the value changes, and its pod stays as it is', async () => {
    const pod = await node.runPod({
      namespace,
      name: 'sidecar',
      annotations: {
        ...ASKS,
        'countersign.dev/file.password': 'db.password',
        'countersign.dev/refresh.db': '10s',
      },
      script: `while sleep 1; do sha256sum < ${FILES}/password; done`,
    });
    await pod.until('Running');
    expect(containerNames(await pod.read(), 'initContainers')).toEqual([
      'countersign-init',
      'countersign-agent',
    ]);
    await expect.poll(() => pod.logs(), { timeout: 30_000 }).toContain(sha256(first));

    await bao.call('POST', 'secret/data/shop/db', { data: { username: 'shop', password: second } });
    await expect.poll(() => pod.logs(), { timeout: 60_000 }).toContain(sha256(second));
    await pod.delete();
  });

  it('lets a Job complete', async () => {
    const { said } = await node.runJob({
      namespace,
      name: 'report',
      annotations: {
        ...ASKS,
        'countersign.dev/file.password': 'db.password',
        'countersign.dev/agent': 'sidecar',
      },
      script: `sha256sum < ${FILES}/password`,
    });

    expect(said).toContain('condition met');
  });

  it('gives its token back when the pod ends', async () => {
    const accessors = async () => {
      const { keys } = objectOf(objectOf(await bao.call('LIST', 'auth/token/accessors'))['data']);
      return listOf(keys).map(String);
    };
    const before = await accessors();
    const pod = await node.runPod({
      namespace,
      name: 'ending',
      annotations: {
        ...ASKS,
        'countersign.dev/file.password': 'db.password',
        'countersign.dev/agent': 'sidecar',
      },
      script: `trap 'exit 0' TERM; sha256sum < ${FILES}/password; while sleep 1; do :; done`,
    });
    await pod.until('Running');
    await expect.poll(() => pod.logs()).toContain(sha256(second));
    const own = (await accessors()).filter((accessor) => !before.includes(accessor));
    expect(own).toHaveLength(1);
    await pod.delete();

    expect((await accessors()).filter((accessor) => own.includes(accessor))).toEqual([]);
  });
});

describe('rotate: restart', () => {
  it('restarts the containers in place, and the new value is in the environment', async () => {
    const pod = await node.runPod({
      namespace,
      name: 'rotating',
      annotations: {
        ...ASKS,
        'countersign.dev/env.DB_PASSWORD': 'db.password',
        'countersign.dev/refresh.db': '10s',
        'countersign.dev/rotate': 'restart',
      },
      script: 'printf %s "$DB_PASSWORD" | sha256sum; while sleep 1; do :; done',
    });
    await pod.until('Running');
    await expect.poll(() => pod.logs(), { timeout: 30_000 }).toContain(sha256(second));
    const uid = objectOf((await pod.read())['metadata'])['uid'];
    await bao.call('POST', 'secret/data/shop/db', { data: { username: 'shop', password: first } });

    await expect.poll(() => pod.logs().catch(() => ''), { timeout: 90_000 }).toContain(sha256(first));
    expect(objectOf((await pod.read())['metadata'])['uid']).toBe(uid);
    await pod.delete();
  });
});
