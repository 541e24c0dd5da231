/** What OpenBao and Vault say, to their own command line where it says more than the answer alone. */
import { SignJWT } from 'jose';
import { trustCluster } from '../../test/support/kubernetes-auth.ts';
import { enableJwt, newKeys } from '../../test/support/openbao-jwt.ts';
import { type Product, startVaultServer, type VaultServer } from '../../test/support/vault-server.ts';
import type { ClusterClient } from '../cluster/client.ts';
import { openBaoBinary } from '../fetch-openbao.ts';
import { vaultPrograms } from '../vault-build.ts';
import { type Collected, complaintOf } from './message.ts';

const VERSIONS: Readonly<Record<Product, string>> = { OpenBao: 'OpenBao 2.7.2', Vault: 'Vault 1.19.0' };

type Say = (id: string, args: readonly string[], token?: string, more?: Env) => Promise<void>;
type Env = Readonly<Record<string, string>>;

export async function collectVault(product: Product, cluster: ClusterClient): Promise<readonly Collected[]> {
  const server = await startVaultServer(product, { tls: false });
  const program = product === 'OpenBao' ? await openBaoBinary() : (await vaultPrograms()).server;
  const collected: Collected[] = [];
  const prefix = product.toLowerCase();
  const say: Say = async (id, args, token = server.rootToken, more = {}) => {
    const env = {
      VAULT_ADDR: server.address,
      VAULT_TOKEN: token,
      HOME: cluster.dir,
      VAULT_MAX_RETRIES: '0',
      ...more,
    };
    const bao = Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key.replace('VAULT_', 'BAO_'), value]),
    );
    const said = await complaintOf(program, args, { ...env, ...bao });
    const text = said.replaceAll(server.address, 'http://127.0.0.1:8200');
    collected.push({ id: `${prefix}-${id}`, from: VERSIONS[product], text });
  };
  try {
    await prepare(server);
    await acl(server, say, (id, text) =>
      collected.push({ id: `${prefix}-${id}`, from: VERSIONS[product], text }),
    );
    await wrapping(server, say);
    await kubernetesLogins(server, cluster, say, prefix);
    await jwtLogins(server, say);
    await quota(server, say);
    await server.call('PUT', 'sys/seal');
    await say('sealed', ['kv', 'get', '-mount=secret', 'db']);
  } finally {
    await server.stop();
  }
  return collected;
}

async function prepare(server: VaultServer): Promise<void> {
  await server.call('POST', 'sys/policies/acl/shop', {
    policy: 'path "secret/data/shop" { capabilities = ["read"] }',
  });
  await server.call('POST', 'sys/policies/acl/maker', {
    policy: 'path "auth/token/*" { capabilities = ["update"] }',
  });
  await server.call('POST', 'secret/data/db', { data: { a: 'b' } });
}

/** As a client without Vault's own library sees it. */
async function body(server: VaultServer, token: string): Promise<string> {
  const response = await fetch(`${server.address}/v1/secret/data/db`, {
    headers: { 'X-Vault-Token': token },
  });
  return `HTTP/1.1 ${response.status} ${response.statusText}\n\n${(await response.text()).trim()}`;
}

async function tokenWith(server: VaultServer, settings: object): Promise<string> {
  const { auth } = await server.call('POST', 'auth/token/create', { policies: ['shop'], ...settings });
  return String((auth as { client_token: unknown }).client_token);
}

async function acl(
  server: VaultServer,
  say: Say,
  collected: (id: string, text: string) => void,
): Promise<void> {
  const token = await tokenWith(server, {});
  await say('read', ['read', 'secret/data/db'], token);
  await say('list', ['list', 'secret/metadata/'], token);
  await say('write', ['write', 'secret/data/db', 'x=y'], token);
  await say('delete', ['delete', 'secret/data/db'], token);
  await say('kv', ['kv', 'get', '-mount=secret', 'db'], token);
  await say('preflight', ['kv', 'get', 'secret/db'], await tokenWith(server, { policies: ['default'] }));
  collected('read-body', await body(server, token));
  await say('sudo', ['read', 'sys/raw/core/x'], token);
  await say('secret-not-found', ['read', 'secret/data/nope']);
  await say('no-mount', ['write', 'nowhere/x', 'a=b']);
  await say('bad-token', ['read', 'secret/data/db'], 'not-a-token');
  await say('no-token', ['read', 'secret/data/db'], '');
  const batch = await tokenWith(server, { type: 'batch', policies: ['maker'] });
  await say('batch-child', ['token', 'create'], batch);
  await say('batch-renew', ['token', 'renew'], batch);
  // The open Vault knows no namespaces, and takes no notice of the header.
  if (server.product === 'OpenBao')
    await say('namespace', ['read', 'secret/data/db'], server.rootToken, { VAULT_NAMESPACE: 'team-a' });
  await say('unsupported', ['write', 'sys/health', 'x=y']);
}

