/** What a workload finds in OpenBao: values, certificates with leases, signed tokens; and roles to log in with. */
import type { AgentConfig } from '../../src/core/inject/agent-config.ts';
import { listOf, objectOf } from '../../src/core/json.ts';
import { credential } from './agent.ts';
import type { OpenBao } from './openbao.ts';

const policy = `
path "secret/data/shop/*" { capabilities = ["read"] }
path "pki/issue/shop" { capabilities = ["update"] }
path "identity/oidc/token/*" { capabilities = ["read"] }
`;

export const kv = credential('kv', { path: 'secret/data/shop/kv', kv2: true, refreshSeconds: 2 });
const tls = credential('tls', {
  operation: 'write',
  path: 'pki/issue/shop',
  parameters: { common_name: 'api.shop.svc' },
});

export async function furnish(bao: OpenBao): Promise<void> {
  await bao.call('PUT', 'sys/policies/acl/shop', { policy });
  await bao.call('POST', 'secret/data/shop/kv', { data: { word: 'first-word' } });
  await bao.call('POST', 'sys/mounts/pki', { type: 'pki' });
  await bao.call('POST', 'pki/root/generate/internal', { common_name: 'root' });
  await bao.call('POST', 'pki/roles/shop', {
    allow_any_name: true,
    generate_lease: true,
    key_type: 'ec',
    key_bits: 256,
    ttl: '20s',
  });
  await bao.call('POST', 'identity/oidc/key/shop', { allowed_client_ids: '*', algorithm: 'ES256' });
  for (const [name, audience] of [
    ['billing', 'billing'],
    ['stock', 'stock'],
  ]) {
    await bao.call('POST', `identity/oidc/role/${name}`, {
      key: 'shop',
      client_id: audience,
      ttl: '10m',
      template: '{"scope": "read write"}',
    });
  }
}

/** A role at the jwt mount whose tokens last so long. */
export async function role(bao: OpenBao, name: string, ttl: string, maxTtl: string): Promise<void> {
  await bao.call('POST', `auth/jwt/role/${name}`, {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['vault'],
    token_policies: ['shop'],
    token_ttl: ttl,
    token_max_ttl: maxTtl,
  });
}

export function sidecarConfig(
  bao: OpenBao,
  vaultRole: string,
  changes: Partial<AgentConfig> = {},
): AgentConfig {
  return {
    version: 1,
    vault: {
      address: bao.address,
      ...(bao.ca === undefined ? {} : { ca: bao.ca }),
      authMount: 'jwt',
      authMethod: 'jwt',
      role: vaultRole,
    },
    credentials: [kv, tls],
    files: [
      { file: 'kv.json', content: { kind: 'all', credential: 'kv' } },
      { file: 'tls.crt', content: { kind: 'field', credential: 'tls', field: 'certificate' } },
      { file: 'tls.key', content: { kind: 'field', credential: 'tls', field: 'private_key' } },
    ],
    env: [],
    identities: [],
    token: true,
    sidecar: true,
    rotate: 'none',
    ...changes,
  };
}

export async function listed(bao: OpenBao, path: string): Promise<readonly unknown[]> {
  const answer = await bao.call('LIST', path).catch(() => ({}));
  return listOf(objectOf(objectOf(answer)['data'])['keys']);
}

/** How long a token has still to live; `undefined`: it has ended. */
export async function secondsLeft(bao: OpenBao, token: string): Promise<number | undefined> {
  try {
    const { data } = await bao.call('POST', 'auth/token/lookup', { token });
    return Number(objectOf(data)['ttl']);
  } catch {
    return undefined;
  }
}
