/** Between those who bring work and the one who does it. */
export interface Bell {
  ring(): void;
  /** Ends when it rings, at once if there is work already, or when the signal aborts. */
  heard(hasWork: boolean, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let wake: (() => void) | undefined;
  return {
    ring: () => wake?.(),
    heard(hasWork, signal) {
      if (hasWork || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const woken = () => {
          signal.removeEventListener('abort', woken);
          wake = undefined;
          resolve();
        };
        wake = woken;
        signal.addEventListener('abort', woken);
      });
    },
  };
}
