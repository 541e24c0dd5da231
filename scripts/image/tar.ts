/**
 * A tar archive (POSIX ustar) that is the same, byte for byte, whenever and by whomever it is made: sorted, owned by root,
 * dated to the epoch.
 */
export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string; readonly mode?: number }
  | { readonly kind: 'file'; readonly path: string; readonly content: Buffer; readonly mode?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const blockBytes = 512;
const nameBytes = 100;
const largestFileBytes = 8 ** 11 - 1;
const types = { file: '0', link: '2', directory: '5' } as const;

/** In pieces, so that large contents are not copied. Paths are relative; folders that are not named are added. */
export function tarOf(entries: readonly TarEntry[]): readonly Buffer[] {
  const all = [...entries, ...missingFolders(entries)];
  const sorted = all.toSorted((one, other) => (one.path < other.path ? -1 : 1));
  const pieces = sorted.flatMap((entry) => {
    const content = contentOf(entry);
    const padding = Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes);
    return [header(entry, content.length), content, padding];
  });
  return [...pieces, Buffer.alloc(2 * blockBytes)];
}

function missingFolders(entries: readonly TarEntry[]): readonly TarEntry[] {
  const named = new Set(entries.map(({ path }) => path));
  const folders = new Set<string>();
  for (const { path } of entries) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, at) => folders.add(parts.slice(0, at + 1).join('/')));
  }
  return [...folders].filter((path) => !named.has(path)).map((path) => ({ kind: 'directory', path }));
}

function contentOf(entry: TarEntry): Buffer {
  return entry.kind === 'file' ? entry.content : Buffer.alloc(0);
}

/** pax(1), "ustar Interchange Format". */
function header(entry: TarEntry, size: number): Buffer {
  const path = entry.kind === 'directory' ? `${entry.path}/` : entry.path;
  const target = entry.kind === 'link' ? entry.target : '';
  if (Buffer.byteLength(path) > nameBytes || Buffer.byteLength(target) > nameBytes) {
    throw new Error(`${path}: a path of more than ${nameBytes} bytes does not fit into the archive`);
  }
  if (size > largestFileBytes) throw new Error(`${path}: ${size} bytes do not fit into the archive`);
  const block = Buffer.alloc(blockBytes);
  block.write(path, 0);
  block.write(`${octal(modeOf(entry), 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  block.write(`${octal(size, 11)}\0${octal(0, 11)}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(types[entry.kind], 156);
  block.write(target, 157);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function modeOf(entry: TarEntry): number {
  if (entry.kind === 'link') return 0o777;
  return entry.mode ?? (entry.kind === 'directory' ? 0o755 : 0o644);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
