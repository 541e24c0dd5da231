import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedNode } from '../support/node.ts';
import { type NodeShop, openNodeShop } from '../support/node-shop.ts';

/** Values that a pod's volumes in memory, and kubelet's file of variables, can't hold. */

const node = sharedNode();
const KiB = 1024;
const FILES = '/var/run/secrets/countersign.dev';

const ASKS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.value': 'db.password',
};

let shop: NodeShop;

beforeAll(async () => {
  shop = await openNodeShop(node, '');
});
afterAll(() => shop?.stop());

describe('a value that is too large', () => {
  it.each<[string, number, number, Readonly<Record<string, string>>, string]>([
    [
      'volume',
      12,
      5120 * KiB,
      {},
      'countersign.dev/credential.db: vault answered with more than 4194304 bytes',
    ],
    [
      'credential',
      14,
      3072 * KiB,
      {},
      'countersign.dev/credential.db: secret/data/shop/db: its fields are larger than 1024 KiB',
    ],
    [
      'set',
      14,
      800 * KiB,
      { 'countersign.dev/file.b': 'db.password', 'countersign.dev/file.c': 'db' },
      'countersign.dev/file.c: all files together are larger than 2048 KiB, and this one is the largest',
    ],
    [
      'variable',
      14,
      40 * KiB,
      { 'countersign.dev/env.VALUE': 'db.password' },
      'countersign.dev/env.VALUE: db.password is larger than the 32 KiB of a variable: use file.*',
    ],
  ])(
    'for a %s is told by the termination message, and no container starts',
    async (name, code, bytes, asks, cause) => {
      await shop.store('x'.repeat(bytes));
      const pod = await node.runPod({
        namespace: shop.namespace,
        name,
        annotations: { ...ASKS, ...asks },
        script: `ls ${FILES}`,
      });
      await pod.until('Failed');

      const { exitCode, message } = await pod.status('countersign-init');
      expect({ exitCode, message }).toEqual({
        exitCode: code,
        message: expect.stringMatching(/^countersign gave up after \d+ s: [^\n]*$/u),
      });
      expect(message).toContain(cause);
      expect((await pod.status('app')).id).toBe('');
    },
  );

  it('as large as it may be fits, also while the one before is there', async () => {
    const size = 1000 * KiB;
    await shop.store('x'.repeat(size));
    const pod = await node.runPod({
      namespace: shop.namespace,
      name: 'largest',
      annotations: { ...ASKS, 'countersign.dev/file.b': 'db.password', 'countersign.dev/refresh.db': '10s' },
      script: `trap 'exit 0' TERM; while sleep 1; do tr -d x < ${FILES}/b | wc -c; wc -c < ${FILES}/b; done`,
    });
    await pod.until('Running');
    await expect.poll(() => pod.logs(), { timeout: 30_000 }).toContain(`0\n${size}\n`);

    await shop.store('y'.repeat(size));
    await expect.poll(() => pod.logs(), { timeout: 60_000 }).toContain(`${size}\n${size}\n`);
    expect((await pod.status('countersign-agent')).restarts).toBe(0);
    await pod.delete();
  });
});

/** Takes the room that is left, as a program in the agent's own container. */
const fill = (folder: string) =>
  `const fs = require('node:fs'); const file = fs.openSync('${folder}/filler', 'w');
   try { for (;;) fs.writeSync(file, Buffer.alloc(4096)); } catch (error) { console.log(error.code); }`;

describe.each([
  ['files', FILES, "can't write into /var/run/secrets/countersign.dev: ENOSPC"],
  ['state', '/var/run/countersign/state', "can't write into /var/run/countersign/state: ENOSPC"],
])('a volume of %s that is full', (name, folder, cause) => {
  it('costs no file: a reader sees the old value, then the new one, each whole', async () => {
    const [first, second] = ['1', '2'].map((digit) => digit.repeat(20 * KiB));
    await shop.store(first ?? '');
    const pod = await node.runPod({
      namespace: shop.namespace,
      name: `full-${name}`,
      annotations: { ...ASKS, 'countersign.dev/refresh.db': '10s' },
      script: `trap 'exit 0' TERM; while sleep 1; do head -c 1 ${FILES}/value; wc -c < ${FILES}/value; done`,
    });
    await pod.until('Running');
    await expect.poll(() => pod.logs(), { timeout: 30_000 }).toContain(`1${20 * KiB}\n`);
    const agent = (script: string) => pod.exec(['/nodejs/bin/node', '--eval', script], 'countersign-agent');
    expect((await agent(fill(folder))).stdout).toBe('ENOSPC\n');

    await shop.store(second ?? '');
    await expect.poll(() => pod.logs('countersign-agent'), { timeout: 60_000 }).toContain(cause);
    const left = `console.log(require('node:fs').readdirSync('${folder}').filter((name) => name.endsWith('new')))`;
    expect((await agent(left)).stdout).toBe('[]\n');
    await agent(`require('node:fs').rmSync('${folder}/filler')`);
    await expect.poll(() => pod.logs(), { timeout: 60_000 }).toContain(`2${20 * KiB}\n`);

    // Whole at every look: never a part, never nothing.
    const lines = new Set((await pod.logs()).trim().split('\n'));
    expect([...lines]).toEqual([`1${20 * KiB}`, `2${20 * KiB}`]);
    expect(await pod.status('countersign-agent')).toMatchObject({ restarts: 0, exitCode: undefined });
    await pod.delete();
  });
});
