import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectOf, textOf } from '../../src/core/json.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { applyTo, DENY_EVERY_RISK, granted } from '../support/cluster-objects.ts';
import { saidIn } from '../support/kubectl-said.ts';
import { letCountersignRead, trustCluster } from '../support/kubernetes-auth.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { startVaultServer, type VaultServer } from '../support/vault-server.ts';
import {
  applyShop,
  furnishShop,
  newShop,
  putPolicy,
  removeShop,
  SHOP_ROLES,
  type VaultShop,
} from '../support/vault-shop.ts';
import { vaultsRead } from '../support/vaults-read.ts';

const cluster = sharedCluster();
const STRICT = 'countersign.dev/vault-excess';
const LENIENT = 'countersign.dev/vault-excess-warned';

function policy(label: string, onChange: object): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: label.slice(label.indexOf('/') + 1) },
    spec: {
      match: { namespaceSelector: { matchLabels: { [label]: 'true' } } },
      onChange: { missing: 'Deny', undetermined: 'Deny', ...onChange },
      onGrant: { missing: 'Deny', excess: DENY_EVERY_RISK, forbidden: 'Deny' },
      allow: ['get configmaps'],
      forbid: ['vault update sys/policies/acl/*'],
      injection: { roles: [...SHOP_ROLES] },
    },
  };
}
const POLICIES = [
  policy(STRICT, { excess: DENY_EVERY_RISK, forbidden: 'Deny' }),
  policy(LENIENT, { forbidden: 'Warn' }),
];

/** The least that may be configured: what is new is in the facts by then. */
const refreshSeconds = 10;

let servers: { readonly default: VaultServer; readonly hashicorp: VaultServer };
let registered: Registered;
const shops = new Map<Way | typeof PLAIN, VaultShop>();

/** By which the account holds more than the workload needs, which never names it. */
interface Way {
  readonly what: string;
  /** Default: `1 excess`. */
  readonly counted?: string;
  readonly open: (shop: VaultShop) => Promise<void>;
  /** The lines below the first. */
  readonly said: (shop: VaultShop) => readonly string[];
  readonly close: (shop: VaultShop) => Promise<unknown>;
}

const PLAIN = 'plain';
const NARROW =
  'next: narrow or remove the bindings and policies named above, or declare what is really needed in countersign.dev/needs';
const WIDE = 'path "secret/*" { capabilities = ["create", "delete", "list", "read", "update"] }';
const WIDE_SCOPE = 'vault create,read,update,delete,list secret/*';

const WAYS: readonly Way[] = [
  {
    what: 'a second, wide role',
    open: (shop) => wideRole(shop, shop.server, WIDE),
    said: ({ namespace }) => [
      `high ${WIDE_SCOPE} via Vault role wide-${namespace} → policy wide-${namespace}`,
      NARROW,
    ],
    close: ({ namespace, server }) => server.call('DELETE', `auth/kubernetes/role/wide-${namespace}`),
  },
  {
    what: 'a wide role of another connection',
    open: (shop) => wideRole(shop, servers.hashicorp, WIDE),
    said: ({ namespace }) => [
      `high ${WIDE_SCOPE} via Vault role wide-${namespace} of hashicorp → policy wide-${namespace}`,
      NARROW,
    ],
    close: ({ namespace }) => servers.hashicorp.call('DELETE', `auth/kubernetes/role/wide-${namespace}`),
  },
  {
    what: 'a policy of its entity',
    open: (shop) => entityOf(shop, [`wide-${shop.namespace}`]).then(() => undefined),
    said: ({ namespace, role }) => [
      `high ${WIDE_SCOPE} via Vault role ${role} → policy wide-${namespace}`,
      NARROW,
    ],
    close: ({ namespace, server }) => server.call('DELETE', `identity/entity/name/${namespace}`),
  },
  {
    what: 'a policy of a group that its entity is in',
    async open(shop) {
      const member = await entityOf(shop, []);
      await identity(shop, 'group', {
        name: shop.namespace,
        policies: [`wide-${shop.namespace}`],
        member_entity_ids: [member],
      });
    },
    said: ({ namespace, role }) => [
      `high ${WIDE_SCOPE} via Vault role ${role} → policy wide-${namespace}`,
      NARROW,
    ],
    close: ({ namespace, server }) => server.call('DELETE', `identity/group/name/${namespace}`),
  },
  {
    what: 'a role that gives what is forbidden',
    counted: '1 forbidden',
    open: (shop) => wideRole(shop, shop.server, 'path "sys/policies/acl/+" { capabilities = ["update"] }'),
    said: ({ namespace }) => [
      `forbidden vault update sys/policies/acl/+ by policy vault-excess via Vault role wide-${namespace} → policy wide-${namespace}`,
      'next: remove the binding or policy that gives it, or narrow it',
    ],
    close: ({ namespace, server }) => server.call('DELETE', `auth/kubernetes/role/wide-${namespace}`),
  },
];

async function wideRole({ namespace }: VaultShop, server: VaultServer, text: string): Promise<void> {
  await putPolicy({ server }, `wide-${namespace}`, text);
  await server.call('POST', `auth/kubernetes/role/wide-${namespace}`, {
    bound_service_account_names: '*',
    bound_service_account_namespaces: [namespace, 'elsewhere'],
    token_policies: `wide-${namespace}`,
  });
}

