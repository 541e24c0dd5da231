import type { AgentConfig } from '../core/inject/agent-config.ts';
import type { VaultClient } from '../vault/client.ts';
import type { AgentHost } from './host.ts';
import type { Log } from './log.ts';

/** What every step of a run works with. */
export interface Run {
  readonly host: AgentHost;
  readonly log: Log;
  readonly vault: VaultClient;
  readonly config: AgentConfig;
  /** Of the configuration's text. */
  readonly digest: string;
  readonly giveUpSeconds: number;
}
