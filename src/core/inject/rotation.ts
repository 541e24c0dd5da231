import { parseDuration } from '../duration.ts';
import { shown } from '../text.ts';
import { type Asked, PREFIX, type Report } from './annotations.ts';
import { noCredential } from './credential.ts';

/** `refresh.<credential>`, `notify`, `rotate`: what happens to credentials while the pod runs. */

const SHORTEST_SECONDS = 10;
const LONGEST_SECONDS = 7 * 24 * 3600;

/** Seconds by the name of the credential. */
export function readRefreshes(
  asked: readonly Asked[],
  credentials: readonly string[],
  report: Report,
): ReadonlyMap<string, number> {
  const known = new Set(credentials);
  const refreshes = new Map<string, number>();
  for (const { key, argument = '', value } of asked) {
    const seconds = parseDuration(value.trim());
    if (!known.has(argument)) report(key, noCredential(shown(argument, 40)));
    if (seconds === undefined || seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS) {
      report(key, `expected a duration of 10s to 168h, as in 1h30m, found "${shown(value, 60)}"`);
    } else refreshes.set(argument, seconds);
  }
  return refreshes;
}

const MAX_URL = 200;
/** Loopback only, so that no pod can make the agent call another; path and query as RFC 3986 has them. */
const LOOPBACK_URL =
  /^http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::(?<port>[1-9]\d{0,4}))?(?:\/[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?)?$/;

/** `undefined`: it is not asked for, or it is no such URL. */
export function readNotify(asked: Asked | undefined, report: Report): string | undefined {
  if (asked === undefined) return undefined;
  const url = asked.value.trim();
  const match = url.length <= MAX_URL ? LOOPBACK_URL.exec(url) : null;
  if (match !== null && Number(match.groups?.['port'] ?? 80) <= 65_535) return url;
  report(
    asked.key,
    `expected http://127.0.0.1[:port][/path], or [::1] or localhost as its host, at most ${MAX_URL} characters`,
  );
  return undefined;
}

export interface Lasting {
  readonly agent: string | undefined;
  readonly rotate: Asked | undefined;
  readonly notify: Asked | undefined;
  readonly refresh: readonly Asked[];
  readonly hasFiles: boolean;
  readonly hasVariables: boolean;
}

/** What contradicts itself, whatever Vault answers. */
export function checkRotation(lasting: Lasting, report: Report): void {
  const { agent, rotate, notify, refresh, hasFiles, hasVariables } = lasting;
  if (agent === 'init') {
    for (const { key } of [...refresh, ...[notify, rotate].filter((one) => one !== undefined)]) {
      report(key, `with ${PREFIX}agent: init nobody does this once the pod runs; remove one of the two`);
    }
  }
  if (rotate !== undefined && !hasVariables) {
    report(rotate.key, `only variables need a restart; add ${PREFIX}env.<VAR>, or remove this`);
  }
  if (notify !== undefined && !hasFiles) {
    report(notify.key, `is called when files are swapped, and there are none; add ${PREFIX}file.<file name>`);
  }
}
