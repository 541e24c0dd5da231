/**
 * `node footprint.ts IDLE_SECONDS FILE`, in a sandbox: runs each agent in a container of its own against a real OpenBao,
 * and writes what they took into FILE as JSON.
 */
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OpenBao, startOpenBao } from '../../test/support/openbao.ts';
import { enableJwt } from '../../test/support/openbao-jwt.ts';
import { build } from '../build.ts';
import { startProgress } from '../cluster/progress.ts';
import { openBaoBinary } from '../fetch-openbao.ts';
import { writeImage } from '../image.ts';
import { vaultPrograms } from '../vault-build.ts';
import { type AgentUnderTest, countersign, FILE, type Program, ROLE, SECRET } from './agents.ts';
import { type Containers, startContainers } from './containers.ts';
import type { Footprint } from './footprint-page.ts';
import { imageBytes } from './image-bytes.ts';
import { peer } from './peers.ts';
import { cpuSecondsOf, memoryOf } from './process.ts';

const [seconds = '', file = ''] = process.argv.slice(2);
const idleSeconds = Number(seconds);
const starts = 5;
/** Within the time that is watched each agent has to renew its token. */
const tokenTtl = '2m';
/** What has just started is not idle yet. */
const settleMilliseconds = 10_000;
const writtenMilliseconds = 60_000;
const pollMilliseconds = 2;
const userId = 65_532;
/** In memory, as the volumes of a pod are: a sandbox has a `/run` of its own. */
const volumes = '/run/countersign-bench';

interface Started {
  readonly pid: number;
  /** From the order to start the first container to the file. */
  readonly writtenMs: number;
  /** Removes containers and folders. */
  readonly remove: () => Promise<void>;
}

async function main(): Promise<void> {
  await build({ quiet: true });
  const bao = await startOpenBao({ tls: true });
  const containers = await startContainers();
  try {
    await writeFile(file, JSON.stringify(await measured(bao, containers)));
  } finally {
    await containers.stop();
    await bao.stop();
  }
}

async function measured(bao: OpenBao, containers: Containers): Promise<readonly Footprint[]> {
  const jwt = await furnish(bao);
  const vault = { address: bao.address, ca: bao.ca ?? '' };
  const token = await jwt.sign();
  const agents = [
    await countersign(vault, token),
    await peer('vault agent', (await vaultPrograms()).server, vault, token),
    await peer('bao agent', await openBaoBinary(), vault, token),
  ];
  for (const { name, image } of agents) await importImage(containers, name, image);
  // Nobody is to be first to read the programs from disk.
  for (const agent of agents) await (await start(containers, agent)).remove();
  const times = await startTimes(containers, agents);
  const idle = await idleUse(containers, agents);
  return Promise.all(
    agents.map(async ({ name, image }, at) => {
      const use = idle[at];
      if (use === undefined) throw new Error(`${name} was not watched`);
      return { name, ...use, writtenMs: times[at] ?? [], ...(await imageBytes(image)) };
    }),
  );
}

async function furnish(bao: OpenBao): ReturnType<typeof enableJwt> {
  const jwt = await enableJwt(bao);
  await bao.call('PUT', 'sys/policies/acl/shop', { policy: `path "${SECRET}" { capabilities = ["read"] }` });
  await bao.call('POST', SECRET, { data: { username: 'shop', password: 'not-a-secret' } });
  await jwt.role(ROLE, { policies: ['shop'], ttl: tokenTtl });
  return jwt;
}

async function importImage(
  containers: Containers,
  name: string,
  image: AgentUnderTest['image'],
): Promise<void> {
  const progress = startProgress(`image of ${name}`, process.stderr);
  const archive = join(await mkdtemp(join(tmpdir(), 'countersign-image-')), 'image.tar');
  await writeImage({ env: [], ...image }, archive);
  await containers.importImage(archive);
  await rm(archive);
  progress.end('imported');
}

/** In turn, so that a slow moment of the machine is everybody's. */
async function startTimes(
  containers: Containers,
  agents: readonly AgentUnderTest[],
): Promise<readonly (readonly number[])[]> {
  const times = agents.map((): number[] => []);
  for (let round = 1; round <= starts; round++) {
    console.error(`start ${round} of ${starts}`);
    for (const [at, agent] of agents.entries()) {
      const { writtenMs, remove } = await start(containers, agent);
      times[at]?.push(writtenMs);
      await remove();
    }
  }
  return times.map((some) => some.toSorted((one, other) => one - other));
}

/** Side by side: the same minutes for all. */
async function idleUse(
  containers: Containers,
  agents: readonly AgentUnderTest[],
): Promise<readonly Omit<Footprint, 'name' | 'writtenMs' | 'compressedBytes' | 'unpackedBytes'>[]> {
  const started: Started[] = [];
  for (const agent of agents) started.push(await start(containers, agent));
  await sleep(settleMilliseconds);
  const before = started.map(({ pid }) => cpuSecondsOf(pid));
  const progress = startProgress(`idle for ${idleSeconds} s`, process.stderr);
  await sleep(idleSeconds * 1000);
  progress.end('measured');
  const used = started.map(({ pid }, at) => ({
    ...memoryOf(pid),
    cpuSeconds: cpuSecondsOf(pid) - (before[at] ?? Number.NaN),
  }));
  for (const { remove } of started) await remove();
  return used;
}

async function start(containers: Containers, agent: AgentUnderTest): Promise<Started> {
  const names = [agent.first, agent.lasting].map((_, at) => `${agent.name.replace(' ', '-')}-${at}`);
  const root = join(volumes, crypto.randomUUID());
  const mounts = await makeFolders(root, agent);
  const runIn = (name: string, { command, env }: Program) =>
    containers.start({ name, image: agent.image.reference, command, env, mounts });
  const [firstName = '', lastingName = ''] = names;
  const began = performance.now();
  const first = await runIn(firstName, agent.first);
  await untilWritten(containers, firstName, join(mounts[agent.filesPath] ?? '', FILE));
  const writtenMs = performance.now() - began;
  const pid = agent.lasting === undefined ? first : await runIn(lastingName, agent.lasting);
  return {
    pid,
    writtenMs,
    remove: async () => {
      await containers.remove(firstName);
      if (agent.lasting !== undefined) await containers.remove(lastingName);
      await rm(root, { recursive: true });
    },
  };
}

/** By their place in the container. */
async function makeFolders(
  root: string,
  { folders }: AgentUnderTest,
): Promise<Readonly<Record<string, string>>> {
  const made: Record<string, string> = {};
  for (const [place, files] of Object.entries(folders)) {
    const folder = join(root, String(Object.keys(made).length));
    await mkdir(folder, { recursive: true });
    await chown(folder, userId, userId);
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    made[place] = folder;
  }
  return made;
}

async function untilWritten(containers: Containers, name: string, path: string): Promise<void> {
  const end = performance.now() + writtenMilliseconds;
  while (!(await isThere(path))) {
    if (performance.now() > end) throw new Error(`${name} wrote nothing:\n${await containers.output(name)}`);
    await sleep(pollMilliseconds);
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );
}

await main();
