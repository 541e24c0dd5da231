import { byAccount } from '../admit/by-account.ts';
import { idleAccounts } from '../admit/idle-accounts.ts';
import type { AccessReport, ScopeAccess } from '../core/report/access-report.ts';
import { accessCsv } from '../core/report/csv.ts';
import { accessHtml } from '../core/report/html.ts';
import { shown } from '../core/text.ts';
import { accessIn, accessReport } from './access.ts';
import { type ClusterOptions, viewCluster, withAllNamespaces } from './cluster.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import { judgeFolder } from './judge-folder.ts';
import type { AddCommand } from './program.ts';
import { json, outputOption } from './stored.ts';
import { table } from './table.ts';
import {
  FOLDER_HAS_VAULT,
  VAULT_HELP,
  type VaultOptions,
  vaultOf,
  withVaultOptions,
} from './vault-option.ts';

const FORMATS = ['table', 'wide', 'json', 'csv', 'html'] as const;
type Format = (typeof FORMATS)[number];

interface ReportOptions extends ClusterOptions, VaultOptions {
  readonly output: Format;
  readonly policies?: string;
}

const HELP = `
Of a folder of manifests, or of the cluster as far as you may list it: then what could not be listed is said.
"needed" is what a workload of the account declares or a policy allows; "unknown" is held by an account of
which a workload declares nothing. An account as which nothing runs is in it if it holds more than every
account does: what it holds is unknown too, unless the ServiceAccount itself declares countersign.dev/needs.
${VAULT_HELP}

Examples:
  countersign report -n shop
  countersign report -A -o html > access.html
  countersign report -n shop --vault default
  countersign report manifests/ -o csv > access.csv
  countersign report -A -o json | jq '.accounts[] | select(.excess.critical > 0) | .serviceAccount'`;

/** Who holds what, by way of what, needed or not. */
export const reportCommand: AddCommand = (program, host, done) => {
  const command = program
    .command('report')
    .description('tell what each service account holds, by way of what, and whether it is needed')
    .argument('[DIR|-]', 'folder or file with manifests; without it the cluster')
    .option('--policies <DIR>', 'with DIR: more ScopePolicy objects, beside those in it')
    .addOption(outputOption<Format>(FORMATS, 'table'));
  withVaultOptions(withAllNamespaces(command))
    .addHelpText('after', HELP)
    .action(async (source: string | undefined, options: ReportOptions) => {
      done(await tell(source, options, host));
    });
};

async function tell(source: string | undefined, options: ReportOptions, host: CliHost): Promise<ExitCode> {
  const made = source === undefined ? await ofCluster(options) : await ofFolder(source, options, host);
  if (made === undefined) return EXIT.usage;
  host.out(printed(made, options.output));
  if (options.output !== 'json' && options.output !== 'html') {
    for (const line of made.incomplete) host.err(`not in it: ${line}`);
  }
  return EXIT.ok;
}

async function ofCluster(options: ReportOptions): Promise<AccessReport> {
  const vault = await vaultOf(options);
  const { client, namespace, allNamespaces, nowMs } = await viewCluster(options);
  return accessIn(client, { namespace: allNamespaces ? undefined : namespace, nowMs, vault });
}

async function ofFolder(
  source: string,
  { namespace = 'default', policies, vault }: ReportOptions,
  host: CliHost,
): Promise<AccessReport | undefined> {
  if (vault !== undefined) {
    host.err(FOLDER_HAS_VAULT);
    return undefined;
  }
  const judged = await judgeFolder(source, { namespace, ...(policies !== undefined && { policies }) }, host);
  if (judged === undefined) return undefined;
  const judgements = judged.checked.map(({ judgement }) => judgement);
  const busy = byAccount(judgements, judged.facts, judged.options);
  const idle = idleAccounts(judged.folder.world.accounts(), busy, judged.facts, judged.options);
  return accessReport([...busy, ...idle], { partial: false, incomplete: [], nowMs: judged.options.nowMs });
}

function printed(report: AccessReport, format: Format): string {
  switch (format) {
    case 'json':
      return json(report);
    case 'csv':
      return accessCsv(report);
    case 'html':
      return accessHtml(report).trimEnd();
    case 'table':
      return summaryTable(report);
    case 'wide':
      return scopeTable(report);
  }
}

function summaryTable({ accounts }: AccessReport): string {
  if (accounts.length === 0) return 'nothing runs here, and no service account holds anything';
  const header = [
    'NAMESPACE',
    'ACCOUNT',
    'WORKLOADS',
    'HELD',
    'NEEDED',
    'MISSING',
    'UNKNOWN',
    'EXCESS',
    'VAULT',
  ];
  return table(
    header,
    accounts.map((account) => {
      const { workloads, excess, vaultRoles } = account;
      const worst = Object.entries(excess).flatMap(([risk, count]) =>
        count === 0 ? [] : [`${count} ${risk}`],
      );
      return [
        account.namespace,
        account.serviceAccount,
        workloads.map(({ kind, name }) => `${kind}/${name}`).join(','),
        ...[account.held, account.needed, account.missing, account.unknown].map(String),
        worst.join(', '),
        vaultRoles.map(({ role }) => role).join(','),
      ];
    }),
  );
}

/** A line a scope. */
function scopeTable({ accounts }: AccessReport): string {
  const rows = accounts.flatMap(({ namespace, serviceAccount, scopes }) =>
    scopes.map((one) => [namespace, serviceAccount, stateText(one), one.risk, shown(one.scope), one.via]),
  );
  if (rows.length === 0) return 'nothing is held';
  return table(['NAMESPACE', 'ACCOUNT', 'STATE', 'RISK', 'SCOPE', 'VIA'], rows);
}

function stateText({ state, undetermined }: ScopeAccess): string {
  return state === 'missing' && undetermined ? 'missing?' : state;
}
