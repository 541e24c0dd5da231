import { Command, CommanderError } from 'commander';
import { CountersignError } from '../core/errors.ts';
import { reportCommand } from './access-report.ts';
import { agentCommand } from './agent.ts';
import { checkCommand } from './check.ts';
import { approveCommand, rejectCommand, revokeCommand } from './decide.ts';
import { denialsCommand } from './denials.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { fixCommand } from './fix.ts';
import { grantCommand } from './grant.ts';
import { type CliHost, EXIT } from './host.ts';
import { replayCommand } from './replay.ts';
import { serveCommand } from './serve.ts';
import { uiCommand } from './ui.ts';
import { uninstallCommand } from './uninstall.ts';
import { VERSION } from './version.ts';

const COMMANDS: readonly AddCommand[] = [
  serveCommand,
  checkCommand,
  explainCommand,
  fixCommand,
  reportCommand,
  denialsCommand,
  grantCommand,
  approveCommand,
  rejectCommand,
  revokeCommand,
  replayCommand,
  doctorCommand,
  agentCommand,
  uiCommand,
  uninstallCommand,
];

const EXIT_CODES = `
Exit codes: 0 pass, 1 findings or failure, 2 usage or unreadable input, 3 undetermined`;

/** Runs one command. The exit code; never rejects. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  let code: number = EXIT.ok;
  const done = (result: number) => {
    code = result;
  };
  const program = new Command('countersign')
    .description('Holds workloads to the scopes they declare, and gives them short-lived Vault credentials.')
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError('(countersign --help says more)')
    .configureOutput({
      writeOut: (text) => host.out(text.trimEnd()),
      writeErr: (text) => host.err(text.trimEnd()),
    })
    .exitOverride();
  for (const add of COMMANDS) add(program, host, done);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return failed(error, host);
  }
}

/** How a command is added to the program; it reports its exit code to `done`. */
export type AddCommand = (program: Command, host: CliHost, done: (code: number) => void) => void;

function failed(error: unknown, host: CliHost): number {
  // commander has written its message already; help and version are not failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CountersignError) {
    host.err(`countersign: ${error.message}`);
    return error.code === 'ERR_CONFIG' ? EXIT.usage : EXIT.findings;
  }
  host.err(
    `countersign failed by a bug of its own: ${error instanceof Error ? (error.stack ?? error.name) : String(error)}`,
  );
  return EXIT.findings;
}
