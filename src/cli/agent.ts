import { agentCommand as runAgent } from '../agent/command.ts';
import { processHost } from '../agent/host.ts';
import type { AddCommand } from './program.ts';

/** The in-pod agent, as a command: for trying out on a laptop what a pod will do. */
export const agentCommand: AddCommand = (program, _host, done) => {
  program
    .command('agent')
    .description('log in to Vault and write credentials as the agent in a pod does')
    .argument('<mode>', 'init: write everything once, and end; run: renew and rotate until stopped')
    .addHelpText(
      'after',
      '\nThe configuration is in COUNTERSIGN_AGENT_CONFIG; `countersign agent help` lists the variables.',
    )
    .action(async (mode: string) => {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
      const args = mode === 'help' ? ['--help'] : [mode];
      done(await runAgent(args, processHost(process.env, stop.signal)));
    });
};
