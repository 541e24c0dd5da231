/**
 * node-vault, held to what it is good at: the verbs of Vault's API. Its own HTTP layer, which follows
 * redirects with the token, knows no signal and reads the environment, is replaced by `transport.ts`; its
 * reading of answers by `answer.ts`.
 */
import nodeVault from 'node-vault';
import { CountersignError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { type Call, judge } from './answer.ts';
import { originOf, type VaultEndpoint } from './endpoint.ts';
import { encodePath } from './path.ts';
import { isToken } from './secret.ts';
import { createTransport, type TransportLimits } from './transport.ts';

/** `path` is as a person writes it. `undefined`: an answer without content, or nothing is there. */
export interface VaultVerbs {
  get(path: string, request: VaultRequest): Promise<JsonObject | undefined>;
  /** As a GET with `list=true`, which is the same for Vault: not every proxy knows the method LIST. */
  list(path: string, request: VaultRequest): Promise<JsonObject | undefined>;
  post(path: string, json: JsonObject, request: VaultRequest): Promise<JsonObject | undefined>;
  close(): void;
}

interface VaultRequest {
  readonly call: Call;
  /** `undefined` for a login. */
  readonly token: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** The answer is to be wrapped, for so long. */
  readonly wrapTtlSeconds?: number;
}

/** What node-vault hands to its HTTP layer: the options of its call, and what it made of them. */
interface Sent {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: JsonObject;
  readonly call: Call;
  readonly signal: AbortSignal | undefined;
}

export function createVerbs(endpoint: VaultEndpoint, limits: TransportLimits): VaultVerbs {
  const origin = originOf(endpoint);
  const transport = createTransport(origin, endpoint, limits);

  async function send({ method, uri, headers, json, call, signal }: Sent): Promise<object> {
    if (!uri.startsWith(`${origin.text}/v1/`)) throw new Error('node-vault left its origin');
    const path = uri.slice(origin.text.length);
    const body = json === undefined ? undefined : JSON.stringify(json);
    const reply = await transport.exchange({ method, path, headers, body, signal });
    return { statusCode: reply.status, request: { path }, body: judge(reply, call) };
  }

  const vault = nodeVault({
    'request-promise': { defaults: () => send },
    debug: () => undefined,
    endpoint: origin.text,
    apiVersion: 'v1',
  });
  // It takes what its options leave empty from VAULT_TOKEN, VAULT_NAMESPACE and VAULT_PREFIX.
  Object.assign(vault, { token: '', namespace: endpoint.namespace ?? '', pathPrefix: '' });
  // The answer has been judged when it gets here.
  vault.handleVaultResponse = (answer) => Promise.resolve(answer?.body);

  return {
    async get(path, { call, token, signal }) {
      return bodyOf(await vault.read(encodePath(path), { headers: headersOf(token), call, signal }));
    },
    async list(path, { call, token, signal }) {
      const query = `${encodePath(path)}?list=true`;
      return bodyOf(await vault.read(query, { headers: headersOf(token), call, signal }));
    },
    async post(path, json, { call, token, signal, wrapTtlSeconds }) {
      const headers = { ...headersOf(token), ...wrapHeader(wrapTtlSeconds) };
      return bodyOf(await vault.write(encodePath(path), json, { headers, call, signal }));
    },
    close() {
      transport.close();
    },
  };
}

/** A new object each time: node-vault writes the namespace into it. */
function headersOf(token: string | undefined): Record<string, string> {
  const common = { 'X-Vault-Request': 'true', Accept: 'application/json', 'User-Agent': 'countersign' };
  if (token === undefined) return common;
  if (!isToken(token)) throw new CountersignError('ERR_CONFIG', 'the vault token is not printable text');
  return { ...common, 'X-Vault-Token': token };
}

function wrapHeader(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'X-Vault-Wrap-TTL': `${Math.ceil(seconds)}s` };
}

function bodyOf(answer: unknown): JsonObject | undefined {
  return isObject(answer) ? answer : undefined;
}
