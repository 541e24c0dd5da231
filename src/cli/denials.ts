import { type Command, Option } from 'commander';
import { DENIAL_STATES, type DenialState } from '../api/denial.ts';
import { RISKS } from '../core/scope/risk.ts';
import type { Risk } from '../core/scope/risk-table.ts';
import { shown } from '../core/text.ts';
import type { Desk, StoredDenial } from '../desk/desk.ts';
import { type ClusterOptions, type Viewed, viewCluster, withAllNamespaces } from './cluster.ts';
import { denialTable, denialText } from './denial-report.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { OBJECT_FORMATS, type ObjectFormat, outputOption, printObjects } from './stored.ts';
import { watchDenials } from './watch-denials.ts';

interface DenialsOptions extends ClusterOptions, DenialFilters {
  readonly output: ObjectFormat;
  readonly watch?: boolean;
}

export interface DenialFilters {
  readonly state?: DenialState;
  readonly account?: string;
  readonly workload?: string;
  readonly requester?: string;
  readonly risk?: Risk;
}

const HELP = `
Examples:
  countersign denials
  countersign denials -A --state Open --risk critical
  countersign denials d-7f3k2m4q -n shop
  countersign denials --requester jane --watch
  countersign denials -o json | jq '.items[].spec.summary'`;

/** What was refused, by the Denials that the person may read. */
export const denialsCommand: AddCommand = (program, host, done) => {
  const command: Command = program
    .command('denials')
    .description('list what was refused, or show one refusal')
    .argument('[ID]', 'the decision that the message named, such as d-7f3k2m4q')
    .addOption(outputOption(OBJECT_FORMATS, 'table'))
    .addOption(new Option('--state <state>', 'only those that stand so').choices([...DENIAL_STATES]))
    .option('--account <name>', 'only of this service account')
    .option('--workload <[KIND/]NAME>', 'only of this workload, such as Deployment/api or api')
    .option('--requester <user>', 'only what this user was refused')
    .addOption(new Option('--risk <risk>', 'only with a finding of this risk').choices([...RISKS]))
    .option('-w, --watch', 'go on with those that come or change');
  withAllNamespaces(command)
    .addHelpText('after', HELP)
    .action(async (id: string | undefined, options: DenialsOptions) => {
      const viewed = await viewCluster(options);
      done(id === undefined ? await list(options, viewed, host) : await showOne(id, options, viewed, host));
    });
};

async function list(options: DenialsOptions, viewed: Viewed, host: CliHost): Promise<ExitCode> {
  const namespace = viewed.allNamespaces ? undefined : viewed.namespace;
  const denials = selected(await viewed.desk.denials(namespace), options);
  const { output } = options;
  if (output === 'json' || output === 'yaml' || output === 'name') {
    if (output !== 'name' || denials.length > 0) host.out(printObjects(output, 'Denial', denials));
  } else if (denials.length > 0) host.out(denialTable(denials, viewed, output === 'wide'));
  else host.err(`No denials found${namespace === undefined ? '' : ` in ${shown(namespace)} namespace`}.`);
  if (options.watch === true) {
    const tell = (denial: StoredDenial) => {
      if (selected([denial], options).length > 0) host.out(oneLine(denial, options, viewed));
    };
    await watchDenials({ client: viewed.client, namespace, known: denials, tell });
  }
  return EXIT.ok;
}

function oneLine(denial: StoredDenial, { output }: DenialsOptions, viewed: Viewed): string {
  if (output === 'json' || output === 'yaml' || output === 'name') {
    return printObjects(output, 'Denial', [denial], true);
  }
  const [, line = ''] = denialTable([denial], { ...viewed, nowMs: Date.now() }, output === 'wide').split(
    '\n',
  );
  return line;
}

/** Newest first. */
export function selected(
  denials: readonly StoredDenial[],
  { state, account, workload, requester, risk }: DenialFilters,
): readonly StoredDenial[] {
  return denials
    .filter(
      ({ spec, status }) =>
        (state === undefined || (status.state ?? 'Open') === state) &&
        (account === undefined || spec.serviceAccount.name === account) &&
        (workload === undefined || names(spec.workload, workload)) &&
        (requester === undefined || (status.requesters ?? []).some(({ name }) => name === requester)) &&
        (risk === undefined || spec.findings.some((finding) => finding.risk === risk)),
    )
    .toSorted((a, b) => seen(b) - seen(a));
}

function seen({ status }: StoredDenial): number {
  const ms = Date.parse(status.lastSeen ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

function names({ kind, name }: StoredDenial['spec']['workload'], wanted: string): boolean {
  return wanted === name || wanted.toLowerCase() === `${kind}/${name}`.toLowerCase();
}

async function showOne(
  id: string,
  { output }: DenialsOptions,
  viewed: Viewed,
  host: CliHost,
): Promise<ExitCode> {
  const denial = await denialNamed(id, viewed);
  if (denial === undefined) {
    host.err(notFound(id, viewed));
    return EXIT.findings;
  }
  switch (output) {
    case 'table':
    case 'wide':
      host.out(denialText(denial, viewed.nowMs, host.paint));
      break;
    default:
      host.out(printObjects(output, 'Denial', [denial], true));
  }
  return EXIT.ok;
}

/** In the namespace that is named, else wherever the person may look. */
export async function denialNamed(
  id: string,
  {
    desk,
    namespace,
    named,
  }: Pick<Viewed, 'namespace' | 'named'> & { readonly desk: Pick<Desk, 'denial' | 'findDenial'> },
): Promise<StoredDenial | undefined> {
  return named ? desk.denial(namespace, id) : desk.findDenial(id);
}

export function notFound(id: string, { namespace, named }: Pick<Viewed, 'namespace' | 'named'>): string {
  const where = named ? `in namespace ${shown(namespace)}` : 'where you may look';
  return `there is no Denial ${shown(id)} ${where}: it may be in another namespace (-n), another cluster (--context), or too old`;
}
