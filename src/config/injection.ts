import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../api/config.ts';
import type { VaultConfig } from '../api/config-vault.ts';
import { CountersignError } from '../core/errors.ts';
import type { InjectionSettings, VaultConnection } from '../core/inject/settings.ts';
import { SHORTEST_KEY_BYTES } from './files.ts';

/**
 * The settings of injection, with the files read that the configuration names.
 *
 * @param changing keys that come from the cluster, instead of those of files; asked for every time
 * @returns `undefined` when there is no connection in `vaults`: nothing can be injected
 * @throws CountersignError `ERR_CONFIG` when a file is no longer what it was when the configuration was loaded
 */
export function injectionSettings(
  { vaults, injection }: Config,
  changing?: () => InjectionSettings['keys'],
): InjectionSettings | undefined {
  const { image, keyFile, previousKeyFile, repositories, imagePullPolicy, env, runAsUser } = injection;
  if (Object.keys(vaults).length === 0 || image === undefined) return undefined;
  if (changing === undefined && keyFile === undefined) return undefined;
  const { requests, limits } = injection.resources;
  const files = [keyFile, previousKeyFile].filter((file) => file !== undefined).map(keyOf);
  return {
    vaults: Object.fromEntries(
      Object.entries(vaults).map(([name, vault]) => [name, connectionOf(name, vault)]),
    ),
    agentImage: image,
    agentRepositories: [...new Set([repositoryOf(image), ...repositories])],
    imagePullPolicy,
    resources: {
      requests: { cpu: requests.cpu, memory: requests.memory },
      limits: { memory: limits.memory, ...(limits.cpu !== undefined && { cpu: limits.cpu }) },
    },
    env: { runtimeClasses: env.runtimeClasses },
    runAsUser: runAsUser ?? undefined,
    get keys() {
      return changing?.() ?? files;
    },
  };
}

export function connectionOf(name: string, vault: VaultConfig): VaultConnection {
  const {
    address,
    namespace,
    authMount,
    authMethod,
    audience,
    tokenExpirationSeconds,
    tlsServerName,
    kvMounts,
  } = vault;
  const ca = vault.ca ?? (vault.caFile === undefined ? undefined : read(vault.caFile).toString('utf8'));
  return {
    name,
    address,
    authMount,
    authMethod,
    audience,
    tokenExpirationSeconds,
    kvMounts,
    ...(namespace !== undefined && { namespace }),
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { tlsServerName }),
  };
}

/** An image reference without tag and digest; a colon before the last slash is that of a registry's port. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}

function keyOf(file: string): KeyObject {
  const key = read(file);
  if (key.length >= SHORTEST_KEY_BYTES) return createSecretKey(key);
  throw new CountersignError('ERR_CONFIG', `${file}: expected a key of at least ${SHORTEST_KEY_BYTES} bytes`);
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new CountersignError('ERR_CONFIG', `${file}: cannot be read`, { cause });
  }
}
