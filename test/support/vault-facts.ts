/** A real OpenBao whose roles and policies are read as Countersign reads them: with its own policy, logged in by a token in a file. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { objectOf, textsOf } from '../../src/core/json.ts';
import type { Account } from '../../src/core/scope/scope.ts';
import type { VaultHeld } from '../../src/core/vault/held.ts';
import type { AccountLabels } from '../../src/core/vault/role.ts';
import { type WatchedVault, type WatchedVaults, watchVaults } from '../../src/facts/vault/watch.ts';
import { systemClock } from '../../src/kube/clock.ts';
import { type OpenBao, startOpenBao } from './openbao.ts';
import { enableJwt, type JwtMount } from './openbao-jwt.ts';

export const API: Account = { namespace: 'shop', name: 'api' };
export const UID = '6d1b2f0e-0000-4000-8000-000000000001';

export interface VaultBench {
  readonly bao: OpenBao;
  /** The mount `jwt`: we log in there, and pods may. */
  readonly jwt: JwtMount;
  readonly tokenFile: string;
  policy(name: string, text: string): Promise<void>;
  /** Of the mount `kubernetes`. */
  role(name: string, fields: object): Promise<void>;
  /** Of the mount `jwt`. */
  jwtRole(name: string, fields: object): Promise<void>;
  accessor(mount: string): Promise<string>;
  /** Writes to the identity engine. @returns the id */
  identity(kind: string, fields: object): Promise<string>;
  /** A login as a pod; `undefined`: it is refused. */
  tokenFor(mount: string, role: string, jwt: string): Promise<string | undefined>;
  /** What a token may do, path by path. */
  capabilities(token: string, paths: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Every token that was got at the mount `jwt`. */
  revokeAll(): Promise<void>;
  /** Ended with the bench. @param laterMs is added to the time */
  watch(
    changes?: Partial<WatchedVault>,
    labels?: Partial<AccountLabels>,
    laterMs?: () => number,
  ): WatchedVaults;
  /** Once it was read, or could not be. */
  held(vaults: WatchedVaults, account?: Account): Promise<VaultHeld>;
  /** Those that are watched until now. */
  stopWatching(): Promise<void>;
  stop(): Promise<void>;
}

/** One object, as a world has it: what is remembered of an account depends on that. */
const LABELS = { env: 'prod' };
const OPEN = new AbortController().signal;
const MANIFEST = 'manifests/vault/countersign.hcl';

export async function startVaultBench({ tls = false } = {}): Promise<VaultBench> {
  const bao = await startOpenBao({ tls });
  const folder = await mkdtemp(join(tmpdir(), 'countersign-vault-facts-'));
  const tokenFile = join(folder, 'token');
  const jwt = await enableJwt(bao);
  let stop = new AbortController();
  let running: Promise<void>[] = [];
  await writeFile(tokenFile, await jwt.sign());
  await bao.call('POST', 'sys/auth/kubernetes', { type: 'kubernetes' });

  async function policy(name: string, text: string): Promise<void> {
    await bao.call('POST', `sys/policies/acl/${name}`, { policy: text });
  }

  async function jwtRole(name: string, fields: object): Promise<void> {
    const basis = { role_type: 'jwt', user_claim: 'sub', bound_audiences: ['vault'] };
    await bao.call('POST', `auth/jwt/role/${name}`, { ...basis, ...fields });
  }

  const shipped = await readFile(MANIFEST, 'utf8');
  await policy('countersign', shipped);
  await policy('countersign-jwt', shipped.replaceAll('auth/kubernetes/', 'auth/jwt/'));
  for (const name of ['countersign', 'countersign-jwt']) {
    await jwtRole(name, { token_policies: [name], token_no_default_policy: true });
  }

  async function stopWatching(): Promise<void> {
    stop.abort();
    await Promise.all(running);
    stop = new AbortController();
    running = [];
  }

  const connection: WatchedVault['connection'] = {
    name: 'default',
    address: bao.address,
    authMount: 'kubernetes',
    authMethod: 'kubernetes',
    audience: 'vault',
    ...(bao.ca === undefined ? {} : { ca: bao.ca }),
  };

  return {
    bao,
    jwt,
    tokenFile,
    policy,
    jwtRole,
    async role(name, fields) {
      const basis = { bound_service_account_names: 'api', bound_service_account_namespaces: 'shop' };
      await bao.call('POST', `auth/kubernetes/role/${name}`, { ...basis, ...fields });
    },
    async accessor(mount) {
      const mounts = Object(await bao.call('GET', 'sys/auth')) as {
        data: Record<string, { accessor: string }>;
      };
      return mounts.data[`${mount}/`]?.accessor ?? '';
    },
    async identity(kind, fields) {
      const { data } = Object(await bao.call('POST', `identity/${kind}`, fields)) as { data: { id: string } };
      return data.id;
    },
    async tokenFor(mount, role, token) {
      const body = { role, jwt: token };
      const answer = await bao.call('POST', `auth/${mount}/login`, body).catch(() => undefined);
      return (answer as { auth: { client_token: string } } | undefined)?.auth.client_token;
    },
    async capabilities(token, paths) {
      const { data } = await bao.call('POST', 'sys/capabilities', { token, paths });
      return paths.map((path) => textsOf(objectOf(data)[path]).toSorted());
    },
    async revokeAll() {
      await bao.call('POST', 'sys/leases/revoke-prefix/auth/jwt/login', { sync: true });
    },
    watch(changes = {}, labels = {}, laterMs = () => 0) {
      const vault: WatchedVault = {
        connection,
        loginMount: 'jwt',
        role: 'countersign',
        tokenFile,
        refreshSeconds: 300,
        ...changes,
      };
      const vaults = watchVaults([vault], {
        labelsOf: (account) => ({ account, uid: UID, namespaceLabels: LABELS, ...labels }),
        factsMaxAgeSeconds: 300,
        signal: stop.signal,
        log: { info: () => undefined, warn: () => undefined },
        clock: { ...systemClock, now: () => systemClock.now() + laterMs() },
      });
      running.push(vaults.done);
      return vaults;
    },
    async held(vaults, account = API) {
      await vi.waitFor(
        () => {
          if (vaults.problems().some((problem) => problem.includes('not been read yet')))
            throw new Error('not yet');
        },
        { timeout: 20_000, interval: 20 },
      );
      await vaults.prepareVault(account, OPEN);
      const held = vaults.vault(account);
      if (held === undefined) throw new Error('no connection');
      return held;
    },
    stopWatching,
    async stop() {
      await stopWatching();
      await bao.stop();
      await rm(folder, { recursive: true });
    },
  };
}
