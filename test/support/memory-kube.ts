import { CountersignError } from '../../src/core/errors.ts';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import type { CallOptions, KubeClient } from '../../src/kube/client.ts';
import { refused } from '../../src/kube/refusal.ts';

/** An API server in memory, seen by one person: it stores, lists, and refuses what it is told to refuse. */
export interface MemoryKube {
  readonly client: KubeClient;
  /** `POST /path` of each call so far. */
  readonly calls: readonly string[];
  /** Adds or replaces an object at `/apis/GROUP/namespaces/NAMESPACE/PLURAL`, as the API server would have stored it. */
  put(collection: string, object: JsonObject): void;
  /** All of an object's collection in every namespace. */
  stored(plural: string): readonly JsonObject[];
  /** Answers a GET of any other path. */
  serve(path: string, body: unknown): void;
  /** The calls that match, as `VERB /path`, are answered with this code. */
  refuse(calls: RegExp, code: number, message?: string): void;
  /** Runs before a call is answered, such as to change what it will meet. */
  before(calls: RegExp, change: () => void): void;
}

export interface MemoryOptions {
  readonly username: string;
  readonly groups?: readonly string[];
  /** RFC 3339, for what is created. */
  readonly now?: string;
}

const REASONS: Readonly<Record<number, string>> = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound' };

export function memoryKube({
  username,
  groups = [],
  now = '2026-01-31T12:00:00Z',
}: MemoryOptions): MemoryKube {
  const objects = new Map<string, JsonObject>();
  const calls: string[] = [];
  const served = new Map<string, unknown>();
  const refusals: { readonly calls: RegExp; readonly code: number; readonly message: string }[] = [];
  const changes: { readonly calls: RegExp; readonly change: () => void }[] = [];
  let made = 0;

  function met(method: string, path: string, query: CallOptions['query'] = {}): void {
    const call = `${method} ${path}${query['fieldSelector'] === undefined ? '' : `?${query['fieldSelector']}`}`;
    calls.push(call);
    for (const one of changes.filter((other) => other.calls.test(call))) one.change();
    const found = refusals.find((one) => one.calls.test(call));
    if (found !== undefined) throw refusal(call, found.code, found.message);
  }

  function refusal(call: string, code: number, message: string): CountersignError {
    return refused(call, { code, reason: REASONS[code] ?? '', message });
  }

  function put(collection: string, object: JsonObject): JsonObject {
    made += 1;
    const metadata = objectOf(object['metadata']);
    const name =
      textOf(metadata['name']) ?? `${textOf(metadata['generateName'])}${String(made).padStart(5, 'x')}`;
    const whole: JsonObject = {
      ...object,
      metadata: {
        uid: `uid-${made}`,
        creationTimestamp: now,
        namespace: /namespaces\/([^/]+)\//u.exec(collection)?.[1] ?? '',
        ...metadata,
        name,
        resourceVersion: String(made),
      },
    };
    objects.set(`${collection}/${name}`, whole);
    return whole;
  }

  function list(path: string, query: CallOptions['query'] = {}): JsonObject {
    const all = path.replace(/\/([^/]+)$/u, '/(namespaces/[^/]+/)?$1/[^/]+');
    const wanted = new RegExp(`^${all}$`, 'u');
    const only = query['fieldSelector']?.replace('metadata.name=', '');
    const items = [...objects]
      .filter(([key]) => wanted.test(key) && (only === undefined || key.endsWith(`/${only}`)))
      .map(([, object]) => object);
    return { kind: 'List', metadata: { resourceVersion: String(made) }, items };
  }

  const client: KubeClient = {
    async get(path, options) {
      met('GET', path, options?.query);
      const one = objects.get(path) ?? served.get(path);
      if (one !== undefined) return one;
      if (/\/[a-z]+s$/u.test(path)) return list(path, options?.query);
      throw refusal(`GET ${path}`, 404, 'not found');
    },
    async post(where, body) {
      met('POST', where);
      const object = structuredClone(body) as JsonObject;
      switch (object['kind']) {
        case 'SelfSubjectReview':
          return { status: { userInfo: { username, groups } } };
        case 'SelfSubjectAccessReview': {
          const { verb, group, resource, namespace } = objectOf(
            objectOf(object['spec'])['resourceAttributes'],
          );
          const word = (value: unknown) => textOf(value) ?? '';
          const path = `/apis/${word(group)}/v1alpha1/namespaces/${word(namespace)}/${word(resource)}`;
          const call = `${METHODS[word(verb)]} ${path}`;
          return { status: { allowed: !refusals.some((one) => one.calls.test(call)) } };
        }
        default:
          return put(where, object);
      }
    },
    async patch(path, body) {
      met('PATCH', path);
      const known = objects.get(path);
      if (known === undefined) throw refusal(`PATCH ${path}`, 404, 'not found');
      const metadata = { ...objectOf(known['metadata']), ...objectOf(objectOf(body)['metadata']) };
      objects.set(path, { ...known, metadata });
      return { ...known, metadata };
    },
    put: () => Promise.reject(new CountersignError('ERR_KUBE_PROTOCOL', 'nobody replaces here')),
    delete: () => Promise.reject(new CountersignError('ERR_KUBE_PROTOCOL', 'nobody deletes here')),
    stream: () => Promise.reject(new CountersignError('ERR_KUBE_PROTOCOL', 'nobody watches here')),
  };
  return {
    client,
    calls,
    put: (collection, object) => void put(collection, object),
    stored: (plural) =>
      [...objects].filter(([key]) => key.includes(`/${plural}/`)).map(([, object]) => object),
    serve: (path, body) => void served.set(path, body),
    refuse: (matching, code, message = 'no') => void refusals.push({ calls: matching, code, message }),
    before: (matching, change) => void changes.push({ calls: matching, change }),
  };
}

const METHODS: Readonly<Record<string, string>> = { list: 'GET', create: 'POST', patch: 'PATCH' };
