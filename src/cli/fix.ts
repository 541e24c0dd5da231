import { InvalidArgumentError, Option } from 'commander';
import { byAccount } from '../admit/by-account.ts';
import type { Judgement } from '../admit/judge.ts';
import { objectOf, textMapOf, textOf } from '../core/json.ts';
import { objectKey } from '../core/rbac/held.ts';
import { shown } from '../core/text.ts';
import type { RbacObjects } from '../core/verdict/fix.ts';
import type { LoadedFolder } from '../facts/folder/folder.ts';
import { accountFix } from './account-fix.ts';
import { type ClusterOptions, withCluster } from './cluster.ts';
import { fixDenial } from './fix-denial.ts';
import { type AccountFix, fixText, fixYaml } from './fix-report.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { type JudgeFolderOptions, judgeFolder } from './judge-folder.ts';
import type { AddCommand } from './program.ts';
import { FOLDER_HAS_VAULT, VAULT_HELP, type VaultOptions, withVaultOptions } from './vault-option.ts';

interface FixOptions extends ClusterOptions, VaultOptions, Omit<JudgeFolderOptions, 'namespace'> {
  readonly output: 'text' | 'yaml';
  readonly workload?: string;
}

const HELP = `
For every service account that a workload in DIR runs as: the least Role and RoleBinding for what is
missing, and the account's own roles without what nothing that runs as it in DIR needs. What is missing
in Vault is printed as commands to run there. What a policy forbids is never given. What is shared, comes
with the cluster or belongs to Helm, Argo CD or Flux is never edited: then it says whom to ask.

ID is the decision that a refusal named: the same for its workload, on what the cluster holds now. What is too
much is left alone unless you may list roles and bindings everywhere, and what runs in its namespace.
Without --vault it says what to ask Vault's administrator for.
${VAULT_HELP}

Examples:
  countersign fix manifests/examples
  countersign fix manifests/examples --workload billing/statements -o yaml > rbac.yaml
  countersign fix manifests/examples -o yaml | kubectl apply -f -
  countersign fix d-7f3k2m4q -n shop
  countersign fix d-7f3k2m4q -n shop --vault default

Exit codes: 0 nothing is left to do once the YAML is applied, 1 something is left to do by hand,
2 usage or unreadable input, 3 an unknown stands in the way.`;

/** Prints the smallest change of RBAC after which the workloads of a folder pass, or the one of a denial. */
export const fixCommand: AddCommand = (program, host, done) => {
  const command = program
    .command('fix')
    .description(
      'print the least roles and bindings that a folder of manifests, or a refused workload, lacks',
    )
    .argument(
      '<DIR|-|ID>',
      'folder or file with manifests; - reads standard input; d-… a denial in the cluster',
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'yaml']).default('text'))
    .option('--workload <NAMESPACE/NAME>', 'of DIR: only the account of this workload', workloadName)
    .option('--policies <DIR>', 'more ScopePolicy objects, beside those in DIR');
  withVaultOptions(withCluster(command))
    .addHelpText('after', HELP)
    .action(async (source: string, options: FixOptions) => done(await fix(source, options, host)));
};

function workloadName(text: string): string {
  if (!/^[^/]+\/[^/]+$/u.test(text)) throw new InvalidArgumentError('expected NAMESPACE/NAME.');
  return text;
}

async function fix(source: string, options: FixOptions, host: CliHost): Promise<ExitCode> {
  if (!DENIAL.test(source)) {
    if (options.vault === undefined) return fixFolder(source, options, host);
    host.err(FOLDER_HAS_VAULT);
    return EXIT.usage;
  }
  const fixes = await fixDenial(source, options, host);
  return fixes === undefined ? EXIT.findings : print(fixes, options, host);
}

/** A folder of such a name is `./d-…`. */
const DENIAL = /^d-[0-9a-z]{8}$/u;

async function fixFolder(source: string, options: FixOptions, host: CliHost): Promise<ExitCode> {
  const { namespace = 'default', policies } = options;
  const judged = await judgeFolder(source, { namespace, ...(policies !== undefined && { policies }) }, host);
  if (judged === undefined) return EXIT.usage;
  const judgements = judged.checked.map(({ judgement }) => judgement);
  const groups = byAccount(judgements, judged.facts, judged.options).filter(
    (group) =>
      options.workload === undefined || group.judgements.some((one) => isNamed(one, options.workload)),
  );
  if (groups.length === 0 && options.workload !== undefined) {
    host.err(
      `no workload ${shown(options.workload)} in ${source === '-' ? 'standard input' : shown(source)}`,
    );
    return EXIT.usage;
  }
  const objects = objectsOf(judged.folder, namespace);
  return print(
    groups.map((group) => accountFix(group, objects)),
    options,
    host,
  );
}

function print(fixes: readonly AccountFix[], { output }: FixOptions, host: CliHost): ExitCode {
  host.out(output === 'yaml' ? fixYaml(fixes) : fixText(fixes, host.paint));
  return exitCode(fixes);
}

function isNamed({ workload: { namespace, name } }: Judgement, wanted: string | undefined): boolean {
  return `${namespace}/${name}` === wanted;
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
