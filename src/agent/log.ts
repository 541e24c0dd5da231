/**
 * JSON lines. A field is a name, a count, a duration or an already safe sentence; never a credential, a token
 * or a JWT.
 */
import type { AgentHost } from './host.ts';

type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
}

export function createLog(host: Pick<AgentHost, 'now' | 'print'>): Log {
  function write(level: string, message: string, fields: LogFields = {}): void {
    host.print(JSON.stringify({ level, time: new Date(host.now()).toISOString(), msg: message, ...fields }));
  }
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
  };
}
