import { createSecretKey, type KeyObject } from 'node:crypto';
import { type JsonObject, objectOf, textOf } from '../core/json.ts';
import { type Authority, authoritiesOf, type Leaf, leafOf, signingKeyOf } from './certificates.ts';

/**
 * What the Secret of Countersign holds. Total on any data: a part that cannot be used is absent, and a problem says why;
 * nothing of a value is ever in one.
 */
export interface Keys {
  /** CAs that the registrations are to trust, the current one first. */
  readonly authorities: readonly Authority[];
  /** Of the first authority. */
  readonly signingKey: KeyObject | undefined;
  readonly leaf: Leaf | undefined;
  readonly injection: Staged<KeyObject>;
  /** Last segments of the registered paths. */
  readonly path: Omit<Staged<string>, 'next'>;
}

/** `next` and `previous` are accepted, beside the `current` one that is used. */
export interface Staged<Value> {
  readonly next: Value | undefined;
  readonly current: Value | undefined;
  readonly previous: Value | undefined;
}

export interface KeysProblem {
  readonly part: Part;
  /** As in `tls.key: is not the key of tls.crt`. */
  readonly message: string;
}

export interface Contents {
  readonly keys: Keys;
  readonly problems: readonly KeysProblem[];
}

/** What is kept, made and put back as one. */
export const PARTS = {
  authority: ['ca.crt', 'ca.key'],
  leaf: ['tls.crt', 'tls.key'],
  injection: ['injection.key', 'injection-previous.key', 'injection-next.key'],
  path: ['path', 'path-previous'],
} as const;
export type Part = keyof typeof PARTS;
export type Entry = (typeof PARTS)[Part][number];

/** HMAC-SHA256 gains nothing above its output's length (RFC 2104 §3). */
const KEY_BYTES = 32;
const SEGMENT = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @param data `data` of the Secret: base64 by name. */
export function readContents(data: unknown): Contents {
  const problems: KeysProblem[] = [];
  const bytes = bytesIn(objectOf(data));
  const wrong = (part: Part, message: string): undefined => void problems.push({ part, message });
  const text = (entry: Entry) => bytes(entry)?.toString('utf8');
  const inAuthority = (message: string) => wrong('authority', message);
  const authorities = authoritiesOf(text('ca.crt'), inAuthority);
  const keys: Keys = {
    authorities,
    signingKey: signingKeyOf(authorities[0], text('ca.key'), inAuthority),
    leaf: leafOf({ authorities, cert: text('tls.crt'), key: text('tls.key') }, (message) =>
      wrong('leaf', message),
    ),
    injection: {
      current: hmacKey('injection.key'),
      previous: hmacKey('injection-previous.key', true),
      next: hmacKey('injection-next.key', true),
    },
    path: { current: segment('path'), previous: segment('path-previous', true) },
  };
  return { keys, problems };

  function hmacKey(entry: Entry, optional = false): KeyObject | undefined {
    const value = bytes(entry);
    if (value === undefined) return optional ? undefined : wrong('injection', `${entry}: is missing`);
    if (value.length >= KEY_BYTES) return createSecretKey(value);
    return wrong('injection', `${entry}: expected at least ${KEY_BYTES} bytes`);
  }

  function segment(entry: Entry, optional = false): string | undefined {
    const value = text(entry);
    if (value === undefined) return optional ? undefined : wrong('path', `${entry}: is missing`);
    return SEGMENT.test(value) ? value : wrong('path', `${entry}: expected a-z, 0-9 and - between them`);
  }
}

/** An empty value is as good as none: that is how a Secret is emptied by hand. */
function bytesIn(data: JsonObject): (entry: Entry) => Buffer | undefined {
  return (entry) => {
    const value = Object.hasOwn(data, entry) ? textOf(data[entry]) : undefined;
    return value ? Buffer.from(value, 'base64') : undefined;
  };
}
