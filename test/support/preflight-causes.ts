/** Preflight, cause by cause: what is wrong at Vault, what a person is told, and what mends it. */
import { expect } from 'vitest';
import { countersign, withFiles } from './cli.ts';
import { letCountersignRead } from './kubernetes-auth.ts';
import { PREFLIGHT_POLICIES, STRICT } from './preflight.ts';
import { commandsIn, runAtVault } from './vault-commands.ts';
import { enoughFor, furnishShop, putPolicy, type VaultShop } from './vault-shop.ts';

/** What Countersign itself may not read in the beginning. */
export const HIDDEN = 'path "sys/policies/acl/hidden-*" { capabilities = ["deny"] }';

/** Why a login would not work, or not give what is needed. */
export interface Cause {
  readonly what: string;
  /** Default: `1 missing`. */
  readonly counted?: string;
  readonly broken: (shop: VaultShop) => Promise<void>;
  /** The lines below the first. */
  readonly said: (shop: VaultShop) => readonly string[];
  readonly mend: (shop: VaultShop) => Promise<void>;
}

const NOT_YOURS = (shop: VaultShop) => [
  `missing no such Vault role, or it does not let this service account in (${roleOf(shop)})`,
  'next: bind the role to the service account and its namespace, or name another in countersign.dev/vault-role',
];
const GIVE =
  'next: let a policy of the Vault role give it (countersign fix DIR prints the policy), or take it out of the annotations';

/** As messages name it. */
function roleOf({ role, connection }: VaultShop): string {
  return connection === 'default' ? `Vault role ${role}` : `Vault role ${role} of ${connection}`;
}

