/** A shell for the commands of docs/vault.md: `vault` is the command line of the server, `kubectl` that of a cluster. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { openBaoBinary } from '../../scripts/fetch-openbao.ts';
import { vaultPrograms } from '../../scripts/vault-build.ts';
import type { AccountLabels } from '../../src/core/vault/role.ts';
import type { VaultServer } from './vault-server.ts';

export interface PageShell {
  readonly dir: string;
  /** As a person would run it, but that it stops at the first failure. @returns what it prints */
  run(script: string): Promise<string>;
  remove(): Promise<void>;
}

export interface PageCluster {
  /** The script that is `kubectl`. */
  readonly kubectl: string;
  /** PEM: by which the API server's tokens are checked. */
  readonly tokenPublicKey: string;
  /** Of the workload's account. */
  readonly labels: AccountLabels;
  stop(): Promise<void>;
}

export async function openShell(server: VaultServer, cluster: PageCluster): Promise<PageShell> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-vault-page-'));
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await symlink(resolve('manifests'), join(dir, 'manifests'));
  await writeFile(join(dir, 'sa.pub'), cluster.tokenPublicKey);
  await writeFile(join(dir, 'server.pem'), server.ca ?? '');
  const programs = { vault: await vaultScript(server), kubectl: cluster.kubectl };
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: dir,
    VAULT_ADDR: server.address,
    VAULT_TOKEN: server.rootToken,
    VAULT_CACERT: join(dir, 'server.pem'),
  };
  return {
    dir,
    async run(script) {
      const { stdout } = await promisify(execFile)('sh', ['-euc', script], {
        cwd: dir,
        env,
        timeout: 60_000,
      });
      return stdout;
    },
    remove: () => rm(dir, { recursive: true }),
  };
}

async function vaultScript({ product }: VaultServer): Promise<string> {
  if (product === 'Vault') return `exec '${(await vaultPrograms()).server}' "$@"`;
  const settings = ['ADDR', 'TOKEN', 'CACERT'].map((name) => `BAO_${name}="$VAULT_${name}"`);
  return `export ${settings.join(' ')}\nexec '${await openBaoBinary()}' "$@"`;
}
