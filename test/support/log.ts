import { createLogger, type Logger, type LoggerOptions } from '../../src/telemetry/logger.ts';

/** A real logger whose lines a test can read. */
export interface CapturedLog {
  readonly logger: Logger;
  /** As they were written. */
  readonly lines: readonly string[];
  /** Parsed; the time is left out. */
  entries(): readonly Readonly<Record<string, unknown>>[];
}

export function captureLog(options: Omit<LoggerOptions, 'stream'> = {}): CapturedLog {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'debug',
    ...options,
    stream: { write: (line) => void lines.push(line) },
  });
  return {
    logger,
    lines,
    entries: () =>
      lines.map((line) => {
        const { time: _time, ...entry } = JSON.parse(line) as Record<string, unknown>;
        return entry;
      }),
  };
}
