import { afterAll, beforeAll, expect, it } from 'vitest';
import { listed } from '../support/agent-openbao.ts';
import { admit } from '../support/kubernetes-auth.ts';
import { sharedNode } from '../support/node.ts';
import { programContainer } from '../support/node-program.ts';
import { type NodeShop, openNodeShop } from '../support/node-shop.ts';
import type { PodReading } from '../support/pod-reader.ts';

/** Long enough for the token to be replaced once. */
const seconds = Number(process.env['COUNTERSIGN_ROTATION_SECONDS'] ?? 60);
const port = '8081';

const node = sharedNode();
let shop: NodeShop;

beforeAll(async () => {
  shop = await openNodeShop(node, 'word');
  await admit(shop.bao, 'short', shop.namespace, { ttl: '60s', maxTtl: '60s' });
});
afterAll(() => shop?.stop());

it('a pod never sees a torn or an ended set while leases of 20 s and a token of 60 s at most rotate', {
  timeout: (seconds + 180) * 1000,
}, async () => {
  const { bao, namespace } = shop;
  const program = { BAO_ADDRESS: bao.address, BAO_CA: bao.ca ?? '', NOTIFY_PORT: port };
  const pod = await node.runPod({
    namespace,
    name: 'reader',
    annotations: {
      'countersign.dev/inject': 'true',
      'countersign.dev/needs': '',
      'countersign.dev/vault-role': 'short',
      'countersign.dev/credential.kv': 'secret/data/shop/kv',
      'countersign.dev/credential.tls': 'write pki/issue/shop common_name=api.shop.svc',
      'countersign.dev/file.kv.json': 'kv',
      'countersign.dev/file.tls.crt': 'tls.certificate',
      'countersign.dev/file.tls.key': 'tls.private_key',
      'countersign.dev/token': 'file',
      'countersign.dev/notify': `http://127.0.0.1:${port}/`,
    },
    script: '',
    container: await programContainer('./pod-reader.ts', [String(seconds)], program),
  });
  await pod.until('Succeeded', (seconds + 120) * 1000);

  const reading: PodReading = JSON.parse(await pod.logs());
  expect(reading.problems).toEqual([]);
  expect(reading.reads).toBeGreaterThan(seconds * 20);
  // A lease every 13 s and a token every 40, each at two thirds of its life.
  expect(reading.swaps).toBeGreaterThanOrEqual(Math.floor(seconds / 15));
  expect(reading.tokens).toBeGreaterThanOrEqual(1 + Math.floor(seconds / 42));
  expect(reading.notified).toBe(reading.swaps);
  // The pod has ended, and with it all that it had.
  await expect.poll(() => listed(bao, 'sys/leases/lookup/pki/issue/shop')).toEqual([]);
});
