import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build } from '../../scripts/build.ts';
import { launchBrowser, newPage, shoot } from '../support/browser.ts';
import { countersign } from '../support/cli.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { denialObject } from '../support/desk.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { startUi } from '../support/ui-process.ts';
import { commandsIn, runAtVault } from '../support/vault-commands.ts';

/** `--vault` as a person has it: the programs, a kubeconfig, what `vault login` keeps, a real API server and a real OpenBao. */

const cluster = sharedCluster();
const SELF = 'system:serviceaccount:countersign:countersign';
const GROUP = 'rbac.authorization.k8s.io';
const ID = 'd-7f3k2m4q';
const NEED = 'vault read secret/data/shop/db';

let bao: OpenBao;
let home = '';
let token = '';
let namespace = '';

const reader = (where: string) => ['-n', where, '--kubeconfig', cluster.kubeconfig, '--vault', 'default'];
const login = (text: string) => writeFile(join(home, '.vault-token'), text);

/** What starts there finds the token that `vault login` keeps. */
function atHome<T>(start: () => T): T {
  const before = process.env['HOME'];
  vi.stubEnv('HOME', home);
  try {
    return start();
  } finally {
    vi.stubEnv('HOME', before);
  }
}

const run = (...args: readonly string[]) => atHome(() => countersign(args));

