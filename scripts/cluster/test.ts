/** `npm run test:cluster`: gets the real components when they are not there yet, then runs the tests against them. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { openBaoBinary } from '../fetch-openbao.ts';
import { vaultComponents } from '../vault-build.ts';
import { actionlint } from './actionlint.ts';
import { type BuildOutcome, buildComponents } from './build.ts';
import { binariesDir, components } from './components.ts';
import { helmComponents } from './helm.ts';
import { nodeBuildProblem, nodeComponents } from './node-components.ts';
import { runInSandbox, sandboxProblem } from './sandbox.ts';
import { type Tier, tiersOf } from './tiers.ts';

const buildOnlyFlag = '--build-only';
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const wanted = [...components, ...vaultComponents, ...helmComponents, actionlint];
const withoutNode = 'the tests without a node run all the same: npm run test:cluster -- test/cluster';
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const help = `usage: npm run test:cluster -- [${buildOnlyFlag}] [vitest's arguments]

Runs the tests against a real Kubernetes control plane, OpenBao and Vault, on loopback, with state that is thrown away
(test/cluster); then those with a real node, in namespaces of their own, which needs root (test/node).
What is missing of ${[...wanted, ...nodeComponents].map(({ name, version }) => `${name} ${version}`).join(', ')}
is built with Go first (minutes on an empty cache) into ${binariesDir()}, which every clone shares.

  ${buildOnlyFlag}  get the components, run nothing
  --help        print this

Everything else goes to vitest: file names, -t PATTERN, --reporter=… With --project=cluster, --project=node, or files of
one of the two folders only, nothing is done for the other.
Exit codes: vitest's own; 1 a build failed; 3 something has to be installed first; 128 + N ended by signal N.
`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const tiers = tiersOf(args);
  const buildOnly = args.includes(buildOnlyFlag);
  // Before anything is built for minutes, and never passed over in silence.
  const problem = tiers.includes('node') && !buildOnly ? await sandboxProblem() : undefined;
  if (problem !== undefined) return report({ kind: 'unable', problem: `${problem}\n${withoutNode}` });
  const code = await getComponents(tiers);
  if (code !== 0 || buildOnly) return code;
  for (const tier of tiers) {
    const ended = await runTier[tier]([
      'run',
      `--project=${tier}`,
      ...args.filter((arg) => arg !== `--project=${tier}`),
    ]);
    if (ended !== 0) return ended;
  }
  return 0;
}

const runTier: Readonly<Record<Tier, (args: readonly string[]) => Promise<number>>> = {
  cluster: runVitest,
  node: (args) => runInSandbox(process.execPath, [vitest, ...args]),
};

/** An interruption here ends the builder and the download in good order, and then this process. */
async function getComponents(tiers: readonly Tier[]): Promise<number> {
  const interruption = new AbortController();
  let received: NodeJS.Signals | undefined;
  function interrupt(name: NodeJS.Signals): void {
    received = name;
    interruption.abort();
  }
  for (const name of stopSignals) process.on(name, interrupt);
  try {
    const { signal } = interruption;
    const options = { signal, output: process.stdout };
    const outcome = await buildComponents({ ...options, wanted });
    if (outcome.kind !== 'ready') return report(outcome);
    await openBaoBinary(options);
    if (!tiers.includes('node')) return 0;
    return report(
      await buildComponents({ ...options, wanted: nodeComponents, toolchainProblem: nodeBuildProblem }),
    );
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
  const pass = (name: NodeJS.Signals) => void child.kill(name);
  for (const name of stopSignals) process.on(name, pass);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : signalCode(signal)));
  }).finally(() => {
    for (const name of stopSignals) process.off(name, pass);
  });
}

function signalCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

process.exit(await main(process.argv.slice(2)));
