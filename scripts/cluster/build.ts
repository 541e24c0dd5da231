/** Gets components into the cache: what is there is kept, the rest is built, one builder at a time. */
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { binariesDir, binaryPath, type Component, components } from './components.ts';
import { type Compile, compile, goProblem } from './go.ts';
import { withLock } from './lock.ts';
import { type Output, startProgress } from './progress.ts';

export type BuildOutcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'interrupted' }
  /** Something has to be installed on this machine first. */
  | { readonly kind: 'unable'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string };

export interface BuildOptions {
  readonly signal: AbortSignal;
  readonly output: Output;
  /** The control plane when absent. */
  readonly wanted?: readonly Component[];
  readonly dir?: string;
  readonly compile?: Compile;
  readonly toolchainProblem?: () => Promise<string | undefined>;
}

interface Building {
  readonly wanted: readonly Component[];
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly output: Output;
  readonly compile: Compile;
}

const temporarySuffix = '.tmp';

export async function buildComponents(options: BuildOptions): Promise<BuildOutcome> {
  const building = { wanted: components, dir: binariesDir(), compile, ...options };
  if ((await missingComponents(building.dir, building.wanted)).length === 0) return { kind: 'ready' };
  const problem = await (options.toolchainProblem ?? goProblem)();
  if (problem !== undefined) return { kind: 'unable', problem };
  try {
    await mkdir(building.dir, { recursive: true });
    await locked(building);
    return { kind: 'ready' };
  } catch (error) {
    if (options.signal.aborted) return { kind: 'interrupted' };
    return { kind: 'failed', problem: error instanceof Error ? error.message : String(error) };
  }
}

async function locked(building: Building): Promise<void> {
  const { wanted, dir, signal, output } = building;
  let waiting: ReturnType<typeof startProgress> | undefined;
  function onWait(holder: number): void {
    waiting ??= startProgress(`waiting for process ${holder}, which builds`, output);
    void missingComponents(dir, wanted).then((left) =>
      waiting?.note(`${wanted.length - left.length} of ${wanted.length} there`),
    );
  }
  function stopWaiting(): void {
    waiting?.end('ended');
    waiting = undefined;
  }
  try {
    await withLock(join(dir, '.lock'), { signal, onWait }, () => {
      stopWaiting();
      return buildMissing(building);
    });
  } finally {
    stopWaiting();
  }
}

/** Under the lock, so that a temporary folder that stands there can only be that of a builder that died. */
async function buildMissing(building: Building): Promise<void> {
  const { wanted } = building;
  const missing = await missingComponents(building.dir, wanted);
  for (const component of wanted) {
    const position = `[${wanted.indexOf(component) + 1}/${wanted.length}]`;
    const title = `${position} ${component.name} ${component.version}`;
    if (missing.includes(component)) await buildOne(building, component, title);
    else building.output.write(`${title}: already there\n`);
  }
}

/** The program and all that Go writes on the way stand in a folder beside the target, which is removed in any case. */
async function buildOne(building: Building, component: Component, title: string): Promise<void> {
  const target = binaryPath(component, building.dir);
  const folder = `${target}.${process.pid}${temporarySuffix}`;
  await removeLeftovers(target);
  await mkdir(folder, { recursive: true });
  const progress = startProgress(title, building.output);
  try {
    const { signal } = building;
    const onPackage = (count: number) => progress.note(`${count} packages compiled`);
    await building.compile({ component, folder, signal, onPackage });
    await rename(join(folder, component.name), target);
    progress.end('built');
  } catch (error) {
    progress.end(building.signal.aborted ? 'interrupted' : 'failed');
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeLeftovers(target: string): Promise<void> {
  const parent = dirname(target);
  const names = await readdir(parent).catch(() => []);
  const isLeftover = (name: string) =>
    name.startsWith(`${basename(target)}.`) && name.endsWith(temporarySuffix);
  const leftovers = names.filter(isLeftover);
  await Promise.all(leftovers.map((name) => rm(join(parent, name), { recursive: true, force: true })));
}

export async function missingComponents(
  dir: string = binariesDir(),
  wanted: readonly Component[] = components,
): Promise<readonly Component[]> {
  const found = await Promise.all(wanted.map((component) => exists(binaryPath(component, dir))));
  return wanted.filter((_, index) => found[index] === false);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
