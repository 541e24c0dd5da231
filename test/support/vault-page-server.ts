/** An empty server of either product, and somebody who follows docs/vault.md there. */
import { expect } from 'vitest';
import type { Config } from '../../src/api/config.ts';
import type { VaultPageSection } from './vault-page.ts';
import { openShell, type PageCluster, type PageShell } from './vault-page-shell.ts';
import { atAddress, withPageConfig } from './vault-page-webhook.ts';
import { type Product, startVaultServer } from './vault-server.ts';

/** Where Vault has the keys of the API server from: `discovery` asks it for them. */
export type KeySource = 'file' | 'discovery';

export interface PageServer extends Pick<PageShell, 'dir' | 'run'> {
  /** Runs every script of the section, and expects it to print what is shown behind it. */
  follow(section: VaultPageSection, keys?: KeySource): Promise<void>;
  /** The last configuration of the section, as the webhook would have it. */
  webhook<T>(section: VaultPageSection, use: (config: Config) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function startPageServer(product: Product, cluster: PageCluster): Promise<PageServer> {
  const server = await startVaultServer(product, { tls: true });
  // An empty server has no engine for secrets either; one in dev mode has.
  await server.call('DELETE', 'sys/mounts/secret');
  const shell = await openShell(server, cluster);
  const run = (script: string) => shell.run(script);

  return {
    dir: shell.dir,
    run,
    async follow({ scripts }, keys = 'file') {
      for (const { info, text, shown } of scripts) {
        if (info === 'discovery' && keys === 'file') continue;
        const printed = await run(text);
        if (shown !== undefined) expect(printed.trimEnd(), text).toBe(shown.trimEnd());
      }
    },
    async webhook({ configs }, use) {
      const token = await run('kubectl create token countersign -n countersign --audience=vault');
      const files = { ca: server.ca ?? '', token: token.trim() };
      return withPageConfig(configs.at(-1) ?? '', files, (config) => use(atAddress(config, server.address)));
    },
    async stop() {
      await shell.remove();
      await server.stop();
    },
  };
}
