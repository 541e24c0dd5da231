import { type GivenToken, givenToken, unclaimedFrom } from './given-token.ts';
import { fieldsOf, isOurs, type Revoking, revoke } from './revoking.ts';

/**
 * Tokens whose pod never came for them, or too late: where one is still alive, somebody else has had it. Each is revoked
 * when its wrapping token has ended, which does nothing where it has ended too.
 */
export interface Unclaimed {
  /** A pod as it is now. */
  put(object: unknown): void;
  drop(uid: string): void;
  retain(uids: ReadonlySet<string>): void;
}

/** Clocks differ, and what kubelet reports takes a moment to come. */
const LATE_MS = 10_000;

interface Entry {
  readonly cancel: () => void;
  object: unknown;
  isDone: boolean;
}

export function createUnclaimed(
  options: Revoking & { readonly now: () => Date },
  signal: AbortSignal,
): Unclaimed {
  const waiting = new Map<string, Entry>();
  signal.addEventListener('abort', () => {
    for (const { cancel } of waiting.values()) cancel();
  });

  function wait(given: GivenToken, object: unknown, fromSeconds: number): void {
    const leftMs = Math.max(0, fromSeconds * 1000 - options.now().getTime()) + LATE_MS;
    const cancel = options.clock.after(leftMs, () => {
      entry.isDone = true;
      if (!isOurs(given, entry.object, options.settings)) return;
      options.log.info('nobody of the pod came for its token in time', fieldsOf(given));
      void revoke(options, given, fieldsOf(given), signal);
    });
    const entry: Entry = { cancel, object, isDone: false };
    waiting.set(given.uid, entry);
  }

  return {
    put(object) {
      const given = givenToken(object);
      if (given === undefined || signal.aborted) return;
      const known = waiting.get(given.uid);
      const fromSeconds = unclaimedFrom(object);
      if (fromSeconds === undefined) {
        known?.cancel();
        waiting.delete(given.uid);
      } else if (known === undefined) wait(given, object, fromSeconds);
      else known.object = object;
    },
    // The token of a pod that is gone before it came for it is revoked all the same.
    drop(uid) {
      if (waiting.get(uid)?.isDone) waiting.delete(uid);
    },
    retain(uids) {
      for (const [uid, { isDone }] of waiting) if (isDone && !uids.has(uid)) waiting.delete(uid);
    },
  };
}
