/** docs/vault.md, followed as it is written, at a real server of either product. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { capabilitiesAt } from '../../src/core/vault/acl.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from './admission.ts';
import { countersign } from './cli.ts';
import { isPageFact, readVaultPage, runsIn, sectionNumbered } from './vault-page.ts';
import { type KeySource, type PageServer, startPageServer } from './vault-page-server.ts';
import type { PageCluster } from './vault-page-shell.ts';
import { heldBy } from './vault-page-webhook.ts';
import { wrappedPageSuite } from './vault-page-wrapped-suite.ts';
import type { Product } from './vault-server.ts';

const page = await readVaultPage();
const SETUP = sectionNumbered(page, 2);
const JWT = sectionNumbered(page, 3);
const FOLDER = sectionNumbered(page, 8);
/** How a role of the other method is copied, by what the page says of it. */
const COPIED = {
  kubernetes: (script: string) => script,
  jwt: (script: string) =>
    script.replace('auth/kubernetes/', 'auth/jwt/').replace('{ echo', '{ echo "method: jwt"; echo'),
};

/**
 * @param start the cluster whose accounts log in, with the objects of the page in it
 * @param keys where Vault can have the keys of the API server from
 */
export function vaultPageSuite(
  product: Product,
  start: () => Promise<PageCluster>,
  keys: readonly KeySource[],
): void {
  let cluster: PageCluster;

  beforeAll(async () => {
    cluster = await start();
  });
  afterAll(() => cluster?.stop());

  const ways = [
    ['kubernetes method', 'kubernetes', SETUP, 'file'] as const,
    ...keys.map((source) => [`jwt method and keys by ${source}`, 'jwt', JWT, source] as const),
  ];

  describe.each(ways)(`the set-up of ${product} with the %s`, (_, method, section, source) => {
    let server: PageServer;

    beforeAll(async () => {
      server = await startPageServer(product, cluster);
      await server.follow(section, source);
    });
    afterAll(() => server?.stop());

    const held = () => server.webhook(section, (config) => heldBy(config, cluster.labels));

    it('ends in a login that gives what the page shows', () => {
      const shown = section.scripts.map((script) => script.shown).filter((text) => text !== undefined);

      expect(shown).toEqual([expect.stringContaining('correct horse')]);
    });

    it('lets no other account in by the role of the workload', async () => {
      const login = (name: string, namespace: string) =>
        server.run(
          `vault write -field=token auth/${method}/login role=shop_api jwt="$(kubectl create token ${name} -n ${namespace} --audience=vault)"`,
        );

      expect(await login('api', 'shop')).toMatch(/^\w/u);
      await expect(login('countersign', 'countersign')).rejects.toThrow(/Code: 40[03]/u);
    });

    it('lets the webhook read this one login of the workload, with all that it gives', async () => {
      const { logins = [], ...rest } = (await held()) ?? {};

      expect(rest).toEqual({ read: ['default'], unread: [] });
      expect(logins).toMatchObject([
        {
          mount: method,
          role: 'shop_api',
          anyAccount: false,
          unknown: [],
          terms: { audiences: ['vault'], askedAudience: 'vault', ttlSeconds: 1200, maxTtlSeconds: 3600 },
        },
      ]);
      const paths = ['secret/data/shop/db', 'secret/data/shop/mail'];
      const given = logins.map(({ acl }) => paths.map((path) => capabilitiesAt(acl, path)));
      expect(given).toEqual([[['read'], ['deny']]]);
    });

    it('leaves the webhook nothing to say about the workload', async () => {
      const vault = await held();
      const object = SETUP.manifests.find(({ kind }) => kind === 'Deployment') ?? {};
      const world = worldOf(...[...SETUP.cluster, ...SETUP.manifests].filter(isPageFact));
      const handled = await ask(
        admissionOn({ ...world, vault: () => vault }),
        'change',
        reviewOf({ object }),
      );

      expect(responseOf(handled)).toMatchObject({ allowed: true });
      expect(responseOf(handled)).not.toHaveProperty('warnings');
      expect(handled.record.codes).toEqual([]);
    });

    it('can be copied into a folder that passes', async () => {
      const [script] = FOLDER.scripts;
      const [run] = runsIn(FOLDER);
      await server.run(COPIED[method](script?.text ?? ''));
      const objects = [...SETUP.cluster.filter(isPageFact), ...SETUP.manifests];
      const folder = join(server.dir, 'copied');
      await writeFile(join(folder, 'app.yaml'), objects.map((object) => stringify(object)).join('---\n'));
      const { out, err } = await countersign(['check', folder]);

      expect(['check copied', `${err}${out}`]).toEqual(run);
    });
  });

  wrappedPageSuite(product, () => cluster);
}
