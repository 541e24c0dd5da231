import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textMapOf } from '../../src/core/json.ts';
import { newNamespace } from '../support/cluster.ts';
import { type FakeRabbitMq, startFakeRabbitMq } from '../support/fake-rabbitmq.ts';
import { nameOf, type PageExample, readInjectionPage } from '../support/injection-page.ts';
import { isNamespace, type RunningExample, runExample } from '../support/injection-page-node.ts';
import { followPage, leaseUsers } from '../support/injection-page-vault.ts';
import { trustCluster } from '../support/kubernetes-auth.ts';
import { filesWith } from '../support/leaks.ts';
import { sharedNode } from '../support/node.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';

/** The manifests of docs/injection.md on a real node, as they stand but for image and namespace. */

const node = sharedNode();
const { cluster } = node;
const page = await readInjectionPage();
const examples = page.examples.filter(({ refused }) => !refused);

let bao: OpenBao;
let rabbit: FakeRabbitMq;
let registered: Registered;
/** By whether the example brings a Namespace with it. */
let namespaces: Readonly<Record<'given' | 'own', string>>;

beforeAll(async () => {
  bao = await startOpenBao({ tls: true, host: node.address });
  rabbit = await startFakeRabbitMq();
  registered = await registerWebhook(cluster, { policies: [], vault: bao });
  const [own] = examples.flatMap(({ around }) => around).filter(isNamespace);
  const labels = textMapOf(objectOf(objectOf(own?.['metadata'])['labels']));
  namespaces = { given: await newNamespace(cluster), own: await newNamespace(cluster, labels) };
  const names = Object.values(namespaces);
  for (const name of names) await cluster.kubectl(['create', 'serviceaccount', 'cart', '-n', name]);
  await trustCluster(bao, cluster, namespaces.given);
  await followPage(bao, page, (role) => ({ ...role, bound_service_account_namespaces: names.join(',') }));
  await leaseUsers(bao, rabbit.address);
});
afterAll(async () => {
  await registered?.stop();
  await rabbit?.stop();
  await bao?.stop();
});

function named(name: string): PageExample {
  const example = examples.find(({ workload }) => nameOf(workload) === name);
  if (example === undefined) throw new Error(`no example ${name}`);
  return example;
}

function run(example: PageExample): Promise<RunningExample> {
  return runExample(node, example, namespaces[example.around.some(isNamespace) ? 'own' : 'given']);
}

describe('the page about injection', () => {
  it.each(examples.map((example) => [example.title, example] as const))(
    'prints what it shows for %s',
    async (_, example) => {
      const running = await run(example);

      await expect.poll(() => running.logs(), { timeout: 30_000 }).toBe(example.shown);
      await running.remove();
    },
  );
});

describe('what it says', () => {
  it('of the user of a database, gone with the Job that had it, is true', async () => {
    const before = new Set(rabbit.users);
    const running = await run(named('cart-report'));

    await expect
      .poll(() => [...rabbit.users].filter((user) => !before.has(user)), { timeout: 30_000 })
      .toEqual([]);
    await running.remove();
  });

  it('of who keeps the value of a variable, and not that of a file, is true', async () => {
    const password = `pw-${crypto.randomUUID()}`;
    await bao.call('POST', 'secret/data/shop/db', { data: { username: 'cart', password } });
    const kept = () => filesWith(node.dir, [password], ['kubelet/pods']);

    const files = await run(named('cart-files'));
    expect(await kept()).toEqual([]);
    const variables = await run(named('cart-env'));
    expect(await kept()).toEqual([expect.stringMatching(/^containerd\//u)]);
    await files.remove();
    await variables.remove();
  });
});
