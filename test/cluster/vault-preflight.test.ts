import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { saidIn } from '../support/kubectl-said.ts';
import { letCountersignRead, trustCluster } from '../support/kubernetes-auth.ts';
import { PREFLIGHT_FACTS, PREFLIGHT_POLICIES, STRICT } from '../support/preflight.ts';
import { CAUSES, type Cause, HIDDEN } from '../support/preflight-causes.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { type Product, startVaultServer, type VaultServer } from '../support/vault-server.ts';
import { applyShop, expectServed, furnishShop, newShop, type VaultShop } from '../support/vault-shop.ts';
import { vaultsRead } from '../support/vaults-read.ts';

const cluster = sharedCluster();
const PRODUCTS = { default: 'OpenBao', hashicorp: 'Vault' } as const satisfies Record<string, Product>;
const CONNECTIONS = ['default', 'hashicorp'] as const;

let servers: Readonly<Record<(typeof CONNECTIONS)[number], VaultServer>>;

beforeAll(async () => {
  const [bao, vault] = await Promise.all([start(PRODUCTS.default), start(PRODUCTS.hashicorp)]);
  servers = { default: bao, hashicorp: vault };
});
afterAll(() => Promise.all(Object.values(servers ?? {}).map((server) => server.stop())));

async function start(product: Product): Promise<VaultServer> {
  const server = await startVaultServer(product, { tls: true });
  await trustCluster(server, cluster, await newNamespace(cluster));
  await letCountersignRead(server, HIDDEN);
  return server;
}

describe.each(CONNECTIONS)('preflight at the connection %s', (connection) => {
  const shops = new Map<Cause, VaultShop>();
  let ending: VaultShop;
  let registered: Registered;

  beforeAll(async () => {
    for (const cause of CAUSES) {
      const shop = await newShop(cluster, { server: servers[connection], connection }, STRICT);
      await cause.broken(shop);
      shops.set(cause, shop);
    }
    ending = await newShop(cluster, { server: servers[connection], connection }, STRICT, {
      'countersign.dev/agent': 'init',
    });
    await furnishShop(ending);
    registered = await registerWebhook(cluster, {
      policies: PREFLIGHT_POLICIES,
      vault: { ...servers.default, facts: PREFLIGHT_FACTS },
      moreVaults: { hashicorp: { ...servers.hashicorp, facts: PREFLIGHT_FACTS } },
    });
    await vaultsRead(registered, ...CONNECTIONS);
  });
  afterAll(() => registered?.stop());

  it('warns where nobody renews the token', async () => {
    const { code, stderr } = await applyShop(cluster, ending);
    expect([code, ...saidIn(stderr)]).toEqual([
      0,
      `Warning: ${ending.namespace}/api (Deployment): what the pod is given ends with its Vault token, and nothing renews that (600 s): leave countersign.dev/agent to auto, unless the pod ends first`,
    ]);
    await expectServed(cluster, ending);
  });

  it.each(CAUSES)('refuses where $what, and admits once that is mended: it is served', async (cause) => {
    const shop = shops.get(cause);
    if (shop === undefined) throw new Error('no shop');
    const refused = await applyShop(cluster, shop);
    expect([refused.code, ...saidIn(refused.stderr)]).toEqual([
      1,
      `${shop.namespace}/api (Deployment) may not run as serviceaccount ${shop.namespace}/api: ${cause.counted ?? '1 missing'} [d-ID, policy preflight-strict]`,
      ...cause.said(shop),
    ]);

    await cause.mend(shop);

    expect(await applyShop(cluster, shop)).toMatchObject({ code: 0, stderr: '' });
    await expectServed(cluster, shop);
  });
});
