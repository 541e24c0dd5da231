import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../../scripts/cluster/ports.ts';
import { objectOf } from '../../src/core/json.ts';
import { createAuthority } from '../../src/server/authority.ts';
import { creation, type LoadResult, type Loss, startLoad } from '../support/chart-load.ts';
import { lossTable } from '../support/chart-losses.ts';
import { ASKS, triedPod } from '../support/chart-pods.ts';
import { type ChartRelease, furnishShop, prepareRelease } from '../support/chart-release.ts';
import { halt, holderOf, kill, replica, untilReady } from '../support/chart-replicas.ts';
import { newNamespace } from '../support/cluster.ts';
import { decoded, type SecretData } from '../support/keys.ts';
import { sharedNode } from '../support/node.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';

/** What fails beside a replica, or in one, while 50 pods a second that ask for credentials are admitted. */

const node = sharedNode();
const { cluster } = node;
const password = `pw-${crypto.randomUUID()}`;
const SLOW = { timeout: 150_000, interval: 500 };

let release: ChartRelease;
let listener: Required<Parameters<typeof prepareRelease>[1]>['listener'];
/** After its restart. */
let second: OpenBao | undefined;
const results: Record<string, LoadResult> = {};

beforeAll(async () => {
  listener = { port: await freePort(), authority: await createAuthority('vault-authority') };
  release = await prepareRelease(node, { password, listener, readsVault: true });
  await cluster.kubectl(['apply', '-f', 'manifests/policies/enforce.yaml']);
  const labels = ['countersign.dev/enforce=true', 'countersign.dev/policy=enforce'];
  await cluster.kubectl(['label', 'namespace', release.namespace, ...labels]);
  await release.install();
  await vi.waitUntil(warnedByVault, SLOW);
});
afterAll(async () => {
  process.stdout.write(lossTable(results));
  await cluster.kubectl(['delete', 'scopepolicy', 'enforce', '--ignore-not-found']);
  await release?.stop();
  await second?.stop();
});

async function keys(): Promise<SecretData> {
  const secret = await release.client.get('/api/v1/namespaces/countersign/secrets/countersign-keys');
  return objectOf(objectOf(secret)['data']) as SecretData;
}

interface Fault {
  readonly what: string;
  /** Until all is well again. */
  readonly happens: () => Promise<void>;
  /** What no webhook can keep from being lost. */
  readonly lost: readonly Loss[];
}

/** A process that is killed or halted cannot finish what it was asked, and calls come to it until its node has noticed. */
const OF_ITS_PROCESS: readonly Loss[] = ['Webhook', 'NotInjected'];

const faults: readonly Fault[] = [
  {
    what: 'a new certificate of a new CA',
    lost: [],
    async happens() {
      const before = await keys();
      const asked = ['countersign.dev/renew=tls,ca', '-n', 'countersign'];
      await cluster.kubectl(['annotate', 'secret/countersign-keys', ...asked]);
      await expect
        .poll(async () => {
          const after = await keys();
          const leaf = new X509Certificate(decoded(after, 'tls.crt'));
          const isNew = after['ca.key'] !== before['ca.key'];
          return isNew && leaf.verify(new X509Certificate(decoded(after, 'ca.crt')).publicKey);
        }, SLOW)
        .toBe(true);
    },
  },
  {
    what: 'a restart of Vault, which forgets every token',
    lost: [],
    async happens() {
      await release.bao.stop();
      second = await startOpenBao({ ...listener, tls: true, host: node.address });
      const reviewers = await newNamespace(cluster);
      await furnishShop(second, node, { namespace: release.namespace, reviewers, password });
    },
  },
  {
    what: 'the end of the leader by SIGKILL',
    lost: OF_ITS_PROCESS,
    async happens() {
      const before = await holderOf(cluster);
      await kill(cluster, await replica(cluster, 'leader'));
      await expect.poll(async () => ['', before].includes(await holderOf(cluster)), SLOW).toBe(false);
    },
  },
  {
    what: 'the end of another replica by SIGKILL',
    lost: OF_ITS_PROCESS,
    happens: async () => kill(cluster, await replica(cluster, 'other')),
  },
  {
    what: 'a halt of all replicas for eight seconds',
    lost: OF_ITS_PROCESS,
    // Longer than a call waits; the next test shows that they were not taken away for it.
    happens: () => halt(cluster, 8000),
  },
  {
    what: 'a restart of the API server',
    lost: ['APIServer'],
    async happens() {
      await node.restart('kube-apiserver');
      await untilReady(cluster);
    },
  },
];

function load() {
  return startLoad(release.client, [creation(release.namespace, triedPod(release.namespace, ASKS))]);
}

async function forCalls(count: number, running = load()): Promise<LoadResult> {
  const goal = running.calls + count;
  await expect.poll(() => running.calls, SLOW).toBeGreaterThan(goal);
  return running.stop();
}

describe.each(faults)('$what under 50 admissions a second', ({ what, happens, lost }) => {
  it('lets no pod in without its credentials, and loses no more than cannot be helped', async () => {
    const running = load();
    await happens();
    const result = await forCalls(50, running);
    results[what] = result;

    expect(result.failures.filter(({ loss }) => !lost.includes(loss))).toEqual([]);
    expect(result.failures.filter(({ said }) => said.includes('no endpoints available'))).toEqual([]);
    expect(result.uninjected).toBe(0);
    expect(result.calls).toBeGreaterThan(50);
  });

  it('leaves nothing behind', async () => {
    expect(await forCalls(50)).toMatchObject({ failures: [], uninjected: 0 });
  });
});

/** What is said of a pod whose account may not read at Vault what the pod asks for: only Vault can tell. */
async function warnedByVault(): Promise<boolean> {
  const annotations = { ...ASKS, 'countersign.dev/credential.db': 'secret/data/elsewhere/db' };
  const input = JSON.stringify(triedPod(release.namespace, annotations));
  const { stderr } = await cluster.kubectl(['create', '-f', '-', '--dry-run=server'], { input });
  return stderr.includes('refused at secret/data/elsewhere/db');
}

describe('after all of it', () => {
  it('Countersign knows again what an account may read at Vault', async () => {
    await expect.poll(warnedByVault, SLOW).toBe(true);
  });

  it('a pod reads its credential', async () => {
    const script = `test "$(cat /var/run/secrets/countersign.dev/password)" = "${password}"`;
    const { namespace } = release;
    const pod = await node.runPod({ namespace, name: 'after', annotations: ASKS, script });
    await pod.until('Succeeded');
  });
});
