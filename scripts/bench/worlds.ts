import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { startProgress } from '../cluster/progress.ts';
import { serverNodeFlags } from '../image/product.ts';
import { pagesOf } from './pages.ts';
import type { Scale } from './scale-page.ts';
import { sizeOf, type WorldSize } from './world.ts';

const CHILD = fileURLToPath(new URL('./scale.ts', import.meta.url));
const ACCOUNTS = [1_000, 10_000, 100_000] as const;

/** One world after the other, each in a fresh process that is fed with it as with lists. */
export async function measureWorlds(seconds: number): Promise<readonly Scale[]> {
  const measured: Scale[] = [];
  for (const accounts of ACCOUNTS) measured.push(await measureWorld(sizeOf(accounts), seconds));
  return measured;
}

async function measureWorld(size: WorldSize, seconds: number): Promise<Scale> {
  const args = ['--expose-gc', ...serverNodeFlags, CHILD, String(size.accounts), String(seconds)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const progress = startProgress(`a world of ${size.accounts} accounts`, process.stderr);
  const exited = once(child, 'exit');
  const answer = text(child.stdout);
  await feed(size, child.stdin, (pages) => progress.note(`${pages} pages read`));
  progress.note('deciding');
  const [code] = await exited;
  progress.end(code === 0 ? 'done' : 'failed');
  if (code !== 0) throw new Error(`${CHILD} ended with ${code}`);
  const scale: Scale = JSON.parse(await answer);
  return scale;
}

async function feed(size: WorldSize, into: Writable, tell: (pages: number) => void): Promise<void> {
  let pages = 0;
  for (const { kind, text: items } of pagesOf(size)) {
    if (!into.write(`${kind} ${items}\n`)) await once(into, 'drain');
    pages += 1;
    tell(pages);
  }
  into.end();
}
