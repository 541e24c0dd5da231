/** A real server that mints, and Countersign's own identity there. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Minter, Revoker, WantedToken } from '../../src/admit/ports.ts';
import { createMinter, createRevoker } from '../../src/facts/vault/minter.ts';
import { createReader } from '../../src/facts/vault/reader.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { createVaultClient } from '../../src/vault/client.ts';
import { listed } from './agent-openbao.ts';
import type { JwtMount } from './openbao-jwt.ts';
import type { VaultServer } from './vault-server.ts';

export const TOKEN_ROLE = 'wrapped_shop_api';

export const WANTED: WantedToken = {
  vault: 'default',
  tokenRole: TOKEN_ROLE,
  account: { namespace: 'shop', name: 'api' },
  owner: 'ReplicaSet/api-1',
};

export interface MintingServer {
  readonly minter: Minter;
  readonly revoker: Revoker;
  /** Of every token there is. */
  accessors(): Promise<readonly unknown[]>;
  stop(): Promise<void>;
}

export interface MintingOptions {
  readonly wrapTtlSeconds: number;
  /** Text of the policies of our own role; default: the two that ship. */
  readonly policy?: string;
}

export async function shippedPolicies(): Promise<string> {
  const files = ['countersign', 'countersign-wrapped'];
  const texts = await Promise.all(files.map((name) => readFile(`manifests/vault/${name}.hcl`, 'utf8')));
  return texts.join('\n');
}

/** The token role, and what a pod may do by it. */
export async function allowMinting(server: VaultServer): Promise<void> {
  await server.call('PUT', 'sys/policies/acl/shop', {
    policy: 'path "secret/data/shop/*" { capabilities = ["read"] }',
  });
  await server.call('POST', `auth/token/roles/${TOKEN_ROLE}`, {
    allowed_policies: 'shop',
    orphan: true,
    renewable: true,
    token_type: 'service',
    token_explicit_max_ttl: '20m',
  });
}

let roles = 0;

export async function startMinting(
  server: VaultServer,
  jwt: JwtMount,
  options: MintingOptions,
): Promise<MintingServer> {
  const { wrapTtlSeconds, policy = await shippedPolicies() } = options;
  const dir = await mkdtemp(join(tmpdir(), 'countersign-minting-'));
  const tokenFile = join(dir, 'token');
  const name = `own-${roles++}`;
  await server.call('PUT', `sys/policies/acl/${name}`, { policy });
  await server.call('POST', `auth/jwt/role/${name}`, {
    role_type: 'jwt',
    user_claim: 'sub',
    bound_audiences: ['vault'],
    token_policies: [name],
    token_no_default_policy: true,
  });
  await writeFile(tokenFile, await jwt.sign());
  const client = createVaultClient({
    address: server.address,
    ...(server.ca !== undefined && { ca: server.ca }),
  });
  const reader = createReader({ client, mount: 'jwt', role: name, tokenFile, clock: systemClock });
  const vaults = new Map([['default', { client, reader }]]);
  const log = { info: () => undefined, warn: () => undefined };
  return {
    minter: createMinter({ vaults, wrapTtlSeconds, admits: () => true, clock: systemClock, log }),
    revoker: createRevoker(vaults),
    accessors: () => listed(server, 'auth/token/accessors'),
    async stop() {
      await reader.stop();
      client.close();
      await rm(dir, { recursive: true });
    },
  };
}
