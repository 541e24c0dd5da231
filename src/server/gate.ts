import type { ShedReason } from '../telemetry/metrics.ts';

/**
 * How much is taken on at once. A call beyond that is turned away before its body is read: answering a few in time is
 * better than all too late, and memory has an end.
 */
export interface Gate {
  /** The reason to turn the call away, or the way out. Leaving twice counts once. */
  enter(bytes: number): ShedReason | (() => void);
  readonly inFlight: number;
}

export interface GateLimits {
  readonly requests: number;
  readonly bytes: number;
}

/**
 * The API server keeps 25 idle connections to a webhook and opens more under load. A body costs several times its size
 * while it is read, so there is room for two of the greatest size, or for as many of a usual size (16 KiB) as for calls.
 */
const DEFAULT_LIMITS: GateLimits = { requests: 512, bytes: 16 * 1024 * 1024 };

export function createGate(limits: GateLimits = DEFAULT_LIMITS): Gate {
  let requests = 0;
  let total = 0;
  return {
    enter(bytes) {
      if (requests >= limits.requests) return 'requests';
      if (requests > 0 && total + bytes > limits.bytes) return 'bytes';
      requests += 1;
      total += bytes;
      let inside = true;
      return () => {
        if (!inside) return;
        inside = false;
        requests -= 1;
        total -= bytes;
      };
    },
    get inFlight() {
      return requests;
    },
  };
}
