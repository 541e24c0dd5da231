import { CountersignError } from '../core/errors.ts';
import { backoffMs } from './backoff.ts';
import { type KubeClient, TOO_LARGE } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import { listPages } from './list.ts';
import { watch } from './watch.ts';

/** Keeps a store equal to one collection of the API server: a list, then watches for as long as nothing is missed. */
export interface Reflector {
  readonly state: ReflectorState;
  /** Until the signal aborts. Never throws: whatever fails is tried again. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ReflectorState {
  /** The first list is complete. */
  readonly synced: boolean;
  /** Since the API server was last heard; since the start before that. */
  readonly ageSeconds: number;
  /** Why the last attempt failed; `undefined` while a watch is open. */
  readonly failure: CountersignError | undefined;
}

/** Where the objects go. They are not to be kept whole. */
export interface Sink {
  /** Returns the object's key; `undefined` for one that can't be used. */
  put(object: unknown): string | undefined;
  drop(object: unknown): void;
  /** After a list: whatever is not among these keys is gone. */
  retain(keys: ReadonlySet<string>): void;
}

export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly path: string;
  /** `labelSelector` and the like. */
  readonly query?: Readonly<Record<string, string>>;
  readonly sink: Sink;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** After each list, each opened watch and each failure. */
  readonly onChange: (state: ReflectorState) => void;
}

const MIN_WATCH_SECONDS = 240;
const MAX_WATCH_SECONDS = 300;
/** A watch that lives as long has worked, even if nothing happened in it. */
const GOOD_WATCH_MS = 10_000;
/** A watch that ends sooner and without an event would be asked for again at once, and again. */
const SHORT_WATCH_MS = 1000;
/** Then the resource version itself may be what is wrong, as after a restore of etcd. */
const FAILURES_BEFORE_RELIST = 3;

/** What the rounds of one reflector leave to each other. */
interface Progress {
  heardAt: number;
  synced: boolean;
  failure: CountersignError | undefined;
  /** In a row, without an event between them. */
  failures: number;
  /** Where the next watch goes on; `undefined`: a list comes first. */
  resourceVersion: string | undefined;
}

interface Round extends ReflectorOptions {
  readonly progress: Progress;
  readonly changed: () => void;
  readonly signal: AbortSignal;
}

export function createReflector(options: ReflectorOptions): Reflector {
  const { clock } = options;
  const progress: Progress = {
    heardAt: clock.now(),
    synced: false,
    failure: undefined,
    failures: 0,
    resourceVersion: undefined,
  };
  const state: ReflectorState = {
    get synced() {
      return progress.synced;
    },
    get ageSeconds() {
      return (clock.now() - progress.heardAt) / 1000;
    },
    get failure() {
      return progress.failure;
    },
  };

  async function run(signal: AbortSignal): Promise<void> {
    const round: Round = { ...options, progress, changed: () => options.onChange(state), signal };
    while (!signal.aborted) {
      try {
        progress.resourceVersion ??= await list(round);
        await follow(round, progress.resourceVersion);
      } catch (error) {
        if (!signal.aborted) await recover(round, error);
      }
    }
  }

  return { state, run };
}

async function list({
  client,
  path,
  query = {},
  sink,
  clock,
  progress,
  changed,
  signal,
}: Round): Promise<string> {
  const keys = new Set<string>();
  let resourceVersion = '';
  for await (const page of listPages(client, path, { query, signal })) {
    progress.heardAt = clock.now();
    for (const item of page.items) {
      const key = sink.put(item);
      if (key !== undefined) keys.add(key);
    }
    resourceVersion = page.resourceVersion;
  }
  sink.retain(keys);
  progress.synced = true;
  changed();
  return resourceVersion;
}

async function follow(round: Round, resourceVersion: string): Promise<void> {
  const { client, path, query = {}, sink, clock, random, progress, signal } = round;
  const openedAt = clock.now();
  const timeoutSeconds = Math.floor(MIN_WATCH_SECONDS + random() * (MAX_WATCH_SECONDS - MIN_WATCH_SECONDS));
  const onHeard = () => hear(round);
  let events = 0;
  try {
    for await (const event of watch(client, {
      path,
      query,
      resourceVersion,
      timeoutSeconds,
      clock,
      signal,
      onHeard,
    })) {
      events += 1;
      progress.failures = 0;
      if (event.kind === 'put') sink.put(event.object);
      else if (event.kind === 'drop') sink.drop(event.object);
      progress.resourceVersion = event.resourceVersion;
    }
  } finally {
    if (clock.now() - openedAt >= GOOD_WATCH_MS) progress.failures = 0;
  }
  if (events === 0 && clock.now() - openedAt < SHORT_WATCH_MS) {
    const what = `watch ${path}: ended as soon as it was open`;
    throw new CountersignError('ERR_KUBE_PROTOCOL', what, { retryable: true });
  }
}

function hear({ clock, progress, changed }: Round): void {
  progress.heardAt = clock.now();
  if (progress.failure === undefined) return;
  progress.failure = undefined;
  changed();
}

async function recover(
  { path, clock, random, progress, changed, signal }: Round,
  error: unknown,
): Promise<void> {
  const failure = error instanceof CountersignError ? error : unexpected(path, error);
  progress.failure = failure;
  progress.failures += 1;
  if (startsOver(failure) || progress.failures % FAILURES_BEFORE_RELIST === 0)
    progress.resourceVersion = undefined;
  changed();
  await sleep(clock, backoffMs(progress.failures, random()), signal);
}

function unexpected(path: string, cause: unknown): CountersignError {
  return new CountersignError('ERR_KUBE_PROTOCOL', `${path}: unexpected failure`, { cause });
}

/** The event that can't be read would come again: only a list gets past it. */
function startsOver(failure: CountersignError): boolean {
  return failure.code === 'ERR_KUBE_GONE' || failure.cause === TOO_LARGE;
}
