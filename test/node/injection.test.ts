import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../src/core/json.ts';
import { openShop, trustCluster } from '../support/kubernetes-auth.ts';
import { containerNames, sharedNode } from '../support/node.ts';
import { placesWith } from '../support/node-leaks.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';

const node = sharedNode();
const { cluster } = node;
const password = `pw-${crypto.randomUUID()}`;
const annotations = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/agent': 'init',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
};
const files = '/var/run/secrets/countersign.dev';
/** What the application does with its credential: shows which one it has, and not what it is. */
const script = `sha256sum < ${files}/password && ls -l ${files}/ && id -u`;

let bao: OpenBao;
let registered: Registered;
let namespace = '';

beforeAll(async () => {
  bao = await startOpenBao({ tls: true, host: node.address });
  registered = await registerWebhook(cluster, { policies: [], vault: bao });
  namespace = await node.newRestrictedNamespace();
  await trustCluster(bao, cluster, namespace);
  await openShop(bao, namespace, { secret: { username: 'shop', password } });
});
afterAll(async () => {
  await registered?.stop();
  await bao?.stop();
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('a pod of an image that knows nothing of us, in a restricted namespace with quota and limits', () => {
  it('reads the credential that the agent fetched from a real server with a real token', async () => {
    const pod = await node.runPod({ namespace, name: 'one', annotations, script });
    await pod.until('Succeeded');

    expect(containerNames(await pod.read(), 'initContainers')).toEqual(['countersign-init']);
    expect(await pod.logs()).toContain(sha256(password));
  });

  it('leaves the value nowhere but in the memory of the pod', async () => {
    const marker = `marker-${crypto.randomUUID()}`;
    const pod = await node.runPod({
      namespace,
      name: 'two',
      annotations: { ...annotations, marker },
      script: `${script}; sleep 60`,
    });
    await pod.until('Running');
    await expect.poll(() => pod.logs()).toContain(sha256(password));

    expect(await placesWith([password], node, pod, registered)).toEqual([]);
    // The look finds what is there: else it would prove nothing.
    const stored = await placesWith([marker], node, pod, registered);
    expect(stored.filter((place) => place.startsWith('etcd/'))).not.toEqual([]);
    const printed = await placesWith([sha256(password)], node, pod, registered);
    expect(printed.filter((place) => place.startsWith('pod-logs/'))).not.toEqual([]);
    await pod.delete();
  });

  it('is reached by kubectl exec', async () => {
    const pod = await node.runPod({ namespace, name: 'three', annotations, script: 'sleep 60' });
    await pod.until('Running');

    const { stdout, code } = await pod.exec(['sha256sum', `${files}/password`]);
    expect({ code, hash: stdout.split(' ')[0] }).toEqual({ code: 0, hash: sha256(password) });
    expect((await pod.exec(['sh', '-c', `echo x > ${files}/password`])).code).not.toBe(0);
    await pod.delete();
  });
});

describe('a Job', () => {
  it('completes', async () => {
    const {
      pods: [pod],
    } = await node.runJob({ namespace, name: 'report', annotations, script });
    const name = textOf(objectOf(pod?.['metadata'])['name']) ?? '';
    expect(await node.pod(namespace, name).logs()).toContain(sha256(password));
  });
});
