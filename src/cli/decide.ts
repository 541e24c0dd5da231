import { shown } from '../core/text.ts';
import type { Desk, GrantVerdict } from '../desk/desk.ts';
import { type ClusterOptions, viewCluster, withCluster } from './cluster.ts';
import { grantLines, standingText } from './grant-report.ts';
import { type CliHost, EXIT, type ExitCode } from './host.ts';
import type { AddCommand } from './program.ts';
import { type ObjectFormat, outputOption, printObjects } from './stored.ts';

type Format = Exclude<ObjectFormat, 'wide'>;

interface DecideOptions extends ClusterOptions {
  readonly reason: string;
  readonly yes?: boolean;
  readonly output: Format;
}

interface Deciding {
  readonly word: string;
  readonly decision: GrantVerdict['decision'];
  readonly description: string;
  readonly done: string;
  readonly help: string;
}

const APPROVE: Deciding = {
  word: 'approve',
  decision: 'Approve',
  description: 'approve a grant that somebody else asked for',
  done: 'approved',
  help: 'Its time starts now. Nobody approves their own request, and no service account approves.',
};
const REJECT: Deciding = {
  word: 'reject',
  decision: 'Reject',
  description: 'reject a grant',
  done: 'rejected',
  help: 'This is final.',
};
const REVOKE: Deciding = {
  word: 'revoke',
  decision: 'Revoke',
  description: 'end a grant before its time',
  done: 'revoked',
  help: 'This is final. What runs already goes on; it is refused when it is started again.',
};

export const approveCommand = commandFor(APPROVE);
export const rejectCommand = commandFor(REJECT);
export const revokeCommand = commandFor(REVOKE);

function commandFor(deciding: Deciding): AddCommand {
  const { word, description, help } = deciding;
  return (program, host, done) => {
    const command = program
      .command(word)
      .description(description)
      .argument('<GRANT>', 'name of the AccessGrant')
      .requiredOption('--reason <text>', 'why; it is kept with the decision')
      .option('-y, --yes', 'do not ask; needed where there is no terminal')
      .addOption(outputOption<Format>(['table', 'json', 'yaml', 'name'], 'table'));
    withCluster(command)
      .addHelpText(
        'after',
        `\n${help}\n\nExample:\n  countersign ${word} api-x7k2p -n shop --reason 'seen with the team'`,
      )
      .action(async (name: string, options: DecideOptions) => {
        const { desk, namespace } = await viewCluster(options);
        done(await decide(deciding, { desk, namespace, name, ...options }, host));
      });
  };
}

interface Wanted extends Pick<DecideOptions, 'reason' | 'yes' | 'output'> {
  readonly desk: Pick<Desk, 'grant' | 'decide'>;
  readonly namespace: string;
  readonly name: string;
}

/** What is shown is what is decided on: its digest goes with the decision. */
export async function decide(deciding: Deciding, wanted: Wanted, host: CliHost): Promise<ExitCode> {
  const { desk, namespace, name, reason, yes, output } = wanted;
  const grant = await desk.grant(namespace, name);
  if (grant === undefined) {
    host.err(
      `there is no AccessGrant ${shown(name)} in namespace ${shown(namespace)}: kubectl get accessgrants -A lists them`,
    );
    return EXIT.findings;
  }
  // Beside the object that is printed for a machine.
  const say = output === 'table' ? host.out : host.err;
  say(
    [`AccessGrant ${shown(`${namespace}/${name}`)}: ${standingText(grant)}`, ...grantLines(grant)].join('\n'),
  );
  if (yes !== true) {
    if (host.confirm === undefined) {
      host.err(`nobody to ask at this terminal: ${deciding.word} it with --yes`);
      return EXIT.usage;
    }
    if (!(await host.confirm(`${deciding.word} this?`))) {
      host.err('nothing was done');
      return EXIT.findings;
    }
  }
  const { uid: grantUID, scopesDigest } = grant;
  const { decision } = deciding;
  const made = await desk.decide({ namespace, grant: name, grantUID, scopesDigest, decision, reason });
  if (output === 'table') {
    const now = await desk.grant(namespace, name);
    const standing = now === undefined ? '' : `: ${standingText(now)}`;
    host.out(`accessgrant.countersign.dev/${shown(name)} ${deciding.done}${standing}`);
  } else host.out(printObjects(output, 'AccessDecision', [made], true));
  return EXIT.ok;
}

export const DECIDING = { APPROVE, REJECT, REVOKE } as const;
