/** `npm run test:cluster`: gets the real components when they are not there yet, then runs the tests of project `cluster`. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openBaoBinary } from '../fetch-openbao.ts';
import { type BuildOutcome, buildComponents } from './build.ts';
import { binariesDir, components } from './components.ts';

const buildOnlyFlag = '--build-only';
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const help = `usage: npm run test:cluster -- [${buildOnlyFlag}] [vitest's arguments]

Runs the tests against a real Kubernetes control plane and a real OpenBao, on loopback, with state that is thrown away.
What is missing of ${components.map(({ name, version }) => `${name} ${version}`).join(', ')}
is built with Go first (minutes on an empty cache) into ${binariesDir()}, which every clone shares.

  ${buildOnlyFlag}  get the components, run nothing
  --help        print this

Everything else goes to vitest: file names, -t PATTERN, --reporter=…
Exit codes: vitest's own; 1 a build failed; 3 something has to be installed first; 128 + N ended by signal N.
`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const code = await getComponents();
  if (code !== 0 || args.includes(buildOnlyFlag)) return code;
  return runVitest(['run', '--project', 'cluster', ...args]);
}

/** An interruption here ends the builder and the download in good order, and then this process. */
async function getComponents(): Promise<number> {
  const interruption = new AbortController();
  let received: NodeJS.Signals | undefined;
  function interrupt(name: NodeJS.Signals): void {
    received = name;
    interruption.abort();
  }
  for (const name of stopSignals) process.on(name, interrupt);
  try {
    const { signal } = interruption;
    const outcome = await buildComponents({ signal, output: process.stdout });
    if (outcome.kind === 'ready') await openBaoBinary({ signal, output: process.stdout });
    return report(outcome);
  } catch (error) {
    if (received !== undefined) return report({ kind: 'interrupted' });
    return report({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
  } finally {
    for (const name of stopSignals) process.off(name, interrupt);
    if (received !== undefined) process.exit(signalCode(received));
  }
}

function report(outcome: BuildOutcome): number {
  if (outcome.kind === 'ready') return 0;
  if ('problem' in outcome) process.stderr.write(`${outcome.problem}\n`);
  return outcome.kind === 'unable' ? 3 : 1;
}

/** A signal is passed on, and this process stays until vitest, and with it the cluster, has ended. */
function runVitest(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [vitest, ...args], { stdio: 'inherit' });
  for (const name of stopSignals) process.on(name, () => child.kill(name));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : signalCode(signal)));
  });
}

function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

process.exit(await main(process.argv.slice(2)));
