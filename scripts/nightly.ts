import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { parseArgs, styleText } from 'node:util';
import { startProgress } from './cluster/progress.ts';

/** `npm run nightly`: what takes too long for every change. All of it runs; exit 1 if any fails. */

interface Job {
  readonly what: string;
  /** Of a script, by the Node that runs this one. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const VITEST = 'node_modules/vitest/vitest.mjs';
const LOGS = 'reports/nightly';

const JOBS: Readonly<Record<string, Job>> = {
  worlds: {
    what: '5,000 random worlds against the API server',
    args: ['scripts/cluster/test.ts', 'test/cluster/differential.test.ts'],
    env: { COUNTERSIGN_WORLDS: '5000' },
  },
  properties: {
    what: 'properties, a hundred times as often: 100,000 random pods',
    args: [VITEST, 'run', '--project', 'property', '--maxWorkers=100%'],
    env: { COUNTERSIGN_RUNS: '100' },
  },
  'dry-run': {
    what: '2,000 random pods through the API server',
    args: ['scripts/cluster/test.ts', 'test/cluster/injection.test.ts', '-t', 'random pods'],
    env: { COUNTERSIGN_RUNS: '10' },
  },
  mutation: { what: 'mutations of src/core', args: ['scripts/mutation.ts'], env: {} },
};

const HELP = `usage: npm run nightly [-- --only ${Object.keys(JOBS).join('|')}]

${Object.entries(JOBS)
  .map(([name, { what }]) => `  ${name.padEnd(11)} ${what}`)
  .join('\n')}

What they print goes to ${LOGS}/NAME.log. Whatever is random follows COUNTERSIGN_SEED, a new one each time. A variable
that is set already (COUNTERSIGN_WORLDS, COUNTERSIGN_RUNS, COUNTERSIGN_SEED) stays as it is.
Exit codes: 0 all is well, 1 something failed, 2 usage.`;
const SEED = { COUNTERSIGN_SEED: String(Date.now() % 2 ** 31) };

const { values } = parseArgs({
  options: { only: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const names = Object.keys(JOBS).filter((name) => values.only === undefined || values.only === name);
if (values.help) console.log(HELP);
else if (names.length === 0) {
  console.error(HELP);
  process.exitCode = 2;
} else process.exitCode = await runAll(names);

async function runAll(chosen: readonly string[]): Promise<number> {
  await mkdir(LOGS, { recursive: true });
  const lines: string[] = [];
  let failed = 0;
  for (const name of chosen) {
    const job = JOBS[name];
    if (job === undefined) continue;
    const began = performance.now();
    const code = await runJob(name, job);
    if (code !== 0) failed += 1;
    const mark = code === 0 ? styleText('green', 'ok    ') : styleText('red', 'failed');
    const seconds = Math.round((performance.now() - began) / 1000);
    lines.push(
      `${mark}  ${name.padEnd(11)} ${seconds} s${code === 0 ? '' : `, exit ${code}, see ${LOGS}/${name}.log`}`,
    );
  }
  const seed = process.env['COUNTERSIGN_SEED'] ?? SEED.COUNTERSIGN_SEED;
  console.log(`\nCOUNTERSIGN_SEED=${seed}\n${lines.join('\n')}`);
  return failed === 0 ? 0 : 1;
}

async function runJob(name: string, { what, args, env }: Job): Promise<number> {
  const log = await open(`${LOGS}/${name}.log`, 'w');
  const progress = startProgress(`${name}: ${what}`, process.stderr);
  const child = spawn(process.execPath, args, {
    env: { ...SEED, ...env, ...process.env },
    stdio: ['ignore', log.fd, log.fd],
  });
  let stopped = false;
  const interrupt = (signal: NodeJS.Signals) => {
    stopped = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  const [code] = await once(child, 'exit');
  for (const one of ['SIGINT', 'SIGTERM'] as const) process.off(one, interrupt);
  await log.close();
  progress.end(code === 0 ? 'done' : 'failed');
  if (stopped) process.exit(1);
  return code ?? 1;
}
