import { Option } from 'commander';
import { RELEASE, type State, type Surroundings } from '../doctor/check.ts';
import { readConfigText } from '../doctor/config-text.ts';
import { type Examined, examine } from '../doctor/examine.ts';
import { readRegistrations } from '../doctor/registrations.ts';
import { jsonReport, textReport } from '../doctor/report.ts';
import { createKubeClient } from '../kube/client.ts';
import { loadKubeAccess } from '../kube/config.ts';
import { type CliHost, EXIT, type ExitCode, type Style } from './host.ts';
import type { AddCommand } from './program.ts';

interface DoctorOptions {
  readonly namespace: string;
  readonly probeNamespace: string;
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output: 'text' | 'json';
}

const HELP = `
It changes nothing. One pod is tried as a dry-run, so that only a refusal by Countersign itself proves
that the API server reaches it. Without --config the configuration is that of ConfigMap countersign.

Exit codes: 0 nothing fails, 1 something fails, 2 usage, 3 nothing fails, but not all could be looked at.

Examples:
  countersign doctor
  kubectl exec -n countersign deploy/countersign -- /nodejs/bin/node /app/countersign.cjs doctor --config /etc/countersign/config.yaml`;

/** Says whether an installation works, line by line, each with what to do. */
export const doctorCommand: AddCommand = (program, host, done) => {
  program
    .command('doctor')
    .description('look whether an installation works, and say what to do where it does not')
    .option('-n, --namespace <name>', 'namespace of the release', RELEASE)
    .option('-c, --config <FILE>', 'its configuration file')
    .option('--probe-namespace <name>', 'where a pod is tried that is never created', 'default')
    .option('--kubeconfig <FILE>', 'kubeconfig of the cluster; default: as kubectl finds it')
    .option('--context <name>', 'context of the kubeconfig')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async (options: DoctorOptions) => done(await doctor(options, host)));
};

async function doctor(options: DoctorOptions, host: CliHost): Promise<ExitCode> {
  const examined = await examine(await surroundingsOf(options));
  host.out(
    options.output === 'json'
      ? jsonReport(examined)
      : textReport(examined, (state, text) => host.paint(STYLES[state], text)),
  );
  return exitCode(examined);
}

const STYLES: Readonly<Record<State, Style>> = { ok: 'green', warn: 'yellow', fail: 'red' };

async function surroundingsOf(options: DoctorOptions): Promise<Surroundings> {
  const { namespace, probeNamespace, config, kubeconfig, context } = options;
  const access = await loadKubeAccess({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
  });
  const client = createKubeClient(access);
  return {
    client,
    namespace,
    probeNamespace,
    now: new Date(),
    inCluster: process.env['KUBERNETES_SERVICE_HOST'] !== undefined,
    registrations: once(() => readRegistrations(client)),
    configText: once(() => readConfigText(client, namespace, config)),
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
}

function exitCode(examined: readonly Examined[]): ExitCode {
  if (examined.some(({ state }) => state === 'fail')) return EXIT.findings;
  return examined.some(({ undetermined }) => undetermined === true) ? EXIT.undetermined : EXIT.ok;
}