/** As the first login would make it, with these policies. */
async function entityOf(shop: VaultShop, policies: readonly string[]): Promise<string> {
  const { namespace, server } = shop;
  await putPolicy(shop, `wide-${namespace}`, WIDE);
  const { stdout } = await cluster.kubectl(['get', 'serviceaccount', 'api', '-n', namespace, '-o', 'json']);
  const uid = textOf(objectOf(objectOf(JSON.parse(stdout))['metadata'])['uid']);
  const mounts = objectOf(objectOf(await server.call('GET', 'sys/auth'))['data']);
  const accessor = textOf(objectOf(mounts['kubernetes/'])['accessor']);
  const id = await identity(shop, 'entity', { name: namespace, policies });
  await identity(shop, 'entity-alias', { name: uid, canonical_id: id, mount_accessor: accessor });
  return id;
}

async function identity({ server }: VaultShop, kind: string, fields: object): Promise<string> {
  const { data } = await server.call('POST', `identity/${kind}`, fields);
  return textOf(objectOf(data)['id']) ?? '';
}

beforeAll(async () => {
  const [bao, vault] = await Promise.all([
    startVaultServer('OpenBao', { tls: true }),
    startVaultServer('Vault', { tls: true }),
  ]);
  servers = { default: bao, hashicorp: vault };
  for (const server of [bao, vault]) {
    await trustCluster(server, cluster, await newNamespace(cluster));
    await letCountersignRead(server);
  }
  for (const way of [...WAYS, PLAIN] as const) {
    const shop = await shopOf(STRICT);
    if (way !== PLAIN) await way.open(shop);
    shops.set(way, shop);
  }
  const facts = { role: 'countersign', refreshSeconds };
  registered = await registerWebhook(cluster, {
    policies: POLICIES,
    vault: { ...bao, facts },
    moreVaults: { hashicorp: { ...vault, facts } },
  });
  await vaultsRead(registered, 'default', 'hashicorp');
});
afterAll(async () => {
  await registered?.stop();
  await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()));
});

async function shopOf(label: string): Promise<VaultShop> {
  const shop = await newShop(cluster, { server: servers.default, connection: 'default' }, label);
  await furnishShop(shop);
  return shop;
}

function shopFor(way: Way | typeof PLAIN): VaultShop {
  const shop = shops.get(way);
  if (shop === undefined) throw new Error('no shop');
  return shop;
}

const apply = (shop: VaultShop) => applyShop(cluster, shop);

const remove = (shop: VaultShop) => removeShop(cluster, shop);

function headline({ namespace }: VaultShop, counted: string): string {
  return `${namespace}/api (Deployment) may not run as serviceaccount ${namespace}/api: ${counted} [d-ID, policy vault-excess]`;
}

describe('an account that Vault lets do more than its workload needs', () => {
  it.each(WAYS)('by $what: is refused, and admitted when that is gone', async (way) => {
    const shop = shopFor(way);
    const { code, stderr } = await apply(shop);
    expect([code, ...saidIn(stderr)]).toEqual([
      1,
      headline(shop, way.counted ?? '1 excess'),
      ...way.said(shop),
    ]);

    await way.close(shop);

    expect(await apply(shop)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is admitted with a warning where the policy only warns, and RBAC is written as if Vault gave nothing', async () => {
    const shop = await shopOf(LENIENT);
    const { namespace } = shop;
    await wideRole(shop, shop.server, WIDE);
    await expect
      .poll(() => warningOf(shop), { timeout: 30_000, interval: 1000 })
      .toContain(`Warning: high ${WIDE_SCOPE} via Vault role wide-${namespace} → policy wide-${namespace}`);
    await apply(shop);

    expect(await applyTo(cluster, ...granted(namespace, 'reader', 'configmaps'))).toMatchObject({
      code: 0,
      stderr: '',
    });
    const refused = await applyTo(cluster, ...granted(namespace, 'secrets', 'secrets'));
    expect(refused.stderr).toContain(`get secrets in ${namespace}`);
    expect(refused.stderr).not.toContain('Vault');
  });
});

/** Of a Deployment that is not there afterwards. */
async function warningOf(shop: VaultShop): Promise<string> {
  const { stderr } = await apply(shop);
  await remove(shop);
  return stderr;
}

describe('what every account may do in Vault', () => {
  let stock = '';

  it.each<[string, () => Promise<unknown>, (shop: VaultShop) => string, () => Promise<unknown>]>([
    [
      'a role that is open to all of them',
      () =>
        servers.default.call('POST', 'auth/kubernetes/role/open', {
          bound_service_account_names: '*',
          bound_service_account_namespaces: '*',
        }),
      () => 'high any service account of the cluster may use the Vault role (Vault role open)',
      () => servers.default.call('DELETE', 'auth/kubernetes/role/open'),
    ],
    [
      'a `default` policy that says more than it did',
      async () => {
        const { data } = await servers.default.call('GET', 'sys/policies/acl/default');
        stock = textOf(objectOf(data)['policy']) ?? '';
        const more = 'path "secret/metadata/*" { capabilities = ["list"] }';
        await putPolicy({ server: servers.default }, 'default', `${stock}\n${more}`);
      },
      ({ role }) => `medium vault list secret/metadata/* via Vault role ${role} → policy default`,
      () => putPolicy({ server: servers.default }, 'default', stock),
    ],
  ])('%s is excess of each, once it was read', async (_, open, said, close) => {
    const shop = shopFor(PLAIN);
    await remove(shop);
    expect(await apply(shop)).toMatchObject({ code: 0, stderr: '' });
    await open();
    await expect
      .poll(
        async () => {
          await remove(shop);
          return saidIn((await apply(shop)).stderr);
        },
        { timeout: 30_000, interval: 1000 },
      )
      .toEqual(expect.arrayContaining([said(shop)]));
    await close();

    expect(await apply(shop)).toMatchObject({ code: 0, stderr: '' });
  });
});
