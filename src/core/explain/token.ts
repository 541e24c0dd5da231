/** What a JWT says about itself. It was decoded elsewhere and is not verified: this explains, and decides nothing. */
import { printDuration } from '../duration.ts';
import { textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { Cause } from './causes.ts';

/** Of its header `alg` and `kid`, of its claims those below; all else is never looked at. */
export interface DecodedToken {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly iss?: unknown;
  readonly sub?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly nbf?: unknown;
  readonly scope?: unknown;
}

export interface TokenQuestion {
  /** Since 1970. */
  readonly nowSeconds: number;
  readonly audience?: string | undefined;
  readonly issuer?: string | undefined;
}

export interface TokenReading {
  readonly cause: Extract<
    Cause,
    'TokenExpired' | 'TokenNotYetValid' | 'WrongAudience' | 'WrongIssuer' | 'TokenInOrder'
  >;
  /** Safe to print; of the token only what is named in `DecodedToken`. */
  readonly lines: readonly string[];
  readonly fix: readonly string[];
}

export function readToken(token: DecodedToken, question: TokenQuestion): TokenReading {
  const { nowSeconds, audience, issuer } = question;
  const audiences = [token.aud].flat().flatMap((one) => textOf(one) ?? []);
  const lines = [
    ...['alg', 'kid', 'iss', 'sub'].flatMap((key) => told(key, textOf(token[key as 'alg']))),
    ...told('aud', audiences.length === 0 ? undefined : audiences.join(', ')),
    ...told('scope', textOf(token.scope)),
    ...told('nbf', momentText(token.nbf, nowSeconds, ['valid since', 'valid in'])),
    ...told('exp', momentText(token.exp, nowSeconds, ['expired', 'expires in'])),
  ];
  const wrong = (cause: TokenReading['cause'], fix: string): TokenReading => ({ cause, lines, fix: [fix] });
  if (isNumber(token.exp) && token.exp <= nowSeconds) {
    return wrong('TokenExpired', 'get a new token; in a pod read the projected file anew before every use');
  }
  if (isNumber(token.nbf) && token.nbf > nowSeconds) {
    return wrong('TokenNotYetValid', 'set the clocks of the issuer and of this machine, or wait');
  }
  if (audience !== undefined && !audiences.includes(audience)) {
    return wrong('WrongAudience', `ask for a token for ${shown(audience)}`);
  }
  if (issuer !== undefined && token.iss !== issuer) {
    return wrong('WrongIssuer', `ask for a token of ${shown(issuer)}`);
  }
  return wrong(
    'TokenInOrder',
    'look at what the server wants: its audience, issuer and keys, and what it gives the subject',
  );
}

function told(key: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${key.padEnd(5)} ${shown(value, 300)}`];
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The last second that a Date can tell. */
const LAST_SECONDS = 8.64e12;

function momentText(
  value: unknown,
  nowSeconds: number,
  [past, future]: readonly [string, string],
): string | undefined {
  if (!isNumber(value)) return undefined;
  const ago = nowSeconds - value;
  const when = Math.abs(value) <= LAST_SECONDS ? ` (${new Date(value * 1000).toISOString()})` : '';
  return ago >= 0 ? `${past} ${lasted(ago)} ago${when}` : `${future} ${lasted(-ago)}${when}`;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/** Roughly: `3 h`, `2 d`; the exact time stands beside it. */
function lasted(seconds: number): string {
  if (seconds >= 2 * DAY_SECONDS) return `${Math.floor(seconds / DAY_SECONDS)} d`;
  if (seconds >= HOUR_SECONDS) return printDuration(Math.floor(seconds / 60) * 60);
  return printDuration(seconds);
}
