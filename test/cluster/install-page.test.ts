import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../../scripts/build.ts';
import { sharedCluster } from '../support/cluster.ts';
import { applyTo } from '../support/cluster-objects.ts';
import { installCrds } from '../support/crds.ts';
import { blocksOf } from '../support/markdown.ts';
import { type CommandShell, openCommandShell } from '../support/page-shell.ts';
import { workloadObject } from '../support/workload.ts';

/**
 * The commands of docs/install.md, in their order, on a real API server with the real Helm. Without a node no pod starts:
 * nothing is waited for, and what needs a pod is left to test/node/chart.test.ts.
 */

const cluster = sharedCluster();
const page = readFileSync('docs/install.md', 'utf8');
const sections = new Map(
  page.split(/^## /mu).map((text) => [text.slice(0, text.indexOf('\n')), blocksOf(text)] as const),
);

const NEEDS_A_POD = /^(?:npm run image|helm test|kubectl logs) /u;

/** The commands of a section, its n-th block of them; those that need a pod left out. */
function commands(section: string, at = 0): string {
  const text = (sections.get(section) ?? []).filter(({ language }) => language === 'sh')[at]?.text;
  if (text === undefined) throw new Error(`no such block: ${section}`);
  return text
    .split('\n')
    .filter((line) => !NEEDS_A_POD.test(line))
    .join('\n')
    .replaceAll(' --wait', '');
}

function yamlOf(section: string): string {
  return (sections.get(section) ?? []).find(({ language }) => language === 'yaml')?.text ?? '';
}

let shell: CommandShell;
const run = async (script: string) => expect(await shell.run(script), script).toMatchObject({ code: 0 });
const there = async (...what: string[]) =>
  (await cluster.kubectl(['get', ...what, '-o', 'name', '--ignore-not-found'])).stdout.trim();

beforeAll(async () => {
  shell = await openCommandShell(cluster, { 'values.yaml': yamlOf('Install') });
  // As it is before the first install, whatever other tests have left.
  const left = ['manifests/rbac.yaml', 'manifests/crds'];
  for (const file of left) await cluster.kubectl(['delete', '-f', file, '--ignore-not-found']);
  await cluster.kubectl(['create', 'namespace', 'shop']);
});
afterAll(async () => {
  await shell?.run('kubectl delete namespace shop countersign');
  await shell?.run('kubectl delete -f manifests/policies --ignore-not-found');
  await shell?.remove();
  await installCrds(cluster);
});

const deployment = (name: string) => applyTo(cluster, workloadObject({ name, namespace: 'shop' }));

describe('the page about the install', () => {
  it('has no block of commands that is not run here', () => {
    const blocks = [...sections].flatMap(([title, inside]) =>
      inside.filter(({ language }) => language === 'sh').map(() => title),
    );

    expect(blocks).toEqual([
      'Install',
      'Install',
      'The command line',
      'From watching to refusing',
      'Upgrade',
      'Remove',
      'Remove',
      'A cluster that is locked out',
      'An emergency while it works',
    ]);
  });

  it('installs', async () => {
    await run(commands('Install'));

    expect(await there('deployment/countersign', '-n', 'countersign')).toBe('deployment.apps/countersign');
    expect(await there('crd/scopepolicies.countersign.dev')).not.toBe('');
  });

  it('puts the command line under kubectl', async () => {
    await build({ quiet: true });
    const [made = '', ...rest] = commands('The command line').split('\n');

    expect(made).toBe('npm run build');
    await run(
      [`PATH=~/.local/bin:${dirname(process.execPath)}:$PATH`, 'mkdir -p ~/.local/bin', ...rest].join('\n'),
    );
  });

  it('shows the same as a kustomization', async () => {
    await run(`${commands('Install', 1).trim()} --server-side --force-conflicts --dry-run=server`);
  });

  it('upgrades', async () => {
    expect((await deployment('api')).code).toBe(0);

    await run(commands('Upgrade'));
  });

  it('lets a policy be looked at, and labels what it is to hold for', async () => {
    await run(commands('From watching to refusing'));

    expect(await there('scopepolicy/observe')).not.toBe('');
  });

  it('leads out of a cluster that waits for nobody', async () => {
    await expect
      .poll(async () => (await deployment('waits')).stderr, { timeout: 30_000 })
      .toContain('failed calling webhook');
    const [way, ...mending] = commands('A cluster that is locked out').split('\n');

    await run(way ?? '');
    await expect.poll(async () => (await deployment('waits')).code, { timeout: 30_000 }).toBe(0);

    await run(mending.join('\n'));
    expect(await there('validatingwebhookconfiguration/countersign')).not.toBe('');
  });

  it('lets one workload past it in an emergency', async () => {
    const role = yamlOf('An emergency while it works');
    await cluster.kubectl(['apply', '-f', '-'], { input: role });

    await run(commands('An emergency while it works'));
  });

  it('removes, even when not even the hook can run', async () => {
    expect(page).toContain('`helm uninstall --no-hooks` works');

    await run(commands('Remove').replace('helm uninstall', 'helm uninstall --no-hooks'));

    expect(
      await there(
        'mutatingwebhookconfiguration,validatingwebhookconfiguration',
        '-l=app.kubernetes.io/name=countersign',
      ),
    ).toBe('');
    expect(await there('crd/scopepolicies.countersign.dev')).not.toBe('');
    expect(await there('secret/countersign-keys', '-n', 'countersign')).not.toBe('');
  });

  it('removes what stays as well', async () => {
    await run(commands('Remove', 1));

    expect(await there('crd/scopepolicies.countersign.dev')).toBe('');
    expect(await there('secret/countersign-keys', '-n', 'countersign')).toBe('');
  });
});
