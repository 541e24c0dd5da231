/** What `--vault` reads of a real server, with a person's token. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessIn } from '../../src/cli/access.ts';
import { fixesFor, sightOf } from '../../src/cli/fix-denial.ts';
import { fixText } from '../../src/cli/fix-report.ts';
import { proposalFor } from '../../src/cli/page-proposal.ts';
import { vaultOf } from '../../src/cli/vault-option.ts';
import type { AccountAccess } from '../../src/core/report/access-report.ts';
import type { StoredDenial } from '../../src/desk/desk.ts';
import { readDenial } from '../../src/desk/read-objects.ts';
import type { PersonalVault } from '../../src/facts/vault/personal.ts';
import { withFiles } from './cli.ts';
import { denialObject, JANE, NOW } from './desk.ts';
import { shopCluster } from './shop-cluster.ts';
import { commandsIn, runAtVault } from './vault-commands.ts';
import { type Product, startVaultServer, type VaultServer } from './vault-server.ts';

const NEEDS = 'get pods\nvault read secret/data/shop/db';

/** Of the shop, and an account `ci` as which nothing runs. */
function cluster(annotations: Readonly<Record<string, string>> = {}) {
  const kube = shopCluster({ username: JANE }, NEEDS);
  kube.put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'ci', uid: 'sa-2' } });
  kube.put('/apis/apps/v1/namespaces/shop/deployments', {
    metadata: { name: 'worker' },
    spec: {
      replicas: 1,
      template: {
        metadata: { annotations: { 'countersign.dev/needs': NEEDS, ...annotations } },
        spec: { serviceAccountName: 'api', containers: [] },
      },
    },
  });
  return kube;
}

const IN_VAULT = {
  check: 'missing',
  reason: 'MissingInVault',
  action: 'Deny',
  undetermined: false,
  scope: 'vault update secret/data/shop/db',
  via: 'Vault role shop_api → policy shop-read',
};

function denial(...findings: readonly object[]): StoredDenial {
  const object = denialObject({ findings, workload: { kind: 'Deployment', name: 'new' } });
  const [read] = readDenial({ ...object, metadata: { ...object.metadata, namespace: 'shop' } });
  if (read === undefined) throw new Error('not a denial');
  return read;
}

const lines = (account: AccountAccess | undefined) =>
  account?.scopes
    .filter(({ scope }) => scope.startsWith('vault'))
    .map(({ state, scope, via }) => `${state} | ${scope} | ${via}`);