function bound(account: string, kind: string, role: string): object {
  return {
    apiVersion: `${GROUP}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace, name: account },
    roleRef: { apiGroup: GROUP, kind, name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  };
}

async function setUpVault(): Promise<void> {
  bao = await startOpenBao({ tls: true });
  await bao.call('POST', 'sys/auth/pods', { type: 'kubernetes' });
  const manifest = await readFile('manifests/vault/countersign.hcl', 'utf8');
  const policies = {
    reading: manifest.replaceAll('auth/kubernetes/', 'auth/pods/'),
    shop: 'path "secret/data/shop/mail" { capabilities = ["read"] }',
  };
  for (const [name, policy] of Object.entries(policies)) {
    await bao.call('POST', `sys/policies/acl/${name}`, { policy });
  }
  await bao.call('POST', 'auth/pods/role/shop', {
    bound_service_account_names: 'api,ci',
    bound_service_account_namespaces: namespace,
    token_policies: 'shop',
  });
  const { auth } = await bao.call('POST', 'auth/token/create', { policies: ['reading'], ttl: '1h' });
  token = (auth as { readonly client_token: string }).client_token;
}

async function setUpCluster(): Promise<void> {
  const account = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace },
  });
  const labels = { app: 'api' };
  const items = [
    account('api'),
    account('ci'),
    bound('ci', 'ClusterRole', 'admin'),
    {
      apiVersion: `${GROUP}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'vault-report-own' },
      rules: [{ apiGroups: ['countersign.dev'], resources: ['*'], verbs: ['*'] }],
    },
    {
      apiVersion: `${GROUP}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace, name: 'own' },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'vault-report-own' },
      subjects: [{ apiGroup: GROUP, kind: 'User', name: SELF }],
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', namespace },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { 'countersign.dev/needs': NEED } },
          spec: { serviceAccountName: 'api', containers: [{ name: 'api', image: 'registry.example/api:1' }] },
        },
      },
    },
  ];
  await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  const finding = { check: 'missing', reason: 'MissingInVault', action: 'Deny', undetermined: false };
  const denial = denialObject({ findings: [{ ...finding, scope: NEED, via: 'Vault role shop' }] });
  const object = {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'Denial',
    ...denial,
    metadata: { name: ID, namespace },
  };
  await vi.waitUntil(
    async () =>
      (
        await cluster.kubectl(['create', '-f', '-'], {
          as: SELF,
          input: JSON.stringify(object),
          allowFailure: true,
        })
      ).code === 0,
    { timeout: 30_000, interval: 250 },
  );
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-home-'));
  namespace = await newNamespace(cluster);
  await Promise.all([setUpVault(), setUpCluster(), build({ quiet: true })]);
  await login(token);
  await writeFile(join(home, 'ca.pem'), bao.ca ?? '');
  vi.stubEnv('VAULT_ADDR', bao.address);
  vi.stubEnv('VAULT_CACERT', join(home, 'ca.pem'));
  vi.stubEnv('VAULT_TOKEN', undefined);
  vi.stubEnv('VAULT_NAMESPACE', undefined);
}, 120_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await bao?.stop();
  await rm(home, { recursive: true });
});

describe('with --vault a person', () => {
  it('gets a report with what Vault gives, also to an account as which nothing runs', async () => {
    const args = ['report', ...reader(namespace), '--vault-auth-mount', 'pods'];
    const [asJson, wide] = [await run(...args, '-o', 'json'), await run(...args, '-o', 'wide')];

    const { accounts, incomplete } = JSON.parse(asJson.out);
    expect([asJson.code, incomplete]).toEqual([0, []]);
    expect(accounts).toMatchObject([
      { serviceAccount: 'api', workloads: [{ name: 'api' }], missing: 1, vaultRoles: [{ role: 'shop' }] },
      { serviceAccount: 'ci', workloads: [], needed: 0, vaultRoles: [{ role: 'shop' }] },
    ]);
    expect(wide.out).toMatch(
      new RegExp(
        `^${namespace} +ci +unknown +low +vault read secret/data/shop/mail +Vault role shop → policy shop$`,
        'mu',
      ),
    );
    expect(wide.out).toMatch(
      new RegExp(`^${namespace} +ci +unknown +.*RoleBinding ${namespace}/ci → ClusterRole admin$`, 'mu'),
    );
  });

  it('gets the accounts of the controllers, too, where every namespace is looked at', async () => {
    const { code, out } = await run('report', '-A', '--kubeconfig', cluster.kubeconfig, '-o', 'json');

    const { accounts } = JSON.parse(out);
    const system = accounts.filter((one: { namespace: string }) => one.namespace === 'kube-system');
    expect(code).toBe(0);
    expect(system).toContainEqual(
      expect.objectContaining({
        serviceAccount: 'generic-garbage-collector',
        workloads: [],
        scopes: expect.arrayContaining([
          expect.objectContaining({
            state: 'unknown',
            scope: expect.stringMatching(/^\S*\bdelete\b\S* \* everywhere$/u),
          }),
        ]),
      }),
    );
    // Everybody has one, and it holds nothing.
    expect(system.map((one: { serviceAccount: string }) => one.serviceAccount)).not.toContain('default');
  });

  it('hears on the page why nothing is read, and sees it once they have logged in', async () => {
    await login('hvs.thisTokenIsOfYesterday00000');
    const args = ['-n', namespace, '--vault', 'default', '--vault-auth-mount', 'pods'];
    const ui = await atHome(() => startUi(cluster.kubeconfig, ...args));
    const browser = await launchBrowser();
    const { page, close } = await newPage(browser);
    await page.goto(ui.link);
    await page.waitForSelector('.live.on');
    await page.click('nav a[href="/report"]');
    await page.getByText('It is not complete').click();
    await page.getByText(/does not take your token; vault login gets another one/u).waitFor();
    await page.getByText('nothing runs as it').first().waitFor();
    await login(token);
    await page.getByRole('button', { name: 'Make it again' }).click();
    await page
      .getByRole('row', { name: /secret\/data\/shop\/mail/u })
      .first()
      .waitFor();
    await shoot(page, 'cluster-report-vault');

    expect(await page.getByText('It is not complete').count()).toBe(0);
    expect(ui.printed()).not.toContain(token);
    await close();
    await browser.close();
    expect(await ui.stop()).toBe(0);
  });

  it('gets a fix whose commands give what was missing', async () => {
    const args = ['fix', ID, ...reader(namespace), '--vault-auth-mount', 'pods'];
    const before = await run(...args);
    expect(before.out).not.toContain('whoever administers Vault');
    await runAtVault(bao, commandsIn(before.out));
    const after = await run(...args);

    expect([before.code, after.out, after.code]).toEqual([1, expect.stringContaining('nothing to fix'), 0]);
  });

  it('hears what to do where the settings are at fault, or Vault is not there', async () => {
    vi.stubEnv('VAULT_ADDR', '');
    const unset = await run('report', ...reader(namespace));
    vi.stubEnv('VAULT_ADDR', bao.address);
    const elsewhere = await run('report', ...reader(namespace), '--vault-auth-mount', 'gone');

    expect([unset.code, unset.err]).toEqual([2, expect.stringContaining('--vault needs VAULT_ADDR')]);
    expect([elsewhere.code, elsewhere.out]).toEqual([1, '']);
    expect(elsewhere.err).toMatch(/there is no mount auth\/gone.*--vault-auth-mount names another/u);
  });
});
