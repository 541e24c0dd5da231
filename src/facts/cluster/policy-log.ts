import type { Sink } from '../../kube/reflector.ts';
import { complaintOf, type PolicyState } from '../policies.ts';

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Says when a policy becomes invalid, what is wrong with it then, and when it is valid again; each once. */
export function tellOfPolicies(sink: Sink, states: () => readonly PolicyState[], log: Log): Sink {
  const told = new Map<string, string>();

  function tell(): void {
    const current = states();
    for (const state of current) tellOf(state);
    const names = new Set(current.map(({ name }) => name));
    for (const name of told.keys()) if (!names.has(name)) told.delete(name);
  }

  function tellOf(state: PolicyState): void {
    const { name } = state;
    const complaint = complaintOf(state);
    if (complaint === told.get(name)) return;
    if (complaint === undefined) {
      told.delete(name);
      log.info({ policy: name }, 'a policy is valid again');
    } else {
      told.set(name, complaint);
      log.warn({ policy: name, problem: complaint }, 'a policy is not valid');
    }
  }

  return {
    put(object) {
      const key = sink.put(object);
      tell();
      return key;
    },
    drop(object) {
      sink.drop(object);
      tell();
    },
    retain(keys) {
      sink.retain(keys);
      tell();
    },
  };
}
