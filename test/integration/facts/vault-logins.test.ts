import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capabilitiesAt } from '../../../src/core/vault/acl.ts';
import type { VaultHeld } from '../../../src/core/vault/held.ts';
import { createAuthority } from '../../../src/server/authority.ts';
import { type FakeReviewer, startFakeReviewer } from '../../support/fake-token-review.ts';
import { startVaultBench, UID, type VaultBench } from '../../support/vault-facts.ts';

/** Whom a role admits, and what the login then holds: what we say, and what a real OpenBao does with a token. */

const NAMESPACE = '/kubernetes.io/namespace';
/** What a projected token of shop/api holds beside its subject. */
const CLAIMS = {
  'kubernetes.io': {
    namespace: 'shop',
    serviceaccount: { name: 'api', uid: UID },
    pod: { name: 'api-0', uid: 'p' },
  },
};

let bench: VaultBench;
let reviewer: FakeReviewer;
let jwt = '';

beforeAll(async () => {
  reviewer = await startFakeReviewer({ env: 'prod' });
  bench = await startVaultBench();
  jwt = await bench.jwt.sign(['vault'], CLAIMS);
  await bench.policy('shop-read', allow('secret/data/shop/*'));
  await bench.policy('external', allow('kv/external'));
  await bench.bao.call('POST', 'auth/kubernetes/config', {
    kubernetes_host: reviewer.address,
    token_reviewer_jwt: jwt,
    disable_local_ca_jwt: true,
    // Has to be there, and counts for nothing: the address is plain HTTP.
    kubernetes_ca_cert: (await createAuthority('nobody')).certificatePem,
  });
}, 60_000);

afterAll(async () => {
  await bench?.stop();
  await reviewer?.stop();
});

function allow(path: string): string {
  return `path "${path}" { capabilities = ["read"] }`;
}

async function compare(mount: string, held: VaultHeld, roles: readonly string[], paths: readonly string[]) {
  const admitted: string[] = [];
  for (const name of roles) {
    const login = held.logins.find(({ role }) => role === name);
    const token = await bench.tokenFor(mount, name, jwt);
    expect([name, login !== undefined]).toEqual([name, token !== undefined]);
    if (login === undefined || token === undefined) continue;
    admitted.push(name);
    const real = await bench.capabilities(token, paths);
    expect([name, login.unknown, paths.map((path) => capabilitiesAt(login.acl, path))]).toEqual([
      name,
      [],
      real,
    ]);
  }
  return admitted;
}

describe('a role of the jwt method', () => {
  const roles: Readonly<Record<string, object>> = {
    plain: {},
    subject: { bound_subject: 'system:serviceaccount:shop:api' },
    'other-subject': { bound_subject: 'system:serviceaccount:shop:web' },
    namespace: { bound_claims: { [NAMESPACE]: ['blog', 'shop'] } },
    'other-namespace': { bound_claims: { [NAMESPACE]: 'blog' } },
    glob: { bound_claims: { sub: 'system:*:shop:a*' }, bound_claims_type: 'glob' },
    'no-glob': { bound_claims: { sub: 'system:*' } },
    object: { bound_claims: { 'kubernetes.io': '*' }, bound_claims_type: 'glob' },
    number: { bound_claims: { exp: '*' }, bound_claims_type: 'glob' },
    absent: { bound_claims: { email: '*' }, bound_claims_type: 'glob' },
    audience: { bound_claims: { aud: 'vault' } },
    'audience-item': { bound_claims: { '/aud/0': 'vault' } },
    'no-audience': { bound_audiences: [], bound_subject: 'system:serviceaccount:shop:api' },
    root: { token_policies: 'root' },
    'user-pointer': { user_claim: NAMESPACE, user_claim_json_pointer: true },
    'user-plain': { user_claim: NAMESPACE },
    'user-list': { user_claim: 'aud' },
    groups: { groups_claim: NAMESPACE },
    'groups-absent': { groups_claim: 'groups' },
    'groups-number': { groups_claim: 'exp' },
    mapped: { claim_mappings: { [NAMESPACE]: 'ns', email: 'mail' }, token_policies: 'mapped' },
    'mapped-list': { claim_mappings: { aud: 'x' } },
    'no-default': { token_no_default_policy: true, token_policies: 'shop-read' },
  };

  it('admits and gives what OpenBao does', async () => {
    const accessor = await bench.accessor('jwt');
    await bench.policy('mapped', allow(`kv/of/{{identity.entity.aliases.${accessor}.metadata.ns}}`));
    const group = await bench.identity('group', { name: 'x', type: 'external', policies: ['external'] });
    await bench.identity('group-alias', { name: 'shop', mount_accessor: accessor, canonical_id: group });
    for (const [name, fields] of Object.entries(roles)) await bench.jwtRole(name, fields);
    const { address } = bench.bao;
    const connection = {
      name: 'default',
      address,
      authMount: 'jwt',
      authMethod: 'jwt',
      audience: 'vault',
    } as const;
    const held = await bench.held(bench.watch({ role: 'countersign-jwt', connection }));

    expect(held.unread).toEqual([]);
    const paths = ['secret/data/shop/db', 'auth/token/renew-self', 'kv/external', 'kv/of/shop', 'kv/of/blog'];
    expect(await compare('jwt', held, Object.keys(roles), paths)).toEqual([
      'plain',
      'subject',
      'namespace',
      'glob',
      'audience',
      'audience-item',
      'user-pointer',
      'groups',
      'mapped',
      'no-default',
    ]);
  });
});

