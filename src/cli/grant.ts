import { shown } from '../core/text.ts';
import { lastRefused } from '../core/verdict/last-refusal.ts';
import { isWaivable, waivableChecks } from '../core/verdict/waivable.ts';
import type { Desk, GrantWish, StoredDenial } from '../desk/desk.ts';
import { grantObject } from '../desk/new-objects.ts';
import { type ClusterOptions, type Viewed, viewCluster, withCluster } from './cluster.ts';
import { denialNamed, notFound } from './denials.ts';
import { grantLines } from './grant-report.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { type ObjectFormat, outputOption, printObjects } from './stored.ts';

type Format = Exclude<ObjectFormat, 'wide'>;

export interface GrantOptions extends ClusterOptions {
  readonly reason: string;
  readonly ticket?: string;
  readonly duration: string;
  readonly scope?: readonly string[];
  readonly dryRun?: boolean;
  readonly output: Format;
}

const HELP = `
Asks for what the denial found, for that workload and service account alone: its checks and its scopes, as
far as the policy lets grants waive them. What it forbids can't be waived, and what is unknown only goes away
by becoming known. --scope takes its place and may be given several times. Somebody else approves, and then
the time starts.

Examples:
  countersign grant d-7f3k2m4q --reason 'incident 4711, until the role is narrowed' --ticket OPS-4711
  countersign grant d-7f3k2m4q -n shop --scope 'get secrets in shop' --duration 1h --reason debugging
  countersign grant d-7f3k2m4q --reason debugging --dry-run`;

/** Asks for a waiver of what a denial found. */
export const grantCommand: AddCommand = (program, host, done) => {
  const command = program
    .command('grant')
    .description('ask for a waiver of what was refused')
    .argument('<ID>', 'the decision that the message named, such as d-7f3k2m4q')
    .requiredOption('--reason <text>', 'why it is needed; approvers read it')
    .option('--ticket <text>', 'where it is talked about')
    .option('--duration <time>', 'how long it holds once approved, such as 90m or 8h', '4h')
    .option('--scope <line>', 'ask for this scope line alone; may be given again', gathered)
    .option('--dry-run', 'print what would be asked for, and ask for nothing')
    .addOption(outputOption<Format>(['table', 'json', 'yaml', 'name'], 'table'));
  withCluster(command)
    .addHelpText('after', HELP)
    .action(async (id: string, options: GrantOptions) => {
      const viewed = await viewCluster(options);
      done(await askFor(id, options, viewed, host));
    });
};

function gathered(line: string, before: readonly string[] = []): readonly string[] {
  return [...before, line];
}

export async function askFor(
  id: string,
  options: GrantOptions,
  viewed: Pick<Viewed, 'namespace' | 'named'> & {
    readonly desk: Pick<Desk, 'ask' | 'denial' | 'findDenial' | 'whoAmI'>;
  },
  host: CliHost,
): Promise<ExitCode> {
  const denial = await denialNamed(id, viewed);
  if (denial === undefined) {
    host.err(notFound(id, viewed));
    return EXIT.findings;
  }
  const { wish, left } = wishFor(denial, options);
  for (const line of left) host.err(`not asked for: ${line}`);
  if (wish.checks.length === 0) {
    host.err(`${whyNothing(denial)}: kubectl countersign explain ${shown(id)} says what to do instead`);
    return EXIT.findings;
  }
  const { namespace } = denial;
  const say = options.output === 'table' ? host.out : host.err;
  const { username: requester } = await viewed.desk.whoAmI();
  say(
    ['what is asked for:', ...grantLines({ namespace, spec: grantObject(wish, requester).spec })].join('\n'),
  );
  if (options.dryRun === true) {
    say('nothing was asked for (--dry-run)');
    return EXIT.ok;
  }
  const grant = await viewed.desk.ask(wish);
  if (options.output === 'table') {
    const name = shown(grant.name);
    host.out(`accessgrant.countersign.dev/${name} created`);
    host.out(`next: an approver runs: kubectl countersign approve ${name} -n ${shown(namespace)} --reason …`);
  } else host.out(printObjects(options.output, 'AccessGrant', [grant], true));
  return EXIT.ok;
}

interface Wished {
  readonly wish: GrantWish;
  /** What of the denial it leaves out, and why. */
  readonly left: readonly string[];
}

/** What the findings that a denial acted on amount to. */
function wishFor(denial: StoredDenial, options: GrantOptions): Wished {
  const { namespace, name } = denial;
  const spec = lastRefused(denial);
  const acted = spec.findings.filter(({ action }) => action === 'Deny');
  const waivable = acted.filter((finding) => isWaivable(finding, spec.mayWaive));
  const left = acted
    .filter((finding) => !isWaivable(finding, spec.mayWaive))
    .map((finding) => shown(`${finding.scope ?? finding.reason}: ${whyNot(finding, spec.policy)}`, 700));
  const unlisted = spec.moreFindings ?? 0;
  const scopes = options.scope ?? [...new Set(waivable.flatMap(({ scope }) => scope ?? []))];
  const wish: GrantWish = {
    namespace,
    serviceAccount: spec.serviceAccount,
    workload: spec.workload,
    scopes,
    checks: [...waivableChecks(waivable)],
    reason: options.reason,
    ...(options.ticket !== undefined && { ticket: options.ticket }),
    duration: options.duration,
    decision: name,
  };
  return { wish, left: unlisted > 0 ? [...left, `${unlisted} more findings, which are not recorded`] : left };
}

function whyNot(finding: StoredDenial['spec']['findings'][number], policy: string): string {
  if (finding.undetermined) return 'it is not known, and that can’t be waived';
  return isWaivable(finding)
    ? `policy ${policy} lets no grant waive ${finding.check}`
    : `${finding.check} can’t be waived`;
}

/** As the policy was when it last refused. */
function whyNothing({ name, spec }: StoredDenial): string {
  const isByPolicy = spec.findings.some((finding) => isWaivable(finding));
  return isByPolicy
    ? `policy ${shown(spec.policy)} lets nothing of ${shown(name)} be waived`
    : `nothing of ${shown(name)} can be waived`;
}
