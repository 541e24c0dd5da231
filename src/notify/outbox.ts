/** What waits to be sent to one receiver, in order, each notice once: bounded, since strangers fill it. */
export interface Outbox {
  /** `false`: there is no room. */
  add(letter: Letter): boolean;
  first(): Letter | undefined;
  remove(letter: Letter): void;
  readonly size: number;
  /** Ends when there is something, or the signal aborts. */
  whenSome(signal: AbortSignal): Promise<void>;
}

export interface Letter {
  readonly id: string;
  readonly event: string;
  readonly body: string;
}

export function createOutbox(max: number): Outbox {
  const letters = new Map<string, Letter>();
  let wake: (() => void) | undefined;
  return {
    add(letter) {
      if (!letters.has(letter.id) && letters.size >= max) return false;
      if (!letters.has(letter.id)) letters.set(letter.id, letter);
      wake?.();
      return true;
    },
    first: () => letters.values().next().value,
    remove: ({ id }) => void letters.delete(id),
    get size() {
      return letters.size;
    },
    whenSome(signal) {
      return new Promise((resolve) => {
        const woken = () => {
          signal.removeEventListener('abort', woken);
          wake = undefined;
          resolve();
        };
        wake = woken;
        signal.addEventListener('abort', woken);
        if (signal.aborted || letters.size > 0) woken();
      });
    },
  };
}