describe('a role of the kubernetes method', () => {
  const bound = (names: string, namespaces: string, more: object = {}) => ({
    bound_service_account_names: names,
    bound_service_account_namespaces: namespaces,
    ...more,
  });
  const selector = (labels: object) => ({
    bound_service_account_namespace_selector: JSON.stringify({ matchLabels: labels }),
  });
  const roles: Readonly<Record<string, object>> = {
    'k-names': bound('web,api', 'shop'),
    'k-globs': bound('a*i', '*p'),
    'k-any': bound('*', '*'),
    'k-part': bound('ap', '*'),
    'k-namespace': bound('api', 'blog'),
    'k-selector': bound('api', '', selector({ env: 'prod' })),
    'k-either': bound('api', 'shop', selector({ env: 'test' })),
    'k-neither': bound('api', 'blog', selector({ env: 'test' })),
    'k-all': bound('api', '', selector({})),
    'k-audience': bound('api', 'shop', { audience: 'vault' }),
    'k-root': bound('api', 'shop', { token_policies: 'root' }),
    'k-own': bound('api', 'shop', { token_policies: 'own' }),
  };

  it('admits and gives what OpenBao does', async () => {
    const alias = `identity.entity.aliases.${await bench.accessor('kubernetes')}`;
    await bench.policy(
      'own',
      [
        `kv/ns/{{${alias}.metadata.service_account_namespace}}`,
        `kv/uid/{{${alias}.metadata.service_account_uid}}`,
        `kv/alias/{{${alias}.name}}`,
        `kv/none/{{${alias}.metadata.nope}}/*`,
      ]
        .map(allow)
        .join('\n'),
    );
    for (const [name, fields] of Object.entries(roles)) await bench.role(name, fields);
    const held = await bench.held(bench.watch());

    expect(held.unread).toEqual([]);
    const paths = ['kv/ns/shop', `kv/uid/${UID}`, `kv/alias/${UID}`, 'kv/none/x/y'];
    expect(await compare('kubernetes', held, Object.keys(roles), paths)).toEqual([
      'k-names',
      'k-globs',
      'k-any',
      'k-selector',
      'k-either',
      'k-all',
      'k-audience',
      'k-own',
    ]);
  });

  it('whose policy gets a slash filled in is as good as none at OpenBao, and not known', async () => {
    const name = `{{identity.entity.aliases.${await bench.accessor('kubernetes')}.name}}`;
    await bench.policy('slash', allow(`kv/alias/${name}`));
    await bench.role('slash', {
      ...bound('api', 'shop'),
      token_policies: 'slash',
      alias_name_source: 'serviceaccount_name',
    });
    const login = (await bench.held(bench.watch())).logins.find(({ role }) => role === 'slash');
    expect(login?.unknown).toEqual([
      `policy slash: ${name} has a \`/\` in its value, which OpenBao does not take`,
    ]);
    const token = await bench.tokenFor('kubernetes', 'slash', jwt);
    await expect(bench.capabilities(token ?? '', ['kv/alias/shop/api'])).rejects.toThrow('forbidden value');
  });
});
