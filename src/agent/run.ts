/** A run of `init` or of the sidecar, from its environment to its exit code and the one line that says why it gave up. */
import { createHash } from 'node:crypto';
import { CountersignError } from '../core/errors.ts';
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { CONFIG_VARIABLE } from '../core/inject/names.ts';
import { shown } from '../core/text.ts';
import type { VaultClient } from '../vault/client.ts';
import type { VaultEndpoint } from '../vault/endpoint.ts';
import { readConfig } from './config.ts';
import type { Run } from './context.ts';
import { type Attempt, exitCodeOf, type Failure, final, sentence } from './failure.ts';
import { farewell } from './farewell.ts';
import type { AgentHost } from './host.ts';
import { keep } from './keep.ts';
import { createLog } from './log.ts';
import { isComplete } from './outputs.ts';
import { provide } from './provide.ts';
import { loadState } from './state.ts';

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
export function runInit(host: AgentHost, connect: Connect): Promise<number> {
  return withRun(host, connect, async (run) => {
    const provided = await provide(run);
    if ('failures' in provided) return provided;
    const leases = provided.value.credentials.flatMap(({ lease }) =>
      lease === undefined ? [] : [lease.seconds],
    );
    if (!run.config.sidecar && leases.length > 0) {
      run.log.warn('leases end, and no sidecar renews them', { firstSeconds: Math.min(...leases) });
    }
    return { value: 0 };
  });
}

/**
 * The exit code: 0 when it was stopped, RESTART_EXIT_CODE when the containers are to be restarted, and those of
 * `init` as long as there was no first success.
 */
export function runSidecar(host: AgentHost, connect: Connect): Promise<number> {
  return withRun(host, connect, async (run) => {
    try {
      const earlier = await loadState(host.places.stateDir, run.digest);
      const takesOver = earlier !== undefined && isComplete(run.config, earlier);
      const start = takesOver ? { value: earlier } : await provide(run);
      return 'failures' in start ? start : { value: await keep(run, start.value) };
    } catch (error) {
      if (!host.signal.aborted) throw error;
      await farewell(run);
      return { value: 0 };
    }
  });
}

async function withRun(
  host: AgentHost,
  connect: Connect,
  body: (run: Run) => Promise<Attempt<number>>,
): Promise<number> {
  const startedAt = host.now();
  const result = await attempt(host, connect, body);
  if ('value' in result) return result.value;
  const seconds = Math.round((host.now() - startedAt) / 1000);
  const alarm = result.failures.find(({ kind }) => kind === 'alarm');
  const line = alarm?.cause ?? `countersign gave up after ${seconds} s: ${sentence(result.failures)}`;
  host.report(shown(line, maxLineLength));
  return exitCodeOf(result.failures);
}

async function attempt(
  host: AgentHost,
  connect: Connect,
  body: (run: Run) => Promise<Attempt<number>>,
): Promise<Attempt<number>> {
  const settings = settingsOf(host.env);
  if ('failures' in settings) return settings;
  let vault: VaultClient | undefined;
  try {
    vault = connect(settings.value.config.vault);
    return await body({ host, log: createLog(host), vault, ...settings.value });
  } catch (error) {
    if (!(error instanceof CountersignError)) throw error;
    const kind = error.code === 'ERR_AGENT_FILES' ? 'files' : 'config';
    return { failures: [final(kind, 'agent', error.message)] };
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
