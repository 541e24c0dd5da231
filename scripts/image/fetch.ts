/**
 * Gets the image's inputs, each checked by its hash, into the cache that every clone on the machine shares: Node by npm,
 * Debian's packages by the machine's own apt, which needs no rights and changes nothing on the machine.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../cache.ts';
import { type Architecture, type DebianPackage, inputs, type NodePackage } from './inputs.ts';

const run = promisify(execFile);

export interface Fetched {
  readonly node: string;
  /** Laid out as a machine's root is. */
  readonly root: string;
}

export async function fetchInputs(architecture: Architecture): Promise<Fetched> {
  const wanted = inputs[architecture];
  const name = createHash('sha256').update(JSON.stringify(wanted)).digest('hex').slice(0, 16);
  const root = await cachedFolder(`image-${architecture}-${name}`, async (folder) => {
    const work = await mkdtemp(join(tmpdir(), 'countersign-image-'));
    try {
      await nodeInto(folder, work, wanted.node);
      await debianInto(folder, work, architecture, wanted.debian);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return { node: join(root, 'package/bin/node'), root };
}

async function nodeInto(
  root: string,
  work: string,
  { name, version, integrity }: NodePackage,
): Promise<void> {
  const release = `${name}@${version}`;
  await failing(`${release} from npm`, run('npm', ['pack', release, '--silent', '--pack-destination', work]));
  const archive = join(work, `${name}-${version}.tgz`);
  await check(archive, `sha512-${await hashOf(archive, 'sha512', 'base64')}`, integrity);
  await run('tar', ['-xzf', archive, '-C', root, 'package/bin/node']);
}

/** In folders of its own: other architectures than the machine's are no business of the machine's apt. */
async function debianInto(
  root: string,
  work: string,
  architecture: Architecture,
  packages: readonly DebianPackage[],
): Promise<void> {
  await Promise.all(['lists/partial', 'cache'].map((path) => mkdir(join(work, path), { recursive: true })));
  await writeFile(join(work, 'status'), '');
  const settings = [
    `Dir::State=${work}`,
    `Dir::State::Lists=${work}/lists`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache=${work}/cache`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
  const apt = (...args: readonly string[]) => run('apt-get', ['-qq', ...settings, ...args], { cwd: work });
  const names = packages.map(({ name, version }) => `${name}=${version}`);
  // Of a source that is not reached, only the packages that are wanted from it would be missed.
  await apt('update').catch(() => undefined);
  const what = `${names.join(', ')} for ${architecture} from Debian 12 (bookworm) by apt-get`;
  await failing(what, apt('download', ...names));
  const files = (await readdir(work)).filter((file) => file.endsWith('.deb'));
  await Promise.all(
    packages.map(async ({ name, sha256 }) => {
      const file = join(work, files.find((candidate) => candidate.startsWith(`${name}_`)) ?? `${name}.deb`);
      await check(file, await hashOf(file, 'sha256', 'hex'), sha256);
      await run('dpkg-deb', ['--extract', file, root]);
    }),
  );
}

async function check(file: string, found: string, wanted: string): Promise<void> {
  if (found === wanted) return;
  throw new Error(`${basename(file)} is ${found}, and scripts/image/inputs.ts wants ${wanted}`);
}

async function hashOf(file: string, algorithm: string, encoding: 'hex' | 'base64'): Promise<string> {
  return createHash(algorithm)
    .update(await readFile(file))
    .digest(encoding);
}

async function failing(what: string, done: Promise<unknown>): Promise<void> {
  try {
    await done;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const reason = said.split('\n').at(-1) || String(error);
    throw new Error(`the image needs ${what}: ${reason}`, { cause: error });
  }
}
