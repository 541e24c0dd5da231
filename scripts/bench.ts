import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureDenials } from './bench/denials-cluster.ts';
import { denialsSection } from './bench/denials-page.ts';
import { footprintSection } from './bench/footprint-page.ts';
import { footprintProblem, measureFootprints } from './bench/footprints.ts';
import { type SectionName, withSections } from './bench/page.ts';
import { scaleSection } from './bench/scale-page.ts';
import { vaultSection } from './bench/vault-page.ts';
import { measureVault } from './bench/vaults.ts';
import { measureLoad } from './bench/webhook.ts';
import { measureWorlds } from './bench/worlds.ts';

/** `npm run bench`: what Countersign takes, each thing beside a yardstick of the same run; writes docs/benchmarks.md. */

const OUTPUT = 'docs/benchmarks.md';

const HELP = `usage: npm run bench [-- --only load|scale|vault|denials|footprint] [--seconds N] [--idle-seconds N] [--dry-run]

load       requests per second, p50 and p99 of /inject and /change at 1 and 16 connections beside a do-nothing Node
           handler in the same run, start-up time and memory
scale      time to read worlds of 1,000, 10,000 and 100,000 accounts, memory, p50 and p99 of decisions in them at rest
           and while they change
vault      time to read an OpenBao of 2,000 roles and 1,000 policies, memory, p50 and p99 of decisions with and without
           them, wrapped tokens per second beside plain ones
denials    latency of refusals with and without their record on a real API server, calls, objects, memory
footprint  memory, CPU, image size and start-up time of the agent in its container, beside vault agent and bao agent in
           theirs; needs root, and what npm run test:node builds; else it is left out

Writes ${OUTPUT}.

  --only X          measure that alone, and leave the rest of the page as it is
  --seconds N       length of each measurement of load and scale; half as long for vault (default 8)
  --idle-seconds N  how long the agents are watched (default 120)
  --dry-run         print the page instead of writing it`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '8' },
    'idle-seconds': { type: 'string', default: '120' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const idleSeconds = Number(values['idle-seconds']);

const SECTIONS: Readonly<Record<SectionName, () => Promise<string>>> = {
  load: () => measureLoad(seconds),
  scale: async () => scaleSection(await measureWorlds(seconds)),
  vault: async () => vaultSection(await measureVault(seconds / 2)),
  denials: async () => denialsSection(await measureDenials()),
  footprint: async () => footprintSection(await measureFootprints(idleSeconds)),
};

const names = (Object.keys(SECTIONS) as readonly SectionName[]).filter(
  (name) => values.only === undefined || values.only === name,
);
if (values.help) console.log(HELP);
else if (names.length === 0 || !(seconds > 0) || !(idleSeconds > 0)) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  const problem = names.includes('footprint') ? await footprintProblem() : undefined;
  if (problem !== undefined) console.error(`footprint is left out: ${problem}`);
  const measured: Partial<Record<SectionName, string>> = {};
  for (const name of names.filter((one) => problem === undefined || one !== 'footprint')) {
    measured[name] = await SECTIONS[name]();
  }
  await show(measured);
  if (problem !== undefined && names.length === 1) process.exitCode = 1;
}

async function show(measured: Readonly<Partial<Record<SectionName, string>>>): Promise<void> {
  const text = withSections(await readFile(OUTPUT, 'utf8').catch(() => ''), measured);
  if (values['dry-run']) console.log(text);
  else await writeFile(OUTPUT, text);
  console.error(values['dry-run'] ? 'done' : `wrote ${OUTPUT}`);
}
