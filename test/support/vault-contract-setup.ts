/** What somebody who runs a Vault sets up before the contract can be held against it. */
import type { FakeRabbitMq } from './fake-rabbitmq.ts';
import { enableJwt, type JwtMount } from './openbao-jwt.ts';
import type { VaultServer } from './vault-server.ts';

export const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk6S5yPZTUIGr0bWzKAUbFGXQZ3vXY2i6zlR5pB0Tqg';

/** Logging in, renewing and revoking oneself come with the policy `default`. */
const policy = `
path "secret/data/shop/*" { capabilities = ["read"] }
path "kv1/shop/*" { capabilities = ["read"] }
path "rabbitmq/creds/shop" { capabilities = ["read"] }
path "identity/oidc/token/shop" { capabilities = ["read"] }
path "pki/issue/*" { capabilities = ["update"] }
path "transit/encrypt/shop" { capabilities = ["update"] }
path "ssh/sign/shop" { capabilities = ["update"] }
`;
const certificates = { allow_any_name: true, key_type: 'ec', key_bits: 256, ttl: '1h' };

const settings: readonly (readonly [path: string, body: object])[] = [
  ['sys/policies/acl/shop', { policy }],
  ['auth/token/roles/app', { allowed_policies: ['shop'], orphan: true }],
  ['secret/data/shop/db', { data: { username: 'app', port: 5432 } }],
  ['secret/data/shop/deleted', { data: { a: 'b' } }],
  ['secret/delete/shop/deleted', { versions: [1] }],
  ['secret/data/shop/destroyed', { data: { a: 'b' } }],
  ['secret/destroy/shop/destroyed', { versions: [1] }],
  ['sys/mounts/kv1', { type: 'kv', options: { version: '1' } }],
  ['kv1/shop/db', { password: 'p' }],
  ['sys/mounts/slow', { type: 'kv', options: { version: '1' } }],
  ['slow/db', { password: 'p' }],
  // Without it an answer of 429 does not say when to come back.
  ['sys/quotas/config', { enable_rate_limit_response_headers: true }],
  ['sys/mounts/transit', { type: 'transit' }],
  ['transit/keys/shop', {}],
  ['sys/mounts/pki', { type: 'pki' }],
  ['pki/root/generate/internal', { common_name: 'root', key_type: 'ec', key_bits: 256 }],
  ['pki/roles/leased', { ...certificates, generate_lease: true }],
  ['pki/roles/free', certificates],
  ['sys/mounts/ssh', { type: 'ssh' }],
  ['ssh/config/ca', { generate_signing_key: true, key_type: 'ed25519' }],
  ['ssh/roles/shop', { key_type: 'ca', allow_user_certificates: true, allowed_users: 'app', ttl: '5m' }],
  ['identity/oidc/key/shop', { allowed_client_ids: '*', algorithm: 'ES256' }],
  ['identity/oidc/role/shop', { key: 'shop', client_id: 'orders', template: '{"scope":"read"}', ttl: '5m' }],
  ['sys/mounts/rabbitmq', { type: 'rabbitmq' }],
  ['rabbitmq/config/lease', { ttl: 20, max_ttl: 60 }],
  ['rabbitmq/roles/shop', { tags: 'management' }],
];

export async function prepareContract(server: VaultServer, rabbit: FakeRabbitMq): Promise<JwtMount> {
  for (const [path, body] of settings) await server.call('POST', path, body);
  await server.call('POST', 'rabbitmq/config/connection', {
    connection_uri: rabbit.address,
    username: 'admin',
    password: 'admin',
    verify_connection: false,
  });
  const jwt = await enableJwt(server);
  await jwt.role('app', { policies: ['shop'] });
  await jwt.role('short', { policies: ['shop'], ttl: '60s', maxTtl: '90s' });
  await jwt.role('batch', { policies: ['shop'], type: 'batch' });
  return jwt;
}
