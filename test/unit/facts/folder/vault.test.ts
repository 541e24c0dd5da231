import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capabilitiesAt } from '../../../../src/core/vault/acl.ts';
import { type LoadedFolder, loadFolder } from '../../../../src/facts/folder/folder.ts';
import { printProblem } from '../../../../src/facts/folder/problem.ts';

const API = { namespace: 'shop', name: 'api' };
const READ = 'path "secret/data/shop/*" { capabilities = ["read"] }';
const NAMESPACE = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { env: prod } }\n';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-vault-folder-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function load(files: Readonly<Record<string, string>>, openWorld = false): Promise<LoadedFolder> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return loadFolder(folder, { openWorld });
}

const role = (...lines: readonly string[]) =>
  [
    'name: shop_api',
    'bound_service_account_names: api',
    'bound_service_account_namespaces: [shop]',
    ...lines,
  ].join('\n');

describe('what a folder says of Vault', () => {
  it('is roles and policies, by the names of the files', async () => {
    const { world, problems, counts } = await load({
      'shop.yaml': NAMESPACE,
      'vault/policies/Shop-Read.hcl': READ,
      'vault/policies/notes.txt': 'not a policy',
      'vault/roles/shop.yaml': role('token_policies: shop-read', 'token_ttl: 10m'),
    });
    expect(problems).toEqual([]);
    expect([...counts.ignored]).toEqual([]);
    const held = world.vault(API);
    expect(held).toMatchObject({
      read: ['default'],
      unread: [],
      logins: [
        {
          connection: 'default',
          mount: 'kubernetes',
          role: 'shop_api',
          anyAccount: false,
          unknown: [],
          terms: { ttlSeconds: 600, askedAudience: undefined, audiences: [] },
        },
      ],
    });
    const [login] = held?.logins ?? [];
    expect(login && capabilitiesAt(login.acl, 'secret/data/shop/db')).toEqual(['read']);
    expect(login && capabilitiesAt(login.acl, 'auth/token/renew-self')).toEqual(['update']);
    expect(world.vault({ ...API, name: 'web' })).toEqual({ logins: [], read: ['default'], unread: [] });
  });

  it('is nothing without such files', async () => {
    const { world } = await load({ 'shop.yaml': NAMESPACE });
    expect(world.vault(API)).toBeUndefined();
  });

  it('has a `default` policy of its own where there is one', async () => {
    const { world } = await load({
      'vault/policies/default.hcl': READ,
      'vault/roles/shop.yaml': role(),
    });
    const [login] = world.vault(API)?.logins ?? [];
    expect(login?.acl.rules.map(({ pattern }) => pattern)).toEqual(['secret/data/shop/*']);
  });

  it('has roles of several connections, mounts and methods', async () => {
    const { world, problems } = await load({
      'vault/roles/all.yaml': [
        role(),
        role('connection: other'),
        role('mount: k2'),
        'name: j\nmethod: jwt\nuser_claim: sub\nbound_audiences: vault\nbound_claims: { /kubernetes.io/namespace: shop }',
      ].join('\n---\n'),
    });
    expect(problems).toEqual([]);
    const held = world.vault(API);
    expect(held?.read).toEqual(['default', 'other']);
    expect(held?.logins.map((one) => [one.connection, one.mount, one.role])).toEqual([
      ['default', 'kubernetes', 'shop_api'],
      ['default', 'k2', 'shop_api'],
      ['default', 'jwt', 'j'],
      ['other', 'kubernetes', 'shop_api'],
    ]);
  });

  it('fills templates by the accessor that a role names, and else does not know', async () => {
    const path = 'kv/{{identity.entity.aliases.acc_1.metadata.service_account_namespace}}';
    const files = {
      'vault/policies/own.hcl': `path "${path}" { capabilities = ["read"] }`,
      'vault/roles/a.yaml': role('token_policies: own', 'accessor: acc_1'),
      'vault/roles/b.yaml': role('token_policies: own', 'mount: other'),
    };
    const [known, unknown] = (await load(files)).world.vault(API)?.logins ?? [];
    expect(known?.unknown).toEqual([]);
    expect(known && capabilitiesAt(known.acl, 'kv/shop')).toEqual(['read']);
    expect(unknown?.unknown).toEqual([expect.stringContaining('policy own: ')]);
  });

  it.each([
    ['closed', false, { read: ['default'], unread: [] }, []],
    [
      'open',
      true,
      { read: [], unread: [{ connection: 'default', why: 'the folder may not hold every role' }] },
      ['policy gone is not in the folder'],
    ],
  ])('says of a policy that is not there, %s world', async (_, openWorld, whole, unknown) => {
    const { world } = await load({ 'vault/roles/shop.yaml': role('token_policies: gone') }, openWorld);
    expect(world.vault(API)).toMatchObject({ ...whole, logins: [{ unknown }] });
  });

  it('does not know whom a selector admits where the namespace is not there', async () => {
    const selector = 'bound_service_account_namespace_selector: "matchLabels: { env: prod }"';
    const text = `name: sel\nbound_service_account_names: api\n${selector}`;
    const { world } = await load({ 'vault/roles/sel.yaml': text });
    expect(world.vault(API)).toEqual({
      logins: [],
      read: [],
      unread: [{ connection: 'default', why: 'role sel: the labels of the namespace are not known' }],
    });
    const { world: labelled } = await load({ 'shop.yaml': NAMESPACE });
    expect(labelled.vault(API)?.logins.map((login) => login.role)).toEqual(['sel']);
  });

  it('has every mistake with its place, all at once', async () => {
    const { problems } = await load({
      'vault/policies/a.hcl': 'path "a" {\n  capabilities = ["reed"]\n}\n',
      'vault/policies/A.hcl': READ,
      'vault/roles/a.yaml': `${role()}\n---\n${role('token_ttl: soon', 'bound_service_account_nams: x')}`,
      'vault/roles/b.yaml': 'method: saml\nbound_service_account_names: []\n---\n[]\n---\nname: {',
      'vault/roles/c.yaml': role(),
      'vault/roles/d.yaml': 'name: d\nmethod: jwt\naccessor: 7\nbound_claim: { a: b }\n',
    });
    const said = problems.map(printProblem).map((line) => line.replace(`${folder}/vault/`, ''));
    expect(said).toEqual([
      'policies/a.hcl: there is another policy a',
      expect.stringMatching(/^policies\/a\.hcl:\d+:\d+: unknown capability reed/),
      'roles/a.yaml:8:12: document 2: token_ttl: expected seconds or a duration such as 1h',
      'roles/a.yaml:9:29: document 2: bound_service_account_nams: is no field of a kubernetes role',
      'roles/b.yaml:1:1: document 1: name: expected a text, found nothing',
      'roles/b.yaml:1:9: document 1: method: expected kubernetes or jwt',
      'roles/b.yaml:2:30: document 1: bound_service_account_names: expected at least one name',
      'roles/b.yaml:4:1: document 2: expected a Vault role, found a list',
      expect.stringMatching(/^roles\/b\.yaml:6:\d+: document 3: /),
      'roles/c.yaml:1:7: document 1: name: there is another role shop_api at this mount',
      'roles/d.yaml:1:1: document 1: user_claim: expected the name of a claim',
      'roles/d.yaml:3:11: document 1: accessor: expected a text, found a number',
      'roles/d.yaml:4:14: document 1: bound_claim: is no field of a jwt role',
    ]);
  });

  it('does not follow links', async () => {
    await writeFile(join(folder, 'elsewhere'), READ);
    await mkdir(join(folder, 'vault/policies'), { recursive: true });
    await symlink(join(folder, 'elsewhere'), join(folder, 'vault/policies/app.hcl'));
    const { counts, world } = await load({ 'vault/roles/shop.yaml': role('token_policies: app') });
    expect(counts.links).toBe(1);
    const [login] = world.vault(API)?.logins ?? [];
    expect(login && capabilitiesAt(login.acl, 'secret/data/shop/db')).toEqual(['deny']);
  });

  it('is not looked for beside a single file', async () => {
    await load({ 'shop.yaml': NAMESPACE, 'vault/roles/shop.yaml': role() });
    const { world } = await loadFolder(join(folder, 'shop.yaml'));
    expect(world.vault(API)).toBeUndefined();
  });
});
