import { applyPatch, type Operation } from 'rfc6902';
import { CountersignError } from '../../src/core/errors.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import type { CallOptions, KubeClient } from '../../src/kube/client.ts';
import type { Clock } from '../../src/kube/clock.ts';
import { refused } from '../../src/kube/refusal.ts';

/**
 * The objects of an API server in memory, for tests that hold the time: names, resource versions, merge
 * patches and JSON patches, of a status too. An
 * answer comes before the next turn of the event loop, unless it is silence.
 */
export interface FakeObjects {
  /** By path. */
  readonly objects: Map<string, JsonObject>;
  /** A client with faults of its own, so that one replica can be cut off. */
  connect(): FakeConnection;
}

export interface FakeConnection {
  readonly client: KubeClient;
  /** `PUT /path` of each request so far. */
  readonly requests: readonly string[];
  /** What requests meet, by `METHOD /path` or method, until it is changed; `any` stands for every one. */
  faults: Readonly<Record<string, FakeFault>>;
}

/** A refusal's code; `cut`: no answer; `lost`: done, but no answer; `silence`: no answer until the deadline. */
export type FakeFault = number | 'cut' | 'lost' | 'silence';

export function createFakeObjects(clock: Clock): FakeObjects {
  const objects = new Map<string, JsonObject>();
  let version = 0;

  function store(path: string, object: JsonObject): JsonObject {
    version += 1;
    const metadata = { ...objectOf(object['metadata']), resourceVersion: String(version) };
    const stored = { ...object, metadata };
    objects.set(path, stored);
    return stored;
  }

  function perform(method: string, path: string, sent: unknown): JsonObject {
    const body = objectOf(sent);
    if (method === 'POST') {
      const created = `${path}/${textOf(objectOf(body['metadata'])['name']) ?? ''}`;
      if (objects.has(created)) throw refusal(method, path, 409);
      return store(created, body);
    }
    const current = objects.get(path);
    const owner = path.replace(/\/status$/, '');
    if (current === undefined && owner !== path && method === 'PATCH') {
      const { metadata, status } = body;
      return perform(method, owner, { metadata, status });
    }
    if (current === undefined) throw refusal(method, path, 404);
    if (method === 'GET') return current;
    if (method === 'DELETE') {
      objects.delete(path);
      return current;
    }
    if (Array.isArray(sent)) return store(path, changed(method, path, current, sent));
    const expected = objectOf(body['metadata'])['resourceVersion'];
    if (method === 'PATCH' && expected === undefined) return store(path, merged(current, body));
    if (expected !== objectOf(current['metadata'])['resourceVersion']) throw refusal(method, path, 409);
    return store(path, method === 'PATCH' ? merged(current, body) : body);
  }

  function connect(): FakeConnection {
    const requests: string[] = [];
    const connection = {
      requests,
      faults: {},
      client: { get, post, put, patch, delete: remove, stream },
    } as {
      readonly client: KubeClient;
      readonly requests: string[];
      faults: Readonly<Record<string, FakeFault>>;
    };
    async function ask(method: string, path: string, body: unknown, options: CallOptions = {}) {
      if (options.signal?.aborted === true) throw late(method, path);
      requests.push(`${method} ${path}`);
      const { faults } = connection;
      const fault = faults[`${method} ${path}`] ?? faults[method] ?? faults['any'];
      if (typeof fault === 'number') throw refusal(method, path, fault);
      if (fault === 'silence') await silence(clock, options);
      if (fault === 'silence') throw late(method, path);
      const answer = fault === 'cut' ? {} : perform(method, path, JSON.parse(JSON.stringify(body)));
      if (fault === undefined) return answer;
      throw new CountersignError('ERR_KUBE_UNREACHABLE', `${method} ${path}: cut`, { retryable: true });
    }
    async function get(path: string, options?: CallOptions) {
      return ask('GET', path, {}, options);
    }
    async function post(path: string, body: unknown, options?: CallOptions) {
      return ask('POST', path, body, options);
    }
    async function put(path: string, body: unknown, options?: CallOptions) {
      return ask('PUT', path, body, options);
    }
    async function patch(path: string, body: unknown, options?: CallOptions) {
      return ask('PATCH', path, body, options);
    }
    async function remove(path: string, options?: CallOptions) {
      return ask('DELETE', path, {}, options);
    }
    async function stream(): Promise<never> {
      throw new Error('not faked');
    }
    return connection;
  }

  return { objects, connect };
}

function refusal(method: string, path: string, code: number): CountersignError {
  return refused(`${method} ${path}`, { code, reason: '', message: 'refused here' });
}

function late(method: string, path: string): CountersignError {
  return new CountersignError('ERR_DEADLINE', `${method} ${path}: no answer`, { retryable: true });
}

function silence(clock: Clock, { timeoutSeconds = 30, signal }: CallOptions): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(timeoutSeconds * 1000, resolve);
    const giveUp = () => {
      cancel();
      resolve();
    };
    if (signal?.aborted === true) giveUp();
    else signal?.addEventListener('abort', giveUp, { once: true });
  });
}

/** RFC 6902, all or nothing. */
function changed(method: string, path: string, target: JsonObject, operations: unknown[]): JsonObject {
  const result = structuredClone(target);
  const failures = applyPatch(result, operations as Operation[]).filter((failure) => failure !== null);
  if (failures.length > 0) throw refusal(method, path, 422);
  return result;
}

/** RFC 7396. */
function merged(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, JsonObject[string]> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = isObject(value) ? merged(objectOf(result[key]), value) : value;
  }
  return result;
}
