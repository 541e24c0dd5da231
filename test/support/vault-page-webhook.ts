/** The configurations of docs/vault.md, with the files that they name, and what the webhook does by them at a real server. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import type { Config } from '../../src/api/config.ts';
import { readConfig } from '../../src/config/load.ts';
import { vaultFactsSettings } from '../../src/config/vault-facts.ts';
import type { Account } from '../../src/core/scope/scope.ts';
import type { VaultHeld } from '../../src/core/vault/held.ts';
import type { AccountLabels } from '../../src/core/vault/role.ts';
import { watchVaults } from '../../src/facts/vault/watch.ts';
import { createCa } from './tls.ts';

export interface PageFiles {
  /** Of the server, PEM. */
  readonly ca: string;
  /** By which Countersign logs in. */
  readonly token: string;
}

/** @returns what `use` returns, while the files are there that the configuration names */
export async function withPageConfig<T>(
  text: string,
  { ca, token }: PageFiles,
  use: (config: Config) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-vault-page-config-'));
  const authority = await createCa();
  const { cert, key } = await authority.issue();
  const files = {
    'tls/tls.crt': cert,
    'tls/tls.key': key,
    'tls/callers.crt': authority.pem,
    'vault/ca.crt': ca,
    'vault/token': token,
    'keys/current': 'k'.repeat(32),
  };
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
    const loaded = readConfig(text, join(dir, 'config.yaml'));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return await use(loaded.config);
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** The same, but the connection `default` is with that server. */
export function atAddress(config: Config, address: string): Config {
  const { default: connection } = config.vaults;
  if (connection === undefined) throw new Error('no connection default');
  return { ...config, vaults: { default: { ...connection, address } } };
}

/** What the webhook knows of an account, once it has read the server. */
export async function heldBy(config: Config, labels: AccountLabels): Promise<VaultHeld | undefined> {
  const stop = new AbortController();
  const watched = watchVaults(vaultFactsSettings(config), {
    labelsOf: () => labels,
    factsMaxAgeSeconds: config.factsMaxAgeSeconds,
    signal: stop.signal,
    log: { info: () => undefined, warn: () => undefined },
  });
  const account: Account = labels.account;
  try {
    await vi.waitFor(
      () => {
        const problems = watched.problems();
        if (problems.length > 0) throw new Error(problems.join('\n'));
      },
      { timeout: 20_000, interval: 20 },
    );
    await watched.prepareVault(account, stop.signal);
    return watched.vault(account);
  } finally {
    stop.abort();
    await watched.done;
  }
}
