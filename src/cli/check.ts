import { Option } from 'commander';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { type JudgeFolderOptions, judgeFolder } from './judge-folder.ts';
import type { AddCommand } from './program.ts';
import { type Checked, jsonReport, textReport } from './report.ts';

interface CheckOptions extends JudgeFolderOptions {
  readonly output: 'text' | 'json';
  readonly failOn: 'warn' | 'deny';
}

const HELP = `
DIR holds manifests as YAML or JSON: workloads, service accounts, roles, bindings, namespaces and ScopePolicy objects.
What is not in DIR may be in the cluster: a role that is found nowhere makes what it could give undetermined.

Examples:
  countersign check manifests/examples
  helm template countersign charts/countersign | countersign check -
  countersign check manifests/examples -o json | jq '.workloads[] | select(.result == "deny")'`;

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
  const judged = await judgeFolder(source, options, host);
  if (judged === undefined) return EXIT.usage;
  const { checked, folder } = judged;
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
