import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listed, secondsLeft } from '../support/agent-openbao.ts';
import { type RunningPod, sharedNode } from '../support/node.ts';
import { killProcessesOf } from '../support/node-processes.ts';
import { type NodeShop, openNodeShop } from '../support/node-shop.ts';

/** What may end under a running pod: its sidecar, the runtime, the kubelet. */

const node = sharedNode();
const FILES = '/var/run/secrets/countersign.dev';
const newWord = () => `word-${crypto.randomUUID()}`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let shop: NodeShop;
let pod: RunningPod;
/** All that OpenBao gave out when the pod had started. */
let given: readonly unknown[];
let containers: readonly string[];

beforeAll(async () => {
  shop = await openNodeShop(node, newWord());
  pod = await node.runPod({
    namespace: shop.namespace,
    name: 'lasting',
    annotations: {
      'countersign.dev/inject': 'true',
      'countersign.dev/needs': '',
      'countersign.dev/credential.db': 'secret/data/shop/db',
      'countersign.dev/file.password': 'db.password',
      'countersign.dev/refresh.db': '10s',
      'countersign.dev/credential.tls': 'write pki/issue/shop common_name=api.shop.svc ttl=1h',
      'countersign.dev/file.tls.crt': 'tls.certificate',
      'countersign.dev/token': 'file',
    },
    script: `trap 'exit 0' TERM; while sleep 1; do sha256sum < ${FILES}/password; done`,
  });
  await pod.until('Running');
  given = await givenOut();
  containers = await ids();
});
afterAll(async () => {
  await pod?.delete();
  await shop?.stop();
});

async function givenOut(): Promise<readonly unknown[]> {
  return [await listed(shop.bao, 'auth/token/accessors'), await listed(shop.bao, 'pki/certs')];
}

async function ids(): Promise<readonly string[]> {
  return Promise.all(['app', 'countersign-agent'].map(async (name) => (await pod.status(name)).id));
}

async function reads(word: string): Promise<void> {
  await expect.poll(() => pod.logs(), { timeout: 60_000, interval: 500 }).toContain(sha256(word));
}

async function refreshes(): Promise<void> {
  const word = newWord();
  await shop.store(word);
  await reads(word);
}

async function tokenLives(): Promise<boolean> {
  const { stdout } = await pod.exec(['cat', `${FILES}/token`]);
  return ((await secondsLeft(shop.bao, stdout)) ?? 0) > 0;
}

describe.each(['containerd', 'kubelet'] as const)('a pod whose %s is restarted', (program) => {
  it('runs on, with credentials that are valid and stay fresh', async () => {
    await node.restart(program);

    await expect.poll(tokenLives, { timeout: 30_000 }).toBe(true);
    await refreshes();
    expect(await ids()).toEqual(containers);
    expect(await givenOut()).toEqual(given);
  });
});

describe('a sidecar that is killed', () => {
  it('is started again, and goes on without a second login or lease', async () => {
    const [app, agent = ''] = containers;
    killProcessesOf(agent);

    await expect
      .poll(() => pod.status('countersign-agent'), { timeout: 60_000 })
      .toMatchObject({ restarts: 1, startedAt: expect.any(Number), exitCode: undefined });
    await refreshes();
    expect(await givenOut()).toEqual(given);
    expect(await tokenLives()).toBe(true);
    expect(await pod.status('app')).toMatchObject({ id: app, restarts: 0 });
  });
});
