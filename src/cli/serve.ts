import type { Config } from '../api/config.ts';
import { type LoadedConfig, loadConfig, readConfig } from '../config/load.ts';
import { describeProblem } from '../config/problem.ts';
import { loadFolder } from '../facts/folder/folder.ts';
import { printProblem } from '../facts/folder/problem.ts';
import { withPolicies } from '../facts/with-policies.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { startServing } from './serving.ts';
import { fromCluster, fromFolder, type Source } from './sources.ts';
import { VERSION } from './version.ts';

interface ServeOptions {
  readonly config?: string;
  readonly facts?: string;
}

const HELP = `
Without --facts the cluster of the configuration is watched (in a pod: its own).
With --facts DIR the folder is all there is, closed-world: a working webhook on a laptop.
Without --config it then listens on 127.0.0.1:8443 with a certificate of its own making, and the
paths end in /local; curl --insecure gets an answer.

Examples:
  countersign serve --config /etc/countersign/config.yaml
  countersign serve --facts manifests/examples`;

/** Answers AdmissionReviews until it is asked to stop. */
export const serveCommand: AddCommand = (program, host, done) => {
  program
    .command('serve')
    .description('run the admission webhook')
    .option('-c, --config <FILE>', 'configuration file')
    .option('--facts <DIR>', 'decide on the manifests of a folder instead of a cluster')
    .addHelpText('after', HELP)
    .action(async (options: ServeOptions) => done(await serve(options, host)));
};

/** What `serve --facts` needs and nothing more. */
const LAPTOP = `
webhook:
  address: 127.0.0.1:8443
  tls: { selfSigned: true }
  caller: { mode: path, segment: local }
operations: { address: "127.0.0.1:9090" }
shutdown: { graceSeconds: 0 }
`;

async function serve(options: ServeOptions, host: CliHost): Promise<ExitCode> {
  const loaded = configOf(options);
  if (loaded === undefined) {
    host.err('countersign serve: expected --config FILE, or --facts DIR for a laptop; --help says more');
    return EXIT.usage;
  }
  if (!loaded.ok) {
    for (const problem of loaded.problems) host.err(describeProblem(problem));
    return EXIT.usage;
  }
  const { config } = loaded;
  const logger = createLogger({ level: config.log.level });
  const metrics = createMetrics({ version: VERSION, process: true });
  const source = await sourceOf(options, config, { logger, metrics });
  const { facts, problems } = await withPolicies(source.facts, config.policies.dir);
  const all = [...source.problems, ...problems];
  if (all.length > 0) {
    for (const problem of all) host.err(printProblem(problem));
    await source.stop();
    return EXIT.usage;
  }
  await startServing({
    config,
    configFile: options.config,
    logger,
    metrics,
    source: { ...source, facts },
  });
  return EXIT.ok;
}

function configOf({ config, facts }: ServeOptions): LoadedConfig | undefined {
  if (config !== undefined) return loadConfig(config);
  return facts === undefined ? undefined : readConfig(LAPTOP, 'built-in configuration');
}

async function sourceOf(
  { facts }: ServeOptions,
  config: Config,
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Source> {
  return facts === undefined
    ? fromCluster(config, logger, metrics)
    : fromFolder(await loadFolder(facts), logger);
}
