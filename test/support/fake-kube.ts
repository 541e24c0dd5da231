import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import type { KubeAccess } from '../../src/kube/config.ts';

/** An API server as far as lists and watches go: real HTTP, resource versions, bookmarks, and every way to misbehave. */
export interface FakeKube {
  readonly access: KubeAccess;
  /** `GET /path?query` of each request so far. */
  readonly requests: readonly string[];
  /** Adds or replaces an object of the collection at `path`, and tells its watches. */
  put(path: string, object: JsonObject): void;
  remove(path: string, object: JsonObject): void;
  bookmark(path: string): void;
  /** Forgets all changes so far, as etcd's compaction does: a watch from before is `410`. */
  compact(): void;
  /** What the next request of that sort meets instead of an answer; several are met in turn. */
  upset(sort: 'list' | 'watch' | 'other', path: string, ...faults: readonly Fault[]): void;
  /** Answers to any other path. */
  serve(path: string, body: unknown): void;
  /** Writes raw bytes into the open watches of a collection. */
  write(path: string, text: string): void;
  /** Ends the open watches of a collection: in order, or by cutting the connection. */
  end(path: string, how?: 'close' | 'cut'): void;
  openWatches(path: string): number;
  stop(): Promise<void>;
}

export type Fault = (response: ServerResponse) => void;

export const cut: Fault = (response) => response.destroy();
export const silence: Fault = () => undefined;

export function status(code: number, reason = ''): Fault {
  return (response) =>
    sendJson(response, { kind: 'Status', status: 'Failure', code, reason, message: `${reason} here` }, code);
}

export function body(text: string, code = 200): Fault {
  return (response) => response.writeHead(code, { 'content-type': 'application/json' }).end(text);
}

interface Collection {
  readonly objects: Map<string, JsonObject>;
  readonly watches: Set<ServerResponse>;
  changes: { readonly version: number; readonly line: string }[];
}

export async function startFakeKube(): Promise<FakeKube> {
  const collections = new Map<string, Collection>();
  const faults = new Map<string, Fault[]>();
  const served = new Map<string, unknown>();
  const requests: string[] = [];
  const snapshots = new Map<string, readonly JsonObject[]>();
  let version = 100;
  let oldest = 0;

  function collection(path: string): Collection {
    const known = collections.get(path) ?? { objects: new Map(), watches: new Set(), changes: [] };
    collections.set(path, known);
    return known;
  }

  function change(path: string, type: string, object: JsonObject): void {
    version += 1;
    const stored = {
      ...object,
      metadata: { ...objectOf(object['metadata']), resourceVersion: String(version) },
    };
    const { objects, watches, changes } = collection(path);
    if (type === 'DELETED') objects.delete(keyOf(object));
    else if (type !== 'BOOKMARK') objects.set(keyOf(object), stored);
    const line = `${JSON.stringify({ type, object: stored })}\n`;
    changes.push({ version, line });
    for (const response of watches) response.write(line);
  }

  function list(path: string, query: URLSearchParams, response: ServerResponse): void {
    const limit = Number(query.get('limit') ?? Infinity);
    const [name = '', at = '0'] = (query.get('continue') ?? '').split('@');
    const snapshot = name === '' ? String(version) : name;
    const all = snapshots.get(`${path} ${snapshot}`) ?? [...collection(path).objects.values()];
    snapshots.set(`${path} ${snapshot}`, all);
    const end = Number(at) + limit;
    const metadata = {
      resourceVersion: snapshot,
      ...(end < all.length ? { continue: `${snapshot}@${end}` } : {}),
    };
    sendJson(response, { kind: 'List', metadata, items: all.slice(Number(at), end) });
  }

  function watch(path: string, query: URLSearchParams, response: ServerResponse): void {
    const { changes, watches } = collection(path);
    const from = Number(query.get('resourceVersion'));
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    if (from < oldest) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } })}\n`,
      );
      return;
    }
    for (const { version: at, line } of changes) if (at > from) response.write(line);
    watches.add(response);
    response.on('close', () => watches.delete(response));
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '/', 'http://kube');
    const known = served.has(url.pathname);
    const sort =
      known || request.method !== 'GET' ? 'other' : url.searchParams.has('watch') ? 'watch' : 'list';
    const fault = faults.get(`${sort} ${url.pathname}`)?.shift();
    if (fault !== undefined) fault(response);
    else if (known) sendJson(response, served.get(url.pathname));
    else if (sort === 'watch') watch(url.pathname, url.searchParams, response);
    else if (sort === 'list') list(url.pathname, url.searchParams, response);
    else status(404, 'NotFound')(response);
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ keepAlive: true });
  const port = (server.address() as AddressInfo).port;
  const access: KubeAccess = {
    server: new URL(`http://127.0.0.1:${port}`),
    context: 'fake',
    connect: async () => ({ agent, headers: {}, auth: undefined }),
  };

  return {
    access,
    requests,
    put: (path, object) =>
      change(path, collection(path).objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED', object),
    remove: (path, object) => change(path, 'DELETED', object),
    bookmark: (path) => change(path, 'BOOKMARK', { metadata: {} }),
    compact() {
      version += 1;
      oldest = version;
      for (const known of collections.values()) known.changes = [];
    },
    upset: (sort, path, ...more) => {
      const key = `${sort} ${path}`;
      faults.set(key, [...(faults.get(key) ?? []), ...more]);
    },
    serve: (path, answered) => served.set(path, answered),
    write(path, text) {
      for (const response of collection(path).watches) response.write(text);
    },
    end(path, how = 'close') {
      for (const response of collection(path).watches) {
        if (how === 'close') response.end();
        else response.destroy();
      }
      collection(path).watches.clear();
    },
    openWatches: (path) => collection(path).watches.size,
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function keyOf(object: JsonObject): string {
  const metadata = objectOf(object['metadata']);
  return `${textOf(metadata['namespace']) ?? ''}/${textOf(metadata['name']) ?? ''}`;
}

function sendJson(response: ServerResponse, value: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
