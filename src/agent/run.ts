/** One run of `init`, from its environment to its exit code and the one line that says why it gave up. */
import { createHash } from 'node:crypto';
import { CountersignError } from '../core/errors.ts';
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { CONFIG_VARIABLE } from '../core/inject/names.ts';
import { shown } from '../core/text.ts';
import type { VaultClient } from '../vault/client.ts';
import type { VaultEndpoint } from '../vault/endpoint.ts';
import { readConfig } from './config.ts';
import { type Attempt, exitCodeOf, type Failure, final, sentence } from './failure.ts';
import type { AgentHost } from './host.ts';
import { createLog, type Log } from './log.ts';
import { provide } from './provide.ts';

export type Connect = (endpoint: VaultEndpoint) => VaultClient;

interface Settings {
  readonly config: AgentConfig;
  readonly digest: string;
  readonly giveUpSeconds: number;
}

const defaultGiveUpSeconds = 180;
/** What kubelet keeps of a message is 4096 bytes. */
const maxLineLength = 2048;

/** The exit code. Fails only when the signal is aborted, or by a bug. */
export async function runInit(host: AgentHost, connect: Connect): Promise<number> {
  const startedAt = host.now();
  const log = createLog(host);
  const failures = await failuresOf(host, log, connect);
  if (failures.length === 0) return 0;
  const seconds = Math.round((host.now() - startedAt) / 1000);
  host.report(shown(`countersign gave up after ${seconds} s: ${sentence(failures)}`, maxLineLength));
  return exitCodeOf(failures);
}

async function failuresOf(host: AgentHost, log: Log, connect: Connect): Promise<readonly Failure[]> {
  const settings = settingsOf(host.env);
  if ('failures' in settings) return settings.failures;
  let vault: VaultClient | undefined;
  try {
    vault = connect(settings.value.config.vault);
    const result = await provide({ host, log, vault, ...settings.value });
    return 'failures' in result ? result.failures : [];
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    return [final(error.code === 'ERR_AGENT_FILES' ? 'files' : 'config', 'agent', error.message)];
  } finally {
    vault?.close();
  }
}

function settingsOf(env: AgentHost['env']): Attempt<Settings> {
  const failures: Failure[] = [];
  const text = env[CONFIG_VARIABLE];
  const reading = readConfig(text);
  if ('problems' in reading) {
    failures.push(...reading.problems.map((problem) => final('config', CONFIG_VARIABLE, problem)));
  }
  const giveUp = env['COUNTERSIGN_GIVE_UP_SECONDS'] ?? String(defaultGiveUpSeconds);
  if (!/^[1-9]\d{0,3}$/.test(giveUp)) {
    failures.push(final('config', 'COUNTERSIGN_GIVE_UP_SECONDS', 'expected seconds from 1 to 9999'));
  }
  if ('problems' in reading || failures.length > 0) return { failures };
  const digest = createHash('sha256')
    .update(text ?? '')
    .digest('hex');
  return { value: { config: reading.config, giveUpSeconds: Number(giveUp), digest } };
}
