import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readElf } from '../../../../scripts/image/elf.ts';
import { librariesOf } from '../../../../scripts/image/libraries.ts';

interface Said {
  readonly machine?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
}

const headerBytes = 64;
const segmentBytes = 56;

/** The least ELF file that says so, loaded at address 0x1000. */
function elf({ machine = 62, interpreter = '', needed = [] }: Said): Buffer {
  const strings = Buffer.from(['', interpreter, ...needed].map((text) => `${text}\0`).join(''));
  const start = headerBytes + 3 * segmentBytes;
  const dynamic = [
    ...needed.map((name) => [1, strings.indexOf(`${name}\0`)]),
    [5, 0x1000 + start],
    [0, 0],
    // Behind the end: no longer part of it.
    [1, 0],
  ];
  const file = Buffer.alloc(start + strings.length + dynamic.length * 16);
  const numbers = (at: number, ...values: readonly number[]) => {
    for (const [index, value] of values.entries()) file.writeBigUInt64LE(BigInt(value), at + index * 8);
  };
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  file.writeUInt16LE(machine, 0x12);
  numbers(0x20, headerBytes);
  file.writeUInt16LE(segmentBytes, 0x36);
  file.writeUInt16LE(interpreter === '' ? 2 : 3, 0x38);
  const dynamicAt = start + strings.length;
  const segments = [
    [1, 0, 0x1000, 0, file.length],
    [2, dynamicAt, 0x1000 + dynamicAt, 0, dynamic.length * 16],
    [3, start + 1, 0x1000 + start + 1, 0, interpreter.length + 1],
  ];
  for (const [index, [type = 0, ...rest]] of segments.entries()) {
    const at = headerBytes + index * segmentBytes;
    file.writeUInt32LE(type, at);
    numbers(at + 8, ...rest);
  }
  file.set(strings, start);
  for (const [index, entry] of dynamic.entries()) numbers(dynamicAt + index * 16, ...entry);
  return file;
}

describe('readElf', () => {
  it.each([
    [62, 'amd64'],
    [183, 'arm64'],
  ])('takes machine %d for %s', (machine, architecture) => {
    const said = { machine, interpreter: '/lib/ld.so', needed: ['libb.so.1', 'libc.so.6'] };
    expect(readElf(elf(said))).toEqual({
      architecture,
      interpreter: '/lib/ld.so',
      needed: ['libb.so.1', 'libc.so.6'],
    });
  });

  it('finds no loader in a library', () => {
    expect(readElf(elf({}))).toMatchObject({ interpreter: undefined, needed: [] });
  });

  it.each([
    ['a script', Buffer.from('#!/bin/sh\n'), 'no 64-bit ELF file'],
    ['another machine', elf({ machine: 243 }), 'ELF machine 243'],
  ])('refuses %s', (_, file, said) => {
    expect(() => readElf(file)).toThrow(said);
  });

  it('reads the Node that runs this', async () => {
    const { interpreter, needed } = readElf(await readFile(process.execPath));
    expect(interpreter).toMatch(/^\/lib/u);
    expect(needed).toContain('libc.so.6');
  });
});

describe('librariesOf', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'countersign-root-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const program = elf({ interpreter: '/lib64/ld.so.2', needed: ['liba.so.1', 'ld.so.2'] });

  async function put(path: string, content: Buffer): Promise<void> {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  async function link(path: string, target: string): Promise<void> {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await symlink(target, join(root, path));
  }

  it('are the loader, what the program needs, and what that needs, each once', async () => {
    await put('lib/x86_64-linux-gnu/ld.so', elf({}));
    await link('lib64/ld.so.2', '/lib/x86_64-linux-gnu/ld.so');
    await put('usr/lib/x86_64-linux-gnu/liba.so.1.0', elf({ needed: ['libc.so.6'] }));
    await link('usr/lib/x86_64-linux-gnu/liba.so.1', 'liba.so.1.0');
    await put('lib/x86_64-linux-gnu/libc.so.6', elf({ needed: ['ld.so.2', 'liba.so.1'] }));

    const found = await librariesOf(program, root);
    expect(found.map(({ path }) => path)).toEqual([
      'lib64/ld.so.2',
      'lib/x86_64-linux-gnu/liba.so.1',
      'lib/x86_64-linux-gnu/libc.so.6',
    ]);
  });

  it('are all there, or there is no image', async () => {
    await put('lib64/ld.so.2', elf({}));
    await expect(librariesOf(program, root)).rejects.toThrow('liba.so.1, which Node needs');
  });

  it('are not the machine’s where a link goes around in a circle', async () => {
    await link('lib64/ld.so.2', '/lib64/ld.so.2');
    await expect(librariesOf(program, root)).rejects.toThrow('lib64/ld.so.2, which Node needs');
  });
});