export function describePersonalVault(product: Product): void {
  describe(`a ${product} that a person reads`, () => {
    let server: VaultServer;

    beforeAll(async () => {
      server = await startVaultServer(product, { tls: true });
      await server.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });
      await server.call('POST', 'sys/auth/people', { type: 'userpass' });
      await policy('shop-read', 'path "secret/data/shop/*" { capabilities = ["read", "list"] }');
      await policy('ci', 'path "secret/data/ci" { capabilities = ["update"] }');
      await policy('reading', await readFile('manifests/vault/countersign.hcl', 'utf8'));
      await role('shop_api', 'api', 'shop-read');
      await role('ci', 'ci', 'ci');
    }, 60_000);

    afterAll(() => server?.stop());

    function policy(name: string, text: string): Promise<object> {
      return server.call('POST', `sys/policies/acl/${name}`, { policy: text });
    }

    function role(name: string, account: string, policies: string): Promise<object> {
      return server.call('POST', `auth/kubernetes/role/${name}`, {
        bound_service_account_names: account,
        bound_service_account_namespaces: 'shop',
        audience: 'vault',
        token_policies: policies,
      });
    }

    async function tokenOf(...policies: readonly string[]): Promise<string> {
      const { auth } = await server.call('POST', 'auth/token/create', { policies, ttl: '1h' });
      return (auth as { readonly client_token: string }).client_token;
    }

    /** With the token in the file where `vault login` keeps it. */
    function withVault<T>(
      token: string,
      use: (vault: PersonalVault) => Promise<T>,
      { name = 'default', mount }: { readonly name?: string; readonly mount?: string } = {},
    ): Promise<T> {
      const files = { 'ca.pem': server.ca ?? '', '.vault-token': `${token}\n` };
      return withFiles(files, async (dir) => {
        const env = { VAULT_ADDR: `${server.address}/`, VAULT_CACERT: `${dir}/ca.pem` };
        const options = { vault: name, ...(mount !== undefined && { vaultAuthMount: mount }) };
        const vault = await vaultOf(options, env, dir);
        if (vault === undefined) throw new Error('no Vault');
        return use(vault);
      });
    }

    const report = (vault: PersonalVault, annotations = {}) =>
      accessIn(cluster(annotations).client, { namespace: 'shop', nowMs: NOW, vault });

    it('tells what its roles give to each account, also to one as which nothing runs', async () => {
      const { accounts, incomplete } = await withVault(await tokenOf('reading'), report);

      expect(incomplete).toEqual([]);
      expect(accounts.map(({ serviceAccount }) => serviceAccount)).toEqual(['api', 'ci']);
      const [api, ci] = accounts;
      expect(api?.vaultRoles).toEqual([
        {
          connection: 'default',
          mount: 'kubernetes',
          role: 'shop_api',
          policies: ['shop-read'],
          anyAccount: false,
        },
      ]);
      expect(lines(api)).toEqual([
        'excess | vault read,list secret/data/shop/* | Vault role shop_api → policy shop-read',
      ]);
      expect(ci?.workloads).toEqual([]);
      expect(lines(ci)).toEqual(['unknown | vault update secret/data/ci | Vault role ci → policy ci']);
    });

    it('tells which policies the token may not read', async () => {
      const text = await readFile('manifests/vault/countersign.hcl', 'utf8');
      const hidden = 'path "sys/policies/acl/shop-read" { capabilities = ["deny"] }';
      await policy('reading-most', `${text}\n${hidden}`);

      const { incomplete } = await withVault(await tokenOf('reading-most'), report);

      expect(incomplete).toEqual([
        expect.stringMatching(/^Vault role shop_api: policy shop-read: Vault policies do not allow it/u),
      ]);
    });

    it('tells of connections that workloads ask for, and that are not it', async () => {
      const elsewhere = { 'countersign.dev/inject': 'true', 'countersign.dev/vault': 'other' };

      const { incomplete } = await withVault(await tokenOf('reading'), (vault) => report(vault, elsewhere));

      expect(incomplete).toEqual([
        'Vault connection other is not read here: asked for by shop/worker (Deployment)',
      ]);
    });

    it.each([
      [
        'a mount that is not there',
        'nothing',
        /there is no mount auth\/nothing, or none.*--vault-auth-mount/u,
      ],
      ['a mount of another type', 'people', /auth\/people is of type userpass: .*--vault-auth-mount/u],
    ])('cannot be read at %s, and says so', async (_, mount, message) => {
      const run = withVault(server.rootToken, report, { mount });

      await expect(run).rejects.toThrow(message);
    });

    it.each([
      ['is unknown', async () => 'hvs.AAAAAAAAAAAAAAAAAAAAAAAA', /does not take your token; vault login/u],
      [
        'may read nothing',
        () => tokenOf('default'),
        /there is no mount auth\/kubernetes, or none.*docs\/vault\.md/u,
      ],
      [
        'may not list the roles',
        async () => {
          await policy('roles-alone', 'path "auth/kubernetes/role/*" { capabilities = ["read"] }');
          return tokenOf('roles-alone');
        },
        /do not allow it: vault answered 403 to list auth\/kubernetes\/role.*docs\/vault\.md/u,
      ],
    ])('cannot be read by a token that %s, which is in no message', async (_, make, message) => {
      const token = await make();
      const error = await withVault(token, report).catch((failure: unknown) => failure);

      expect(error).toMatchObject({ code: 'ERR_VAULT_REFUSED', message: expect.stringMatching(message) });
      expect(String(error)).not.toContain(token);
    });

    it.each([
      ['what it found', 'update', undefined],
      ['all needs too', 'delete', [NEEDS, 'vault update,delete secret/data/shop/db'].join('\n').split('\n')],
    ])(
      'gives the fix of a denial that has %s as commands, after which nothing is missing, and what was given still is',
      async (_, capability, needs) => {
        const kube = cluster();
        const finding = { ...IN_VAULT, scope: `vault ${capability} secret/data/shop/db` };
        const { spec, ...rest } = denial(finding);
        const refused: StoredDenial = { ...rest, spec: { ...spec, ...(needs && { needs }) } };
        await withVault(await tokenOf('reading'), async (vault) => {
          const fixed = async () => {
            const sight = await sightOf(refused, kube.client, { nowMs: NOW, vault });
            return fixText(fixesFor(refused, sight), (_painted, text) => text);
          };
          const given = async () => {
            const { accounts } = await accessIn(kube.client, { namespace: 'shop', nowMs: NOW, vault });
            expect(accounts[0]?.scopes.filter(({ state }) => state === 'missing')).toEqual([]);
            return /vault (\S+) secret\/data\/shop\/db/u
              .exec(lines(accounts[0])?.join('\n') ?? '')?.[1]
              ?.split(',');
          };
          const before = (await given()) ?? [];
          const text = await fixed();
          expect(text).not.toContain('whoever administers Vault');
          expect(text).toContain('vault policy write countersign-shop_api');
          await runAtVault(server, commandsIn(text));

          expect(await fixed()).not.toContain('vault policy write');
          expect(await given()).toEqual(expect.arrayContaining([...before, capability]));
        });
      },
    );

    it('leaves open what a policy that the token may not read could give', async () => {
      const text = await readFile('manifests/vault/countersign.hcl', 'utf8');
      await policy('reading-few', `${text}\npath "sys/policies/acl/shop-read" { capabilities = ["deny"] }`);

      const proposal = await withVault(await tokenOf('reading-few'), (vault) =>
        proposalFor(cluster().client, denial(IN_VAULT), { nowMs: NOW, vault }),
      );

      expect(proposal).toMatch(/^# not read: Vault role shop_api: policy shop-read: /mu);
      expect(proposal).toMatch(
        /^# open: vault [a-z,]*update[a-z,]* secret\/data\/shop\/db: .*policy shop-read/mu,
      );
      expect(proposal).not.toContain('nothing to fix');
    });

    it('leaves to its administrator what is of another connection, or too much', async () => {
      const other = { ...IN_VAULT, via: 'Vault role shop_api of other → policy shop-read' };
      const excess = {
        ...IN_VAULT,
        check: 'excess',
        reason: 'Excess',
        scope: 'vault list secret/data/shop/*',
      };

      const text = await withVault(await tokenOf('reading'), (vault) =>
        proposalFor(cluster().client, denial(other, excess), { nowMs: NOW, vault }),
      );

      expect(text.split('\n').filter((line) => line.startsWith('# ask: whoever'))).toEqual([
        '# ask: whoever administers Vault: missing vault update secret/data/shop/db (Vault role shop_api of other → policy shop-read)',
        '# ask: whoever administers Vault: excess vault list secret/data/shop/* (Vault role shop_api → policy shop-read)',
      ]);
    });
  });
}
