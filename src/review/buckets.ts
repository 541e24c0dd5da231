import type { Clock } from '../kube/clock.ts';

/** Token buckets, one for each key: a burst at once, then so many a minute. */
export interface Buckets {
  has(key: string): boolean;
  /** `false`: there is no token left, and nothing is taken. */
  take(key: string): boolean;
}

export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** @param maxKeys the bucket that was used longest ago is forgotten, and is full again when its key comes back. */
export function createBuckets({ burst, perMinute }: Rate, maxKeys: number, clock: Clock): Buckets {
  const buckets = new Map<string, Bucket>();

  function tokensOf(key: string): number {
    const bucket = buckets.get(key);
    if (bucket === undefined) return burst;
    return Math.min(burst, bucket.tokens + ((clock.now() - bucket.at) / 60_000) * perMinute);
  }

  return {
    has: (key) => tokensOf(key) >= 1,
    take(key) {
      const tokens = tokensOf(key);
      if (tokens < 1) return false;
      buckets.delete(key);
      buckets.set(key, { tokens: tokens - 1, at: clock.now() });
      const [oldest] = buckets.keys();
      if (buckets.size > maxKeys && oldest !== undefined) buckets.delete(oldest);
      return true;
    },
  };
}