export const CAUSES: readonly Cause[] = [
  {
    what: 'there is no such role',
    broken: async () => undefined,
    said: NOT_YOURS,
    mend: (shop) => furnishShop(shop),
  },
  {
    what: 'the role is bound to another account',
    broken: (shop) => furnishShop(shop, { bound_service_account_names: 'web' }),
    said: NOT_YOURS,
    mend: (shop) => writeRole(shop, 'bound_service_account_names=api'),
  },
  {
    what: 'the role is bound to another namespace',
    broken: (shop) => furnishShop(shop, { bound_service_account_namespaces: 'elsewhere' }),
    said: NOT_YOURS,
    mend: (shop) => writeRole(shop, `bound_service_account_namespaces=${shop.namespace}`),
  },
  {
    what: 'the role wants another audience',
    broken: (shop) => furnishShop(shop, { audience: 'other' }),
    said: (shop) => [
      `missing the Vault role wants a token for another audience other, not vault (${roleOf(shop)})`,
      'next: set the audience of the role to the one that the connection asks for',
    ],
    mend: (shop) => writeRole(shop, 'audience=vault'),
  },
  {
    what: 'its tokens are good for a few calls',
    broken: (shop) => furnishShop(shop, { token_num_uses: 3 }),
    said: (shop) => [
      `missing tokens of the Vault role are used up before the work is done 3 calls (${roleOf(shop)})`,
      'next: set token_num_uses of the role to 0',
    ],
    mend: fix,
  },
  {
    what: 'its tokens live longer than the policy allows',
    counted: '1 overreach',
    broken: (shop) => furnishShop(shop, { token_ttl: '2h', token_max_ttl: '4h' }),
    said: (shop) => [
      `beyond tokens of the Vault role live longer than the policy allows 14400 s, not 3600 s at most (${roleOf(shop)})`,
      'next: set token_max_ttl of the role, and no token_period',
    ],
    mend: (shop) => writeRole(shop, 'token_ttl=10m token_max_ttl=1h'),
  },
  {
    what: 'its tokens live as long as the server lets them',
    counted: '1 overreach',
    broken: (shop) => furnishShop(shop, { token_ttl: 0, token_max_ttl: 0 }),
    said: (shop) => [
      `beyond tokens of the Vault role live longer than the policy allows as long as the server lets them, not 3600 s at most (${roleOf(shop)})`,
      'next: set token_max_ttl of the role, and no token_period',
    ],
    mend: (shop) => writeRole(shop, 'token_ttl=10m token_max_ttl=1h'),
  },
  {
    what: 'its tokens are renewed for ever',
    counted: '1 overreach',
    broken: (shop) => furnishShop(shop, { token_period: '2h' }),
    said: (shop) => [
      `beyond tokens of the Vault role live longer than the policy allows for ever, 7200 s at a time, not 3600 s at most (${roleOf(shop)})`,
      'next: set token_max_ttl of the role, and no token_period',
    ],
    mend: (shop) => writeRole(shop, 'token_period=0'),
  },
  {
    what: 'no policy of the role gives all that is needed',
    broken: (shop) =>
      furnishShop(shop, {}, `path "secret/data/${shop.namespace}/db" { capabilities = ["read"] }`),
    said: (shop) => [
      `missing vault create,update secret/data/${shop.namespace}/state refused at secret/data/${shop.namespace}/state by ${roleOf(shop)}`,
      GIVE,
    ],
    mend: fix,
  },
  {
    what: 'a policy of the role denies what is needed',
    counted: '2 missing',
    broken: (shop) =>
      furnishShop(shop, {}, `path "secret/data/${shop.namespace}/*" { capabilities = ["deny"] }`),
    said: (shop) => [
      `missing vault create,update secret/data/${shop.namespace}/state refused at secret/data/${shop.namespace}/state by ${roleOf(shop)} → policy ${shop.namespace}`,
      `missing vault read secret/data/${shop.namespace}/db refused at secret/data/${shop.namespace}/db by ${roleOf(shop)} → policy ${shop.namespace}`,
      GIVE,
    ],
    mend: fix,
  },
  {
    what: 'a policy of the role cannot be read',
    counted: '2 undetermined',
    async broken(shop) {
      await furnishShop(shop, { token_policies: `hidden-${shop.namespace}` });
      await putPolicy(shop, `hidden-${shop.namespace}`, enoughFor(shop));
    },
    said(shop) {
      const { namespace } = shop;
      const why = `a Vault policy could not be read, and may say otherwise: policy hidden-${namespace}: Vault policies do not allow it: vault answered 403 to read sys/policies/acl/hidden-${namespace}: permission denied via ${roleOf(shop)}`;
      return [
        `unknown vault create,update secret/data/${namespace}/state ${why}`,
        `unknown vault read secret/data/${namespace}/db ${why}`,
        'next: let the webhook read the policy (manifests/vault/countersign.hcl), or look at it yourself',
      ];
    },
    mend: ({ server }) => letCountersignRead(server),
  },
];

export function writeRole({ server, role }: VaultShop, fields: string): Promise<void> {
  return runAtVault(server, `vault write auth/kubernetes/role/${role} ${fields}`);
}

/** What `countersign fix` says for a folder with the same manifests, policies and roles. */
async function fix(shop: VaultShop): Promise<void> {
  const { server, connection, namespace, role } = shop;
  const [{ data: fields }, { data: text }] = await Promise.all([
    server.call('GET', `auth/kubernetes/role/${role}`),
    server.call('GET', `sys/policies/acl/${namespace}`),
  ]);
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { [STRICT]: 'true' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'api' } },
    shop.deployment,
    ...PREFLIGHT_POLICIES,
  ];
  const files = {
    'objects.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    [`vault/policies/${namespace}.hcl`]: String(Object(text).policy),
    'vault/roles/api.yaml': JSON.stringify({ ...Object(fields), name: role, connection }),
  };
  const { out, err } = await withFiles(files, (dir) => countersign(['fix', dir]));
  const script = commandsIn(out);
  expect(script, `${out}\n${err}`).toContain('vault write ');
  await runAtVault(server, script);
}
