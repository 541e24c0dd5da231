/** Everything that the containers are to see, made in memory before anything of it is written. Pure. */
import { createHash } from 'node:crypto';
import type { AgentConfig } from '../core/inject/agent-config.ts';
import { VAULT_TOKEN_FILE } from '../core/inject/names.ts';
import { envFile } from './env-file.ts';
import type { Attempt } from './failure.ts';
import { render } from './render.ts';
import { setProblem } from './room.ts';
import type { AgentState } from './state.ts';

export interface Outputs {
  readonly files: ReadonlyMap<string, string>;
  /** `undefined`: no variable was asked for. */
  readonly env: string | undefined;
}

type Holdings = Pick<AgentState, 'session' | 'credentials' | 'identities'>;

/** All of it, or everything that can't be made. */
export function prepare(
  config: AgentConfig,
  { session, credentials, identities }: Holdings,
): Attempt<Outputs> {
  const data = new Map(credentials.map(({ name, data: fields }) => [name, fields]));
  const token = session?.token ?? '';
  const rendered = render(config.files, data);
  const env: Attempt<string | undefined> =
    config.env.length === 0 ? { value: undefined } : envFile(config.env, data, token);
  const failures = [rendered, env].flatMap((part) => ('failures' in part ? part.failures : []));
  if ('failures' in rendered || 'failures' in env) return { failures };

  const files = new Map(rendered.value);
  const jwts = new Map(identities.map(({ file, jwt }) => [file, jwt]));
  for (const { file } of config.identities) files.set(file, jwts.get(file) ?? '');
  if (config.token) files.set(VAULT_TOKEN_FILE, token);
  const problem = setProblem(config, files);
  if (problem !== undefined) return { failures: [problem] };
  return { value: { files, env: env.value } };
}

/** Does the state hold something for all that was asked for? */
export function isComplete(config: AgentConfig, { session, credentials, identities }: Holdings): boolean {
  const needsToken = config.token || config.env.some(({ value }) => value.kind === 'token');
  return (
    (session !== undefined || !needsToken) &&
    config.credentials.every(({ name }) => credentials.some((one) => one.name === name)) &&
    config.identities.every(({ file }) => identities.some((one) => one.file === file))
  );
}

/** Equal for equal outputs of one configuration, which gives their order; and no way back. */
export function digestOf(content: ReadonlyMap<string, string> | string): string {
  const text = typeof content === 'string' ? content : JSON.stringify([...content]);
  return createHash('sha256').update(text).digest('hex');
}
