/** The sections of docs/vault.md that go on after its set-up with the kubernetes method: wrapped tokens, and namespaces. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMinting } from '../../src/cli/minting.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { filesIn, readVaultPage, runsIn, sectionNumbered } from './vault-page.ts';
import { type PageServer, startPageServer } from './vault-page-server.ts';
import type { PageCluster } from './vault-page-shell.ts';
import type { Product } from './vault-server.ts';

const page = await readVaultPage();
const WRAPPED = sectionNumbered(page, 5);
const FOLDER = sectionNumbered(page, 8);
const NAMESPACES = sectionNumbered(page, 9);

export function wrappedPageSuite(product: Product, cluster: () => PageCluster): void {
  describe(`what goes on after the set-up of ${product}`, () => {
    let server: PageServer;

    beforeAll(async () => {
      server = await startPageServer(product, cluster());
      await server.follow(sectionNumbered(page, 2));
      await server.follow(WRAPPED);
    });
    afterAll(() => server?.stop());

    it('gives tokens that are unwrapped once, and none that is not wrapped', () => {
      const shown = WRAPPED.scripts.map((script) => script.shown).filter((text) => text !== undefined);

      expect(shown).toEqual([expect.stringContaining('bare:     refused')]);
    });

    it('gives the webhook a token that is the same as by hand', async () => {
      const outcome = await server.webhook(WRAPPED, async (config) => {
        const minting = createMinting(
          config,
          createLogger({ level: 'error' }),
          createMetrics({ version: 'test' }),
        );
        const { account } = cluster().labels;
        const wanted = {
          vault: 'default',
          tokenRole: 'wrapped_shop_api',
          account,
          owner: 'ReplicaSet/api-1',
        };
        try {
          return await minting?.minter.mint(wanted, AbortSignal.timeout(10_000));
        } finally {
          await minting?.stop();
        }
      });
      if (outcome?.kind !== 'minted') throw new Error(outcome?.why ?? 'the configuration asks for none');
      const printed = await server.run(`
        VAULT_TOKEN="$(vault unwrap -field=token ${outcome.minted.wrappingToken})"; export VAULT_TOKEN
        echo "$(vault read -field=policies auth/token/lookup-self)"
        echo "$(vault read -field=creation_ttl auth/token/lookup-self)"`);

      expect(printed).toBe('[default shop-api]\n180\n');
    });

    it('has namespaces, or has not, as the page says', async () => {
      await NAMESPACED[product](server);
    });

    it('gives what is missing once the commands are run that fix prints', async () => {
      const shared = filesIn(FOLDER)['shop/vault/policies/shared-rw.hcl'] ?? '';
      const [, printed = ''] = runsIn(FOLDER).find(([command]) => command === 'fix shop') ?? [];
      const [, ...commands] = printed.split(/^ {2}(?:run|ask) {5}/mu);
      await server.run(
        `vault policy write shared-rw - <<'EOF'\n${shared}EOF\n${commands.slice(0, 2).join('')}`,
      );
      const given = await server.run(`
        VAULT_TOKEN="$(vault write -field=token auth/kubernetes/login role=shop_api \
          jwt="$(kubectl create token api -n shop --audience=vault)")"; export VAULT_TOKEN
        vault token capabilities secret/data/shop/mail
        echo "$(vault read -field=policies auth/token/lookup-self)"`);

      expect(given).toBe('read\n[countersign-shop_api default shared-rw shop-api]\n');
    });
  });
}

const NAMESPACED: Readonly<Record<Product, (server: PageServer) => Promise<void>>> = {
  OpenBao: (server) => server.follow(NAMESPACES),
  async Vault({ run }) {
    expect(await run('vault kv get -namespace=nowhere -field=password secret/shop/db')).toBe('correct horse');
    await expect(run('vault namespace create team')).rejects.toThrow('enterprise-only');
  },
};
