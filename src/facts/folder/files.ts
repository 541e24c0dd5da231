import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '../../core/scope/canonical.ts';
import type { FolderProblem } from './problem.ts';

/** The texts of a folder, in an order that does not depend on the file system. */
export interface Texts {
  readonly files: readonly TextFile[];
  /** Symbolic links, which are not followed: they could lead anywhere. */
  readonly links: number;
  readonly problems: readonly FolderProblem[];
}

export interface TextFile {
  /** As the user would write it: below the folder that was named; `-` for standard input. */
  readonly file: string;
  readonly text: string;
}

/** The syntax tree of a file takes some fifty times its text. */
const MAX_BYTES = 8 * 1024 * 1024;

export const MANIFEST = /\.(?:yaml|yml|json)$/i;

export interface Wanted {
  /** Of the names of files. */
  readonly matches: RegExp;
  /** A folder that is left out. */
  readonly except?: string;
}

/** All manifests below a folder; or one file, whatever its name. */
export async function readFiles(path: string, wanted: Wanted = { matches: MANIFEST }): Promise<Texts> {
  const found = nothing();
  const there = await stat(path).catch(codeOf);
  if (typeof there === 'string') refuse(found, path, `can't be read (${there})`);
  else if (there.isDirectory()) await readFolder(path, wanted, found);
  else await readFile(path, 0, found);
  return found;
}

export async function readStream(chunks: AsyncIterable<Uint8Array>): Promise<Texts> {
  const found = nothing();
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
    read.push(chunk);
  }
  if (bytes > MAX_BYTES) refuse(found, '-', `expected at most ${MAX_BYTES} bytes`);
  else addText('-', Buffer.concat(read), found);
  return found;
}

interface Found {
  readonly files: TextFile[];
  links: number;
  readonly problems: FolderProblem[];
}

function nothing(): Found {
  return { files: [], links: 0, problems: [] };
}

async function readFolder(folder: string, wanted: Wanted, found: Found): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(codeOf);
  if (typeof entries === 'string') {
    refuse(found, folder, `can't be read (${entries})`);
    return;
  }
  for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (path === wanted.except) continue;
    if (entry.isDirectory()) await readFolder(path, wanted, found);
    else if (!wanted.matches.test(entry.name)) continue;
    else if (entry.isSymbolicLink()) found.links += 1;
    else await readFile(path, constants.O_NOFOLLOW, found);
  }
}

async function readFile(path: string, flags: number, found: Found): Promise<void> {
  // Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags).catch(codeOf);
  if (typeof file === 'string') {
    refuse(found, path, `can't be read (${file})`);
    return;
  }
  try {
    const status = await file.stat();
    if (!status.isFile()) refuse(found, path, 'expected a file or a folder');
    else if (status.size > MAX_BYTES)
      refuse(found, path, `expected at most ${MAX_BYTES} bytes, found ${status.size}`);
    else addText(path, await file.readFile(), found);
  } finally {
    await file.close();
  }
}

function addText(file: string, bytes: Uint8Array, found: Found): void {
  try {
    found.files.push({ file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
  } catch {
    refuse(found, file, 'expected UTF-8');
  }
}

function refuse(found: Found, file: string, message: string): void {
  found.problems.push({ file, message });
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : 'unknown error';
}
