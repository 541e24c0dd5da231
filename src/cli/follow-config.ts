import { readFile } from 'node:fs/promises';
import type { Config } from '../api/config.ts';
import { differingKeys } from '../config/differing.ts';
import { type LoadedConfig, readConfig } from '../config/load.ts';
import { describeProblem } from '../config/problem.ts';
import { shown } from '../core/text.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/**
 * The configuration file of a running server, read again and again. What can change at run time is taken up; of all else it
 * says that a restart is needed. A file that is not valid changes nothing, and shows in a metric until it is.
 */
export interface FollowedConfig {
  readonly stop: () => void;
}

export interface FollowOptions {
  readonly file: string;
  /** What the server runs with. */
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'config'>;
  /**
   * Reading is certain where watching is not: a ConfigMap mount changes a symbolic link two directories up. The kubelet
   * takes a minute to bring a change anyway.
   */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 5000;
const MOST_SAID = 10;

/** Keys that a running server takes up; for a change of any other the chart makes new pods. */
export const AT_RUN_TIME: ReadonlySet<string> = new Set(['log.level']);

export function followConfig({
  file,
  config,
  logger,
  metrics,
  intervalMs = INTERVAL_MS,
}: FollowOptions): FollowedConfig {
  let seen = '';
  let timer: NodeJS.Timeout | undefined;
  const state = { valid: true, pending: false };

  async function look(): Promise<void> {
    const read = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
    const key = typeof read === 'string' ? read : `cannot be read (${read.code ?? read.name})`;
    if (key === seen) return;
    seen = key;
    takeUp(typeof read === 'string' ? readConfig(read, file) : unread(file, key));
    metrics.config(state);
  }

  function takeUp(loaded: LoadedConfig): void {
    if (!loaded.ok) {
      state.valid = false;
      const problems = loaded.problems.slice(0, MOST_SAID).map(describeProblem);
      logger.error('the configuration file is not valid, going on with the one before', { problems });
      return;
    }
    if (!state.valid) logger.info('the configuration file is valid again');
    state.valid = true;
    const keys = differingKeys(config, loaded.config).filter((one) => !AT_RUN_TIME.has(one));
    state.pending = keys.length > 0;
    if (keys.length > 0) {
      const changed = keys.slice(0, MOST_SAID).map((one) => shown(one));
      logger.warn('the configuration file has changes that count from the next start on', { changed });
    }
    setLevel(logger, loaded.config.log.level);
  }

  function lookAgain(): void {
    timer = setTimeout(() => void look().finally(() => timer && lookAgain()), intervalMs).unref();
  }

  lookAgain();
  return {
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

/** Said whatever the level is that it was, or becomes. */
function setLevel(logger: Logger, level: Logger['level']): void {
  const before = logger.level;
  if (level === before) return;
  logger.level = 'info';
  logger.info('the log level has changed', { now: level, before });
  logger.level = level;
}

function unread(file: string, message: string): LoadedConfig {
  return { ok: false, problems: [{ file, position: undefined, key: '', message }] };
}