async function wrapping(server: VaultServer, say: Say): Promise<void> {
  const wrapped = await server.call('GET', 'secret/data/db', undefined, { 'X-Vault-Wrap-TTL': '60s' });
  const token = String((wrapped['wrap_info'] as { token: unknown }).token);
  await server.call('POST', 'sys/wrapping/unwrap', { token });
  await say('unwrap-used', ['unwrap', token]);
  await say('unwrap-nonsense', ['unwrap', 'not-a-token']);
}

async function kubernetesLogins(
  server: VaultServer,
  cluster: ClusterClient,
  say: Say,
  prefix: string,
): Promise<void> {
  const namespace = `${prefix}-logins`;
  await cluster.kubectl(['create', 'namespace', namespace]);
  await trustCluster(server, cluster, namespace);
  const role = (name: string, names: string, namespaces: string) =>
    server.call('POST', `auth/kubernetes/role/${name}`, {
      bound_service_account_names: names,
      bound_service_account_namespaces: namespaces,
      audience: 'vault',
      token_policies: 'shop',
    });
  await role('other-name', 'someone', '*');
  await role('other-namespace', 'api', 'nowhere');
  await role('api', 'api', 'shop');
  const account = { namespace: 'shop', name: 'api' };
  const token = await cluster.serviceAccountToken(account, 'vault');
  const foreign = await cluster.serviceAccountToken(account, 'https://kubernetes.default.svc');
  const login = (id: string, name: string, jwt: string) =>
    say(id, ['write', 'auth/kubernetes/login', `role=${name}`, `jwt=${jwt}`], '');
  await login('login-name', 'other-name', token);
  await login('login-namespace', 'other-namespace', token);
  await login('login-audience', 'api', foreign);
  await login('login-role', 'nope', token);
  await login('login-signature', 'api', `${token.slice(0, -8)}AAAAAAAA`);
  await login('login-nonsense', 'api', 'abc');
  await say('login-no-role', ['write', 'auth/kubernetes/login', `jwt=${token}`], '');
  await cluster.kubectl(['create', 'serviceaccount', prefix, '-n', 'shop']);
  const gone = await cluster.serviceAccountToken({ namespace: 'shop', name: prefix }, 'vault');
  await cluster.kubectl(['delete', 'serviceaccount', prefix, '-n', 'shop']);
  await role('gone', prefix, 'shop');
  await login('login-deleted-account', 'gone', gone);
  await say('login-no-mount', ['write', 'auth/kubernetes-eu/login', 'role=api', `jwt=${token}`], '');
}

async function jwtLogins(server: VaultServer, say: Say): Promise<void> {
  const mount = await enableJwt(server);
  await mount.role('api', { policies: ['shop'] });
  await server.call('POST', 'auth/jwt/role/claims', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['vault'],
    bound_claims: { team: 'payments' },
  });
  await server.call('POST', 'auth/jwt/role/subject', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['vault'],
    bound_subject: 'system:serviceaccount:shop:worker',
  });
  await server.call('POST', 'auth/jwt/role/open', {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_subject: 'system:serviceaccount:shop:api',
  });
  const login = (id: string, name: string, jwt: string) =>
    say(id, ['write', 'auth/jwt/login', `role=${name}`, `jwt=${jwt}`], '');
  await login('jwt-audience', 'api', await mount.sign('elsewhere'));
  await login('jwt-audience-unbound', 'open', await mount.sign('vault'));
  await login('jwt-expired', 'api', await mount.sign('vault', {}, '-2h'));
  await login('jwt-not-yet', 'api', await mount.sign('vault', { nbf: 4_000_000_000 }, '4000000000s'));
  await login('jwt-claim', 'claims', await mount.sign('vault', { team: 'shop' }));
  await login('jwt-claim-missing', 'claims', await mount.sign());
  await login('jwt-subject', 'subject', await mount.sign());
  await login('jwt-role', 'nope', await mount.sign());
  const { privateKey } = await newKeys();
  const forged = new SignJWT({}).setProtectedHeader({ alg: 'ES256' }).setSubject('x').setAudience('vault');
  await login('jwt-signature', 'api', await forged.setExpirationTime('10m').sign(privateKey));
  await login('jwt-nonsense', 'api', 'abc');
}

async function quota(server: VaultServer, say: Say): Promise<void> {
  await server.call('POST', 'sys/quotas/rate-limit/slow', { path: 'secret/', rate: 1, interval: '10m' });
  await server.call('GET', 'secret/data/db').catch(() => undefined);
  await say('rate', ['read', 'secret/data/db']);
  await server.call('DELETE', 'sys/quotas/rate-limit/slow');
}
