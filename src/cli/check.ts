import { Option } from 'commander';
import { judgeWorkload } from '../admit/judge.ts';
import { readWorkload } from '../core/admission/workload.ts';
import { loadFolder } from '../facts/folder/folder.ts';
import { printProblem } from '../facts/folder/problem.ts';
import { withPolicies } from '../facts/with-policies.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { type Checked, jsonReport, textReport } from './report.ts';

interface CheckOptions {
  readonly output: 'text' | 'json';
  readonly failOn: 'warn' | 'deny';
  readonly namespace: string;
  readonly policies?: string;
}

const HELP = `
DIR holds manifests as YAML or JSON: workloads, service accounts, roles, bindings, namespaces and ScopePolicy objects.
What is not in DIR may be in the cluster: a role that is found nowhere makes what it could give undetermined.

Examples:
  countersign check manifests/
  helm template shop charts/shop | countersign check -
  countersign check manifests/ -o json | jq '.workloads[] | select(.result == "deny")'`;

/** Judges the workloads of a folder as the webhook would, without a cluster. */
export const checkCommand: AddCommand = (program, host, done) => {
  program
    .command('check')
    .description('judge the workloads of a folder of manifests')
    .argument('<DIR|->', 'folder or file with manifests; - reads standard input')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--fail-on <action>', 'the least action that counts as a finding')
        .choices(['warn', 'deny'])
        .default('warn'),
    )
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option('--policies <DIR>', 'more ScopePolicy objects, beside those in DIR')
    .addHelpText('after', HELP)
    .action(async (source: string, options: CheckOptions) => done(await check(source, options, host)));
};

async function check(source: string, options: CheckOptions, host: CliHost): Promise<ExitCode> {
  const folder = await loadFolder(source === '-' ? host.stdin : source, { namespace: options.namespace });
  const more = await withPolicies(folder.world, options.policies);
  const problems = [...folder.problems, ...more.problems];
  if (problems.length > 0) {
    for (const problem of problems) host.err(printProblem(problem));
    host.err(`${problems.length === 1 ? '1 problem' : `${problems.length} problems`}; nothing was judged`);
    return EXIT.usage;
  }
  const judge = {
    moment: 'change',
    dryRun: false,
    openWorld: true,
    factsMaxAgeSeconds: Number.POSITIVE_INFINITY,
  } as const;
  const checked = folder.workloads.flatMap((document): readonly Checked[] => {
    const workload = readWorkload(document.object, document.namespace);
    return workload === undefined
      ? []
      : [{ document, judgement: judgeWorkload(workload, more.facts, judge) }];
  });
  host.out(
    options.output === 'json'
      ? jsonReport(checked, folder.counts)
      : textReport(checked, folder.counts, host.paint),
  );
  return exitCode(checked, options.failOn);
}

/** Findings beat undetermined. */
function exitCode(checked: readonly Checked[], failOn: CheckOptions['failOn']): ExitCode {
  const counted = checked.flatMap(({ judgement }) =>
    judgement.decision.findings.filter(({ action }) => failOn === 'warn' || action === 'Deny'),
  );
  if (checked.some(({ judgement }) => judgement.problems.length > 0)) return EXIT.findings;
  if (counted.some(({ undetermined }) => !undetermined)) return EXIT.findings;
  return counted.length > 0 ? EXIT.undetermined : EXIT.ok;
}
