/** The shared libraries of a program, found in a folder that is laid out as a machine's root is: the machine's own, or unpacked. */
import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { readElf } from './elf.ts';
import { inputs } from './inputs.ts';
import type { TarEntry } from './tar.ts';

const mostLinks = 8;

/** At paths where the loader, which is one of them, looks for them. Fails when one is not there. */
export async function librariesOf(program: Buffer, root: string): Promise<readonly TarEntry[]> {
  const { architecture, interpreter, needed } = readElf(program);
  const { triplet } = inputs[architecture];
  const folders = [`lib/${triplet}`, `usr/lib/${triplet}`, 'lib64', 'usr/lib64', 'lib', 'usr/lib'];
  const entries = new Map<string, TarEntry>();
  const loader = interpreter?.slice(1) ?? '';
  const names = [loader, ...needed];
  // Grows while it is gone through: what is needed by what is needed.
  for (const name of names) {
    if (entries.has(name) || loader.endsWith(`/${name}`)) continue;
    const places = name === loader ? [loader] : folders.map((folder) => `${folder}/${name}`);
    const { path, content } = await firstOf(places, root);
    // A machine's /lib is its /usr/lib.
    entries.set(name, { kind: 'file', path: path.replace(/^usr\//u, ''), content, mode: 0o755 });
    names.push(...readElf(content).needed);
  }
  return [...entries.values()];
}

async function firstOf(paths: readonly string[], root: string): Promise<{ path: string; content: Buffer }> {
  for (const path of paths) {
    const file = await followed(root, path);
    if (file !== undefined) return { path, content: await readFile(file) };
  }
  throw new Error(`${paths[0]}, which Node needs, is not in ${root}`);
}

/** A link that begins with a slash is one of this root, not of the machine. */
async function followed(root: string, path: string): Promise<string | undefined> {
  let file = join(root, path);
  for (let link = 0; link < mostLinks; link += 1) {
    const found = await lstat(file).catch(() => undefined);
    if (found === undefined) return undefined;
    if (!found.isSymbolicLink()) return file;
    const target = await readlink(file);
    file = isAbsolute(target) ? join(root, target) : join(dirname(file), target);
  }
  return undefined;
}
