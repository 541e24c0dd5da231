import type { KeyObject } from 'node:crypto';
import { type JsonObject, objectOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { createReflector } from '../kube/reflector.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Contents, type KeysProblem, PARTS, type Part, readContents } from './contents.ts';

/** The Secret as a replica uses it: the last content that could be used, whatever has become of it since. */
export interface FollowedKeys {
  readonly usable: UsableKeys | undefined;
  /** Why the Secret, as it is now, is not used. */
  readonly problem: string | undefined;
  /** The last good values of a part, base64 by name: what a leader puts back. */
  remembered(part: Part): JsonObject | undefined;
  /** Called after each change that was taken up, and each event of the Secret. */
  onChange(listener: () => void): void;
  /** Until the signal aborts. Never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface UsableKeys {
  /** `undefined`: certificates are somebody else's. */
  readonly tls: ServedPair | undefined;
  /** The first signs, all are accepted. */
  readonly injection: readonly KeyObject[];
  /** All are accepted. */
  readonly segments: readonly string[];
}

export interface ServedPair {
  readonly cert: string;
  readonly key: string;
  readonly expiresAt: Date;
  /** Who signed it. PEM. */
  readonly authority: string;
  readonly authorityExpiresAt: Date;
}

export interface FollowOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  /** Whether the certificate is in the Secret. */
  readonly tls: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly now: () => Date;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export function followKeys(options: FollowOptions): FollowedKeys {
  const { client, namespace, name, clock, random, log } = options;
  const secret = `${namespace}/${name}`;
  const memory = new Map<Part, JsonObject>();
  const listeners: (() => void)[] = [];
  let usable: UsableKeys | undefined;
  let problem: string | undefined = 'not read yet';
  let told: string | undefined;

  function take(data: JsonObject): void {
    const contents = readContents(data);
    remember(data, contents);
    const read = usableOf(contents, options);
    if (typeof read === 'string') complain(read);
    else {
      if (told !== undefined) log.info('the Secret of keys can be used', { request: { name: secret } });
      usable = read;
      problem = undefined;
      told = undefined;
    }
  }

  function remember(data: JsonObject, { problems }: Contents): void {
    for (const part of partNames) {
      if (problems.some((found) => found.part === part)) continue;
      memory.set(part, Object.fromEntries(PARTS[part].map((entry) => [entry, data[entry] ?? null])));
    }
  }

  function complain(what: string): void {
    problem = what;
    if (what === told) return;
    told = what;
    const fields = { request: { name: secret }, problem: what };
    if (usable === undefined) log.info('waiting for the Secret of keys, which the leader fills', fields);
    else log.error('the Secret of keys cannot be used, the last good one is', fields);
  }

  function changed(): void {
    for (const listener of listeners) listener();
  }

  const reflector = createReflector({
    client,
    path: `/api/v1/namespaces/${namespace}/secrets`,
    query: { fieldSelector: `metadata.name=${name}` },
    clock,
    random,
    sink: {
      put(object) {
        take(objectOf(objectOf(object)['data']));
        changed();
        return secret;
      },
      drop() {
        complain('there is no such Secret');
        changed();
      },
      retain(keys) {
        if (keys.size === 0) complain('there is no such Secret');
      },
    },
    onChange({ failure, synced }) {
      if (failure !== undefined && !synced) complain(failure.message);
    },
  });
  return {
    get usable() {
      return usable;
    },
    get problem() {
      return problem;
    },
    remembered: (part) => memory.get(part),
    onChange: (listener) => void listeners.push(listener),
    run: (signal) => reflector.run(signal),
  };
}

const partNames = Object.keys(PARTS).filter((name): name is Part => name in PARTS);

function usableOf(
  { keys, problems }: Contents,
  { tls, now }: Pick<FollowOptions, 'tls' | 'now'>,
): UsableKeys | string {
  const wrong = problems.filter(({ part }) => concerns(part, tls)).map(({ message }) => message);
  if (wrong.length > 0) return wrong.join('; ');
  const { leaf, injection, path } = keys;
  if (tls && leaf !== undefined && leaf.expiresAt <= now()) return 'tls.crt: has expired';
  return {
    tls: tls ? servedPair(keys) : undefined,
    injection: present([injection.current, injection.previous, injection.next]),
    segments: present([path.current, path.previous]),
  };
}

/** The CA's key is the leader's affair. */
function concerns(part: KeysProblem['part'], tls: boolean): boolean {
  return part === 'leaf' ? tls : part !== 'authority';
}

function servedPair({ authorities, leaf }: Contents['keys']): ServedPair | undefined {
  const authority = leaf && authorities[leaf.authority];
  if (leaf === undefined || authority === undefined) return undefined;
  const { cert, key, expiresAt } = leaf;
  return { cert, key, expiresAt, authority: authority.pem, authorityExpiresAt: authority.expiresAt };
}

function present<Value>(values: readonly (Value | undefined)[]): readonly Value[] {
  return values.filter((value) => value !== undefined);
}
