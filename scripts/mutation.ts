import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { type MutationReport, mutationPage } from './mutation/page.ts';

/** `npm run mutation`: Stryker on src/core, then its scores into docs/mutation.md. */

const STRYKER = 'node_modules/@stryker-mutator/core/bin/stryker.js';
const REPORT = 'reports/mutation/mutation.json';
const OUTPUT = 'docs/mutation.md';

const HELP = `usage: npm run mutation [-- Stryker's arguments]

Changes src/core in thousands of small ways, one at a time, and sees whether its unit tests notice. What was found before and
whose files and tests are the same is not tried again. Writes ${OUTPUT}; exit 1 when the score is below the limit in
stryker.config.json.

  --mutate FILE[,FILE…]   these files only, and nothing is written
  --force                 try everything again
  --help                  print this`;

if (process.argv.includes('--help')) console.log(HELP);
else process.exitCode = await mutate(process.argv.slice(2));

async function mutate(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [STRYKER, 'run', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const began = Date.now();
  const [code, signal] = await once(child, 'exit');
  if (signal !== null) return 1;
  if (args.some((arg) => arg === '-m' || arg.startsWith('--mutate'))) return code;
  const report = await reportSince(began);
  if (report === undefined) return code || 1;
  await writeFile(OUTPUT, mutationPage(report, new Date(began)));
  console.error(`wrote ${OUTPUT}`);
  return code;
}

/** Of this run: an old report says nothing of it. */
async function reportSince(began: number): Promise<MutationReport | undefined> {
  const written = await stat(REPORT).catch(() => undefined);
  if (written === undefined || written.mtimeMs < began) return undefined;
  const report: MutationReport = JSON.parse(await readFile(REPORT, 'utf8'));
  return report;
}
