import { CountersignError } from '../core/errors.ts';
import { isObject, objectOf, textOf } from '../core/json.ts';
import { type KubeClient, MAX_BYTES } from './client.ts';
import type { Clock } from './clock.ts';
import { linesOf } from './lines.ts';
import { readRefusal, refused } from './refusal.ts';

/** One watch, from its opening to the moment the API server ends it. */
export interface WatchEvent {
  readonly kind: 'put' | 'drop' | 'bookmark';
  readonly object: unknown;
  /** Where the next watch goes on. */
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly path: string;
  /** `labelSelector` and the like. */
  readonly query?: Readonly<Record<string, string>>;
  readonly resourceVersion: string;
  /** The API server ends the watch then. Until then its bookmarks break the silence, every minute or two. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For every sign of life: the head of the answer and each chunk. */
  readonly onHeard: () => void;
}

/** How much longer than its promised end a watch may be silent before the connection counts as dead. */
const GRACE_SECONDS = 30;

const KINDS: ReadonlyMap<unknown, WatchEvent['kind']> = new Map([
  ['ADDED', 'put'],
  ['MODIFIED', 'put'],
  ['DELETED', 'drop'],
  ['BOOKMARK', 'bookmark'],
]);

/**
 * Ends when the API server ends the watch, and throws when anything else does: ERR_KUBE_GONE when the resource version is
 * too old to go on from.
 */
export async function* watch(client: KubeClient, options: WatchOptions): AsyncGenerator<WatchEvent> {
  const { path, resourceVersion, timeoutSeconds, signal } = options;
  const guard = guardSilence(options.clock, timeoutSeconds + GRACE_SECONDS);
  try {
    const chunks = await client.stream(path, {
      query: {
        ...options.query,
        watch: '1',
        allowWatchBookmarks: 'true',
        timeoutSeconds: String(timeoutSeconds),
        resourceVersion,
      },
      signal: AbortSignal.any([signal, guard.signal]),
    });
    const heard = () => {
      guard.heard();
      options.onHeard();
    };
    heard();
    for await (const line of linesOf(overheard(chunks, heard), MAX_BYTES)) yield readEvent(path, line);
  } catch (error) {
    if (!guard.signal.aborted) throw error;
    const what = `watch ${path}: no sign of life for ${timeoutSeconds + GRACE_SECONDS} s`;
    throw new CountersignError('ERR_KUBE_UNREACHABLE', what, { retryable: true });
  } finally {
    guard.stop();
  }
}

async function* overheard(chunks: AsyncIterable<Uint8Array>, heard: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    heard();
    yield chunk;
  }
}

/** Aborts after so long a silence. One timer, set again for what is left, instead of one per chunk. */
function guardSilence(clock: Clock, seconds: number) {
  const controller = new AbortController();
  let last = clock.now();
  let cancel = clock.after(seconds * 1000, check);
  function check(): void {
    const left = last + seconds * 1000 - clock.now();
    if (left <= 0) controller.abort();
    else cancel = clock.after(left, check);
  }
  return {
    signal: controller.signal,
    heard(): void {
      last = clock.now();
    },
    stop: () => cancel(),
  };
}

function readEvent(path: string, line: string): WatchEvent {
  const event = parsed(line);
  const { type, object } = objectOf(event);
  if (type === 'ERROR') {
    const code = objectOf(object)['code'];
    throw refused(`watch ${path}`, readRefusal(typeof code === 'number' ? code : 500, object));
  }
  const kind = KINDS.get(type);
  const resourceVersion = textOf(objectOf(objectOf(object)['metadata'])['resourceVersion']);
  if (kind === undefined || !isObject(object) || !resourceVersion) {
    throw new CountersignError('ERR_KUBE_PROTOCOL', `watch ${path}: expected an event with type and object`);
  }
  return { kind, object, resourceVersion };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
