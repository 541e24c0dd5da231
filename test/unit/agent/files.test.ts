import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInPlace, writeSet } from '../../../src/agent/files.ts';

const now = Date.parse('2026-11-24T12:00:00.999Z');

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-files-'));
});
afterEach(() => rm(dir, { recursive: true }));

function write(files: Record<string, string>): Promise<string> {
  return writeSet(dir, new Map(Object.entries(files)), now);
}

async function listed(): Promise<readonly string[]> {
  return (await readdir(dir)).toSorted();
}

function content(file: string): Promise<string> {
  return readFile(join(dir, file), 'utf8');
}

describe('writeSet', () => {
  it('lays the files out as kubelet does', async () => {
    const set = await write({ 'db.json': '{}', key: 'k' });

    expect(set).toMatch(/^\.\.2026_11_24_12_00_00\.\w{6}$/);
    expect(await listed()).toEqual([set, '..data', 'db.json', 'key']);
    expect(await readlink(join(dir, '..data'))).toBe(set);
    expect(await readlink(join(dir, 'db.json'))).toBe('..data/db.json');
    expect((await lstat(join(dir, 'db.json'))).isSymbolicLink()).toBe(true);
    expect(await content('key')).toBe('k');
  });

  it('lets everybody read and nobody write, whatever the umask', async () => {
    const umask = process.umask(0o077);
    const set = await write({ key: 'k' }).finally(() => process.umask(umask));

    expect((await stat(join(dir, 'key'))).mode & 0o777).toBe(0o444);
    expect((await stat(join(dir, set))).mode & 0o777).toBe(0o755);
  });

  it('replaces the files of the set before, whose folder stays until the next', async () => {
    const first = await write({ a: '1', b: '1' });

    const second = await write({ b: '2', c: '2' });

    expect(await listed()).toEqual([first, second, '..data', 'b', 'c'].toSorted());
    expect(await content('b')).toBe('2');
    const third = await write({ b: '3', c: '3' });
    expect(await listed()).toEqual([second, third, '..data', 'b', 'c'].toSorted());
  });

  it('removes what an interrupted run left', async () => {
    await mkdir(join(dir, '..2026_11_24_11_00_00.9'));
    await symlink('nowhere', join(dir, '..data_new'));

    const set = await write({ a: '1' });

    expect(await listed()).toEqual([set, '..data', 'a']);
  });

  it('writes bytes that are not ASCII, and no byte more', async () => {
    await write({ a: 'ü字\r\n\u0000' });
    expect(await readFile(join(dir, 'a'))).toEqual(Buffer.from('ü字\r\n\u0000', 'utf8'));
  });

  it('leaves nothing behind when a file is in the way', async () => {
    await writeFile(join(dir, 'b'), 'of somebody else');

    await expect(write({ a: '1', b: '1' })).rejects.toMatchObject({
      code: 'ERR_AGENT_FILES',
      message: `can't write into ${dir}: EEXIST`,
    });

    expect(await listed()).toEqual(['b']);
    expect(await content('b')).toBe('of somebody else');
  });

  it('keeps the set before when a file of the new one is in the way', async () => {
    const set = await write({ a: '1' });
    await writeFile(join(dir, 'b'), 'of somebody else');

    await expect(write({ a: '2', b: '2', c: '2' })).rejects.toThrow('EEXIST');

    expect(await listed()).toEqual([set, '..data', 'a', 'b']);
    expect(await content('a')).toBe('1');
  });

  it('keeps the set before when a file can not be written', async () => {
    const set = await write({ a: '1' });

    await expect(write({ a: '2', 'no/such/folder': '2' })).rejects.toThrow('ENOENT');

    expect(await listed()).toEqual([set, '..data', 'a']);
    expect(await content('a')).toBe('1');
  });

  it('says that there is no folder to write into', async () => {
    await expect(writeSet(join(dir, 'none'), new Map([['a', '1']]), now)).rejects.toThrow('none: ENOENT');
  });
});

describe('isInPlace', () => {
  it('knows the set that is shown', async () => {
    const set = await write({ a: '1' });

    expect(await isInPlace(dir, set, ['a'])).toBe(true);
    expect(await isInPlace(dir, set, ['a', 'b'])).toBe(false);
    expect(await isInPlace(dir, '..2026_11_24_11_00_00.xxxxxx', ['a'])).toBe(false);
    expect(await isInPlace(join(dir, 'none'), set, [])).toBe(false);
  });
});
