import { InvalidArgumentError, Option } from 'commander';
import { groundsOf } from '../admit/judge.ts';
import { objectOf, textMapOf, textOf } from '../core/json.ts';
import { objectKey } from '../core/rbac/held.ts';
import { shown } from '../core/text.ts';
import { collect } from '../core/verdict/findings.ts';
import { fixOf, type RbacObjects } from '../core/verdict/fix.ts';
import type { VerdictInput } from '../core/verdict/verdict.ts';
import type { LoadedFolder } from '../facts/folder/folder.ts';
import { type AccountFix, fixText, fixYaml } from './fix-report.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { type JudgedFolder, type JudgeFolderOptions, judgeFolder } from './judge-folder.ts';
import type { AddCommand } from './program.ts';
import type { Checked } from './report.ts';

interface FixOptions extends JudgeFolderOptions {
  readonly output: 'text' | 'yaml';
  readonly workload?: string;
}

const HELP = `
For every service account that a workload in DIR runs as: the least Role and RoleBinding for what is
missing, and the account's own roles without what nothing that runs as it in DIR needs. What is missing
in Vault is printed as commands to run there. What a policy forbids is never given. What is shared, comes
with the cluster or belongs to Helm, Argo CD or Flux is never edited: then it says whom to ask.

Examples:
  countersign fix manifests/examples
  countersign fix manifests/examples --workload billing/statements -o yaml > rbac.yaml
  countersign fix manifests/examples -o yaml | kubectl apply -f -

Exit codes: 0 nothing is left to do once the YAML is applied, 1 something is left to do by hand,
2 usage or unreadable input, 3 an unknown stands in the way.`;

/** Prints the smallest change of RBAC after which the workloads of a folder pass. */
export const fixCommand: AddCommand = (program, host, done) => {
  program
    .command('fix')
    .description('print the least roles and bindings that a folder of manifests lacks')
    .argument('<DIR|->', 'folder or file with manifests; - reads standard input')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'yaml']).default('text'))
    .option('--workload <NAMESPACE/NAME>', 'only the account of this workload', workloadName)
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option('--policies <DIR>', 'more ScopePolicy objects, beside those in DIR')
    .addHelpText('after', HELP)
    .action(async (source: string, options: FixOptions) => done(await fix(source, options, host)));
};

function workloadName(text: string): string {
  if (!/^[^/]+\/[^/]+$/u.test(text)) throw new InvalidArgumentError('expected NAMESPACE/NAME.');
  return text;
}

async function fix(source: string, options: FixOptions, host: CliHost): Promise<ExitCode> {
  const judged = await judgeFolder(source, options, host);
  if (judged === undefined) return EXIT.usage;
  const groups = byAccount(judged.checked).filter(
    (group) =>
      options.workload === undefined || group.some(({ judgement }) => isNamed(judgement, options.workload)),
  );
  if (groups.length === 0 && options.workload !== undefined) {
    host.err(
      `no workload ${shown(options.workload)} in ${source === '-' ? 'standard input' : shown(source)}`,
    );
    return EXIT.usage;
  }
  const objects = objectsOf(judged.folder, options.namespace);
  const fixes = groups.flatMap((group) => fixFor(group, judged, objects));
  host.out(options.output === 'yaml' ? fixYaml(fixes) : fixText(fixes, host.paint));
  return exitCode(fixes);
}

function isNamed(
  { workload: { namespace, name } }: Checked['judgement'],
  wanted: string | undefined,
): boolean {
  return `${namespace}/${name}` === wanted;
}

/** An account has one set of roles, so its workloads are fixed together. */
function byAccount(checked: readonly Checked[]): readonly (readonly Checked[])[] {
  const groups = new Map<string, Checked[]>();
  for (const one of checked) {
    const { namespace, name } = one.judgement.workload.account;
    const group = groups.get(`${namespace}/${name}`) ?? [];
    group.push(one);
    groups.set(`${namespace}/${name}`, group);
  }
  return [...groups.values()];
}

function fixFor(
  group: readonly Checked[],
  { facts, options }: JudgedFolder,
  objects: RbacObjects,
): readonly AccountFix[] {
  const judgements = group.map(({ judgement }) => judgement);
  const workloads = judgements.map(({ workload }) => workload);
  const inputs = workloads.map((workload) => groundsOf(workload, facts, options).input);
  const [first] = inputs;
  const account = workloads[0]?.account;
  if (first === undefined || account === undefined) return [];
  const input: VerdictInput = {
    ...first,
    needs: inputs.flatMap(({ needs }) => needs),
    sharedNeeds: inputs.flatMap(({ sharedNeeds }) => sharedNeeds),
    declared: inputs.every(({ declared }) => declared),
    undeclaredSiblings: inputs.flatMap(({ undeclaredSiblings }) => undeclaredSiblings),
  };
  const verdict = { findings: collect(judgements.flatMap((one) => one.verdict.findings)) };
  const decision = { findings: judgements.flatMap((one) => one.decision.findings) };
  const { advice, ...changes } = fixOf({ account, input, verdict, decision, objects });
  const unread = judgements.some(({ problems }) => problems.length > 0)
    ? [{ kind: 'refused', text: 'a declaration cannot be read: countersign check says where' } as const]
    : [];
  return [{ account, workloads, fix: { ...changes, advice: [...unread, ...advice] } }];
}

/** The folder's roles and bindings, with the labels that their authors wrote. */
function objectsOf({ world, objects }: LoadedFolder, fallback: string): RbacObjects {
  const labels = new Map(
    objects.map(({ kind, object }) => {
      const metadata = objectOf(object['metadata']);
      const isCluster = kind.startsWith('Cluster');
      const namespace = isCluster ? undefined : textOf(metadata['namespace']) || fallback;
      const name = textOf(metadata['name']) ?? '';
      return [objectKey({ kind, namespace, name }), textMapOf(metadata['labels'])];
    }),
  );
  return { ...world.rbac, labels: (object) => labels.get(objectKey(object)) ?? {} };
}

function exitCode(fixes: readonly AccountFix[]): ExitCode {
  const advice = fixes.flatMap(({ fix: { advice: all } }) => all);
  const byHand =
    advice.some(({ kind }) => kind !== 'open') ||
    fixes.some(({ fix: { deletions, vault } }) => deletions.length + vault.length > 0);
  if (byHand) return EXIT.findings;
  return advice.length > 0 ? EXIT.undetermined : EXIT.ok;
}
