/** The agent's process: it runs when it is loaded. */
import { agentCommand } from './command.ts';
import { processHost } from './host.ts';

// As process 1 of its container it would not even hear a signal that it does not ask for.
const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

async function main(): Promise<void> {
  process.exitCode = await agentCommand(process.argv.slice(2), processHost(process.env, stop.signal));
}

void main();
