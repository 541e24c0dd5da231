/**
 * One copy of what comes again and again: verbs, API groups, the needs that a Deployment shares with its ReplicaSets.
 * Most lists of a large cluster's RBAC are a few dozen different ones.
 */
export interface Pool {
  text(value: string): string;
  texts(values: readonly string[]): readonly string[];
}

const MAX_ITEMS = 16;
const MAX_CHARACTERS = 4096;
/** Names come and go for years: past this the pool starts anew, and only sharing is lost. */
const MAX_ENTRIES = 20_000;

const NONE: readonly string[] = [];

export function createPool(): Pool {
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  return {
    text: (value) => (value.length > MAX_CHARACTERS ? value : shared(texts, value, value)),
    texts(values) {
      if (values.length === 0) return NONE;
      if (values.length > MAX_ITEMS) return values;
      // JSON, since a hostile item may hold any separator.
      const key = JSON.stringify(values);
      return key.length > MAX_CHARACTERS ? values : shared(lists, key, values);
    },
  };
}

function shared<T>(pool: Map<string, T>, key: string, value: T): T {
  const known = pool.get(key);
  if (known !== undefined) return known;
  if (pool.size >= MAX_ENTRIES) pool.clear();
  pool.set(key, value);
  return value;
}
