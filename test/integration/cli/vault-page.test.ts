import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFolder } from '../../../src/facts/folder/folder.ts';
import { countersign } from '../../support/cli.ts';
import { createCa } from '../../support/tls.ts';
import { filesIn, readVaultPage, runsIn, sectionNumbered } from '../../support/vault-page.ts';
import { withPageConfig } from '../../support/vault-page-webhook.ts';

/** What docs/vault.md shows without a Vault is what happens. */

const page = await readVaultPage();
const blocks = page.sections.flatMap((section) => section.blocks);
const configs = page.sections.flatMap(({ number, configs: texts }) =>
  texts.map((text) => [number, text] as const),
);
const manifests = blocks.filter(
  ({ language, info }) => language === 'yaml' && (info === 'manifests' || info === 'cluster'),
);
const goldens = blocks.flatMap(({ info, text }) => {
  const [, code] = /^golden=(\w+)$/u.exec(info) ?? [];
  return code === undefined ? [] : [[code, text] as const];
});

describe('the page about Vault', () => {
  it.each(configs)('has in section %i a configuration that the webhook takes', async (_, text) => {
    const { pem } = await createCa();
    const names = await withPageConfig(text, { ca: pem, token: 'x' }, async ({ vaults }) =>
      Object.keys(vaults),
    );

    expect(names).toContain('default');
  });

  it('says that wrapped tokens are refused at start without mtls', async () => {
    const [config = ''] = sectionNumbered(page, 5).configs;
    const open = config.replace(/caller: .*/u, 'caller: { mode: path, segment: door }');
    const { pem } = await createCa();

    await expect(withPageConfig(open, { ca: pem, token: 'x' }, async () => 'taken')).rejects.toThrow(
      'needs webhook.caller.mode mtls',
    );
  });

  it.each(manifests.map(({ text }) => [/name: [\w-]*/u.exec(text)?.[0] ?? '', text] as const))(
    'has a manifest with %s that can be read',
    async (_, text) => {
      const { problems, counts } = await loadFolder(streamOf(text));

      expect(problems).toEqual([]);
      expect(counts.objects).toBeGreaterThan(0);
    },
  );

  it.each(goldens)('shows the message of %s as it is', async (code, text) => {
    const golden = await readFile(`test/golden/messages/${code}.txt`, 'utf8');

    expect(golden.replace(/^(?:deny|allow)\n/u, '')).toBe(text);
  });

  it('shows every message that is about Vault', async () => {
    const all = (await readdir('test/golden/messages')).map((file) => file.replace('.txt', ''));
    const about = all.filter((code) => /Vault|Minted|PolicyRefuses/u.test(code));

    expect(goldens.map(([code]) => code).toSorted()).toEqual(about.toSorted());
  });

  it.each(['countersign', 'countersign-wrapped'])('says what %s.hcl is for, path by path', async (name) => {
    const text = await readFile(`manifests/vault/${name}.hcl`, 'utf8');
    const [table] = page.text.split('\n## 2.');
    const paths = [...text.matchAll(/^path "([^"]+)"/gmu)].map(([, path = '']) => path);
    const said = paths.map((path) =>
      path.replace('auth/kubernetes/', 'auth/MOUNT/').replace('wrapped_*', '+'),
    );

    expect(said.length).toBeGreaterThan(2);
    for (const path of said) expect(table).toContain(path);
  });
});

describe('the folder of the page about Vault', () => {
  const section = sectionNumbered(page, 8);
  let dir = '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'countersign-vault-page-'));
    for (const [name, text] of Object.entries(filesIn(section))) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), text);
    }
  });
  afterAll(() => rm(dir, { recursive: true }));

  it.each(runsIn(section).filter(([command]) => command.endsWith(' shop')))(
    'makes countersign %s print what is shown',
    async (command, shown) => {
      const [verb = '', folder = ''] = command.split(' ');
      const { code, out, err } = await countersign([verb, join(dir, folder)]);

      expect(`${err}${out}`).toBe(shown);
      expect(code).toBe(1);
    },
  );

  it('is four files and three runs', () => {
    expect(Object.keys(filesIn(section))).toHaveLength(4);
    expect(runsIn(section).map(([command]) => command)).toEqual(['check copied', 'check shop', 'fix shop']);
  });
});

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
