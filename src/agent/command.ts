/** The agent's command line. */
import { createVaultClient } from '../vault/client.ts';
import type { AgentHost } from './host.ts';
import { runInit } from './run.ts';

const usage = `usage: agent init

Logs in to Vault, writes the credentials that COUNTERSIGN_AGENT_CONFIG asks for, and ends.

environment
  COUNTERSIGN_AGENT_CONFIG      what to do, as JSON; the webhook writes it
  COUNTERSIGN_GIVE_UP_SECONDS   how long to try (180)
  COUNTERSIGN_TOKEN_FILE        the service-account token to log in with
  COUNTERSIGN_STATE_DIR         where the next run finds this one's token and leases
  COUNTERSIGN_FILES_DIR         where the files go
  COUNTERSIGN_TERMINATION_LOG   where the cause goes when it gives up

exit codes
  0 files are in place   2 usage   10 configuration   11 login refused   12 Vault unreachable
  13 credential refused or absent   14 field missing   15 files not written   143 stopped   1 a bug`;

const interrupted = 143;
/** A read is repeated by the agent's own rounds, which know when to give up. */
const readAttempts = 1;

/** `args` are those behind the program's name. The exit code; never fails. */
export async function agentCommand(args: readonly string[], host: AgentHost): Promise<number> {
  if (args.length === 1 && (args[0] === '--help' || args[0] === '-h')) {
    host.print(usage);
    return 0;
  }
  if (args.length !== 1 || args[0] !== 'init') {
    host.report('countersign: expected the command init; --help says more');
    return 2;
  }
  try {
    return await runInit(host, (endpoint) => createVaultClient(endpoint, { readAttempts }));
  } catch (error) {
    if (host.signal.aborted) return interrupted;
    host.report(`countersign failed by a bug of its own: ${nameOf(error)}`);
    return 1;
  }
}

/** Where it happened, and not what was said: an unforeseen message may hold anything. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = error.stack?.split('\n').filter((line) => line.startsWith('    at ')) ?? [];
  return [error.name, ...frames.slice(0, 3)].join(' ').replace(/\s+/g, ' ');
}
