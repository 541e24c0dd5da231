import { open } from 'node:fs/promises';
import { MAX_TEXT } from '../core/explain/windows.ts';
import { shown } from '../core/text.ts';
import type { CliHost } from './host.ts';

export type TextSource =
  | { readonly kind: 'text'; readonly text: string; readonly cut: boolean }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** Words are a text, unless they are the name of a file; `-` is standard input. What is longer than is read is cut. */
export async function textOf(words: readonly string[], host: Pick<CliHost, 'stdin'>): Promise<TextSource> {
  const [first = ''] = words;
  if (words.length === 1 && first === '-') return fromStream(host.stdin);
  const fromFile = words.length === 1 ? await readStart(first) : undefined;
  return fromFile ?? limited(Buffer.from(words.join(' ')));
}

/** `undefined`: there is no such file, so that the word is the text. */
async function readStart(path: string): Promise<TextSource | undefined> {
  try {
    await using file = await open(path, 'r');
    if (!(await file.stat()).isFile()) {
      return { kind: 'unreadable', problem: `${shown(path)} is no file with a text` };
    }
    return await fromStream(file.createReadStream({ end: MAX_TEXT, autoClose: false }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM') {
      return { kind: 'unreadable', problem: `${shown(path)} cannot be read` };
    }
    return undefined;
  }
}

async function fromStream(stream: AsyncIterable<Uint8Array>): Promise<TextSource> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_TEXT) break;
  }
  return limited(Buffer.concat(chunks));
}

function limited(bytes: Buffer): TextSource {
  const cut = bytes.length > MAX_TEXT;
  return { kind: 'text', text: bytes.subarray(0, MAX_TEXT).toString('utf8'), cut };
}
