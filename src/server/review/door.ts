import type { IncomingHttpHeaders } from 'node:http';
import type { PageKeys } from './keys.ts';

/** What is turned away before any of it is read, and why. */
export interface Turned {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface Caller {
  readonly method: string;
  /** As everything does but the files of the page, and the exchange of the link. */
  readonly takesToken: boolean;
  readonly headers: IncomingHttpHeaders;
}

export interface Door {
  readonly port: number;
  readonly keys: Pick<PageKeys, 'isToken'>;
}

type Check = (caller: Caller, door: Door) => Turned | undefined;

const HOSTS = ['127.0.0.1', 'localhost'];

/**
 * A name that resolves to this machine does not make another site this one (DNS rebinding); a page of another origin may
 * make a browser send things, and says so in `Origin` and `Sec-Fetch-Site`; another program of the machine has no token.
 */
const CHECKS: readonly Check[] = [
  ({ headers: { host } }, { port }) =>
    HOSTS.some((name) => host === `${name}:${port}`)
      ? undefined
      : turned(421, 'ERR_HOST', `this is http://127.0.0.1:${port} and nothing else`),
  ({ headers: { origin, host } }) =>
    origin === undefined || origin === `http://${host}`
      ? undefined
      : turned(403, 'ERR_ORIGIN', 'a page of another origin has no business here'),
  ({ headers, takesToken, method }) => {
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin') return undefined;
    // A link that somebody follows brings the files of the page, which hold nothing.
    if (method === 'GET' && !takesToken && headers['sec-fetch-mode'] === 'navigate') return undefined;
    return turned(403, 'ERR_ORIGIN', 'a page of another origin has no business here');
  },
  ({ method, headers: { origin } }) =>
    method === 'GET' || origin !== undefined
      ? undefined
      : turned(403, 'ERR_ORIGIN', 'what is written comes with an Origin'),
  ({ takesToken, headers: { authorization = '' } }, { keys }) =>
    !takesToken || keys.isToken(/^Bearer (\S{1,200})$/u.exec(authorization)?.[1] ?? '')
      ? undefined
      : turned(401, 'ERR_TOKEN', 'open the link that countersign ui printed'),
];

/** `undefined`: let in. */
export function turnedAway(caller: Caller, door: Door): Turned | undefined {
  for (const check of CHECKS) {
    const result = check(caller, door);
    if (result !== undefined) return result;
  }
  return undefined;
}

function turned(status: number, code: string, message: string): Turned {
  return { status, code, message };
}
