/** The agent's command line. */
import { createVaultClient } from '../vault/client.ts';
import type { AgentHost } from './host.ts';
import { type Connect, runInit, runSidecar } from './run.ts';

const usage = `usage: agent init | run

init  Logs in to Vault, writes the credentials that COUNTERSIGN_AGENT_CONFIG asks for, and ends.
run   Goes on where init ended: renews, reads again, swaps the files; ends when it is stopped, and then
      revokes its token. After its first success it does not end because of Vault.

environment
  COUNTERSIGN_AGENT_CONFIG      what to do, as JSON; the webhook writes it
  COUNTERSIGN_WRAPPING_TOKEN    for init: under which the pod's Vault token waits; the webhook writes it
  COUNTERSIGN_GIVE_UP_SECONDS   how long to try before the first success (180)
  COUNTERSIGN_TOKEN_FILE        the service-account token to log in with
  COUNTERSIGN_STATE_DIR         where the next run finds this one's token and leases
  COUNTERSIGN_FILES_DIR         where the files go
  COUNTERSIGN_ENV_DIR           where the file of variables goes
  COUNTERSIGN_TERMINATION_LOG   where the cause goes when it gives up

exit codes
  0 init: everything is in place; run: stopped   2 usage   10 configuration   11 login refused
  12 Vault unreachable   13 credential refused or absent   14 field missing, or a value that can't be used
  15 files not written   16 alarm: somebody else has had the wrapping token
  88 run: a variable has changed, restart the containers   143 init: stopped   1 a bug`;

const interrupted = 143;
/** A read is repeated by the agent's own rounds, which know when to give up. */
const readAttempts = 1;

const modes: Readonly<Record<string, (host: AgentHost, connect: Connect) => Promise<number>>> = {
  init: runInit,
  run: runSidecar,
};

/** `args` are those behind the program's name. The exit code; never fails. */
export async function agentCommand(args: readonly string[], host: AgentHost): Promise<number> {
  const [word = '', ...more] = args;
  if (more.length === 0 && (word === '--help' || word === '-h')) {
    host.print(usage);
    return 0;
  }
  const mode = Object.hasOwn(modes, word) && more.length === 0 ? modes[word] : undefined;
  if (mode === undefined) {
    host.report('countersign: expected the command init or run; --help says more');
    return 2;
  }
  try {
    return await mode(host, (endpoint) => createVaultClient(endpoint, { readAttempts }));
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
