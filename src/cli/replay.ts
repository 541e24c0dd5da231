import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import { createHandler, ENDPOINTS, type Endpoint, type Handled } from '../admit/handler.ts';
import { injectionSettings } from '../config/injection.ts';
import { loadConfig } from '../config/load.ts';
import { describeProblem } from '../config/problem.ts';
import { BUILT_IN_RESCHEDULERS } from '../core/admission/reschedulers.ts';
import { readWorkload, TEMPLATE_PATHS } from '../core/admission/workload.ts';
import { parseInjection } from '../core/inject/request.ts';
import { type InjectionSettings, NO_INJECTION } from '../core/inject/settings.ts';
import { objectOf, textOf } from '../core/json.ts';
import { loadFolder } from '../facts/folder/folder.ts';
import { printProblem } from '../facts/folder/problem.ts';
import { withPolicies } from '../facts/with-policies.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { asKubectl, messageOf, patchOf } from './kubectl.ts';
import type { AddCommand } from './program.ts';

interface ReplayOptions {
  readonly facts: string;
  readonly config?: string;
  readonly policies?: string;
  readonly endpoint?: Endpoint;
  readonly output: 'text' | 'json';
}

const HELP = `
FILE is one AdmissionReview as JSON. Without --endpoint a pod that asks for credentials goes to
inject, a role, a binding or a service account to grant, everything else to change.

Exit codes: 0 allowed, 1 refused or warned of, 2 unreadable input.`;

/** Decides a recorded AdmissionReview again, on the facts of a folder. */
export const replayCommand: AddCommand = (program, host, done) => {
  program
    .command('replay')
    .description('decide a recorded AdmissionReview on the facts of a folder')
    .argument('<FILE|->', 'the AdmissionReview; - reads standard input')
    .requiredOption('--facts <DIR>', 'folder of manifests to decide on, closed-world')
    .option('-c, --config <FILE>', 'configuration file: its Vault connections and policies')
    .option('--policies <DIR>', 'more ScopePolicy objects, beside those in the folder')
    .addOption(new Option('--endpoint <name>', 'which webhook').choices(ENDPOINTS))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action(async (file: string, options: ReplayOptions) => done(await replay(file, options, host)));
};

async function replay(file: string, options: ReplayOptions, host: CliHost): Promise<ExitCode> {
  const review = await readReviewFile(file, host);
  const configured = settingsOf(options.config);
  const folder = await loadFolder(options.facts);
  const { facts, problems } = await withPolicies(folder.world, options.policies);
  const wrong = [
    ...review.problems,
    ...configured.problems,
    ...[...folder.problems, ...problems].map(printProblem),
  ];
  if (wrong.length > 0) {
    for (const problem of wrong) host.err(problem);
    return EXIT.usage;
  }
  const handle = createHandler({
    facts,
    settings: configured.settings,
    factsMaxAgeSeconds: Number.POSITIVE_INFINITY,
    now: Date.now,
    reschedulers: BUILT_IN_RESCHEDULERS,
    templatePaths: TEMPLATE_PATHS,
  });
  const endpoint = options.endpoint ?? endpointFor(review.body);
  const handled = await handle(endpoint, review.body, { deadline: new AbortController().signal });
  if (handled.record.codes.includes('MalformedReview')) {
    host.err(`${nameOf(file)}: ${messageOf(handled.review)}`);
    return EXIT.usage;
  }
  host.out(
    options.output === 'json' ? JSON.stringify(handled.review, null, 2) : asText(handled, endpoint, file),
  );
  return handled.record.verdict === 'allow' ? EXIT.ok : EXIT.findings;
}

const GRANT_KINDS: readonly string[] = [
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ServiceAccount',
];

function endpointFor(body: unknown): Endpoint {
  const request = objectOf(objectOf(body)['request']);
  if (GRANT_KINDS.includes(textOf(objectOf(request['kind'])['kind']) ?? '')) return 'grant';
  const workload = readWorkload(request['object']);
  const asks = workload?.kind === 'Pod' && parseInjection(workload.annotations).request !== undefined;
  return asks ? 'inject' : 'change';
}

function asText({ review, record }: Handled, endpoint: Endpoint, file: string): string {
  const operations = patchOf(review).map((operation) => `  ${JSON.stringify(operation)}`);
  const patch = operations.length === 0 ? [] : [`patch, ${operations.length} operations:`, ...operations];
  return [`${endpoint}: ${record.verdict}`, ...asKubectl(review, endpoint, file), ...patch].join('\n');
}

async function readReviewFile(
  file: string,
  host: CliHost,
): Promise<{ body: unknown; problems: readonly string[] }> {
  try {
    const text = file === '-' ? await textFrom(host.stdin) : await readFile(file, 'utf8');
    return { body: JSON.parse(text), problems: [] };
  } catch (error) {
    const why =
      error instanceof SyntaxError
        ? `expected an AdmissionReview as JSON: ${error.message}`
        : 'cannot be read';
    return { body: undefined, problems: [`${nameOf(file)}: ${why}`] };
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

async function textFrom(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks = await Array.fromAsync(stream);
  return Buffer.concat(chunks).toString('utf8');
}

function settingsOf(file: string | undefined): { settings: InjectionSettings; problems: readonly string[] } {
  if (file === undefined) return { settings: NO_INJECTION, problems: [] };
  const loaded = loadConfig(file);
  if (!loaded.ok) return { settings: NO_INJECTION, problems: loaded.problems.map(describeProblem) };
  return { settings: injectionSettings(loaded.config) ?? NO_INJECTION, problems: [] };
}
