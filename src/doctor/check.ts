import type { KubeClient } from '../kube/client.ts';
import type { ConfigText } from './config-text.ts';
import type { Registrations } from './registrations.ts';

/** One thing that the doctor looks at: asking and judging are apart, so that every judgement can be tested as a table. */
export interface Check<Asked> {
  readonly name: string;
  /** Fails with a CountersignError where nobody answers, or nothing may be seen. */
  readonly ask: (surroundings: Surroundings) => Promise<Asked>;
  readonly judge: (asked: Asked, judging: Judging) => readonly Finding[];
}

export interface Finding {
  readonly state: State;
  /** What is so. May hold names of others: whoever prints it makes them harmless. */
  readonly says: string;
  /** What to do next; nothing for `ok`. */
  readonly fix?: string;
  /** It could not be looked at, so it may be well. */
  readonly undetermined?: true;
}

export type State = 'ok' | 'warn' | 'fail';

/** What a judgement may know beside the answer. */
export interface Judging {
  readonly now: Date;
  /** Of the release. */
  readonly namespace: string;
}

export interface Surroundings extends Judging {
  readonly client: KubeClient;
  /** Where a pod is tried, which is never created. */
  readonly probeNamespace: string;
  /** We run in a pod: what cannot be reached from here is really away. */
  readonly inCluster: boolean;
  /** Asked once for all who want it. */
  readonly registrations: () => Promise<Registrations>;
  readonly configText: () => Promise<ConfigText>;
}

/** Of the release: everything of it has this name. */
export const RELEASE = 'countersign';

export function ok(says: string): Finding {
  return { state: 'ok', says };
}

export function warn(says: string, fix: string): Finding {
  return { state: 'warn', says, fix };
}

export function fail(says: string, fix: string): Finding {
  return { state: 'fail', says, fix };
}

export function unseen(says: string, fix: string): Finding {
  return { state: 'warn', says, fix, undetermined: true };
}
