/** Makes what is in place follow the state. */
import type { Run } from './context.ts';
import type { Attempt } from './failure.ts';
import { digestOf, prepare } from './outputs.ts';
import { isPlaced, type Placed, place } from './place.ts';
import type { AgentState } from './state.ts';

export interface Settled {
  readonly placed: Placed;
  readonly swapped: boolean;
  /** A variable differs from what the containers were started with. */
  readonly envChanged: boolean;
}

/** Fails, as an exception, with ERR_AGENT_FILES; what was in place then stays. */
export async function settle({ host, log, config }: Run, state: AgentState): Promise<Attempt<Settled>> {
  const outputs = prepare(config, state);
  if ('failures' in outputs) return outputs;
  const { env, files } = outputs.value;
  const before = state.placed;
  if (before !== undefined && (await isPlaced(host, before, outputs.value))) {
    return { value: { placed: before, swapped: false, envChanged: false } };
  }
  const placed = await place(host, outputs.value);
  log.info('files are in place', { files: files.size, set: placed.set, env: env !== undefined });
  const envChanged = before !== undefined && env !== undefined && before.env !== digestOf(env);
  return { value: { placed, swapped: true, envChanged } };
}
