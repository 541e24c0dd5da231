/**
 * Says what a refusal means. The text is anybody's: it is read by patterns, cut and masked, and what comes out is for people
 * to read. It never steers a decision.
 */
import { shown } from '../text.ts';
import { CAUSES, type Cause } from './causes.ts';
import type { Explanation, Reading, Status } from './explanation.ts';
import { masked } from './mask.ts';
import { NO_FIX, rbacFix } from './rbac-fix.ts';
import { recognised } from './recognise.ts';
import { reasonIn, statusIn } from './status.ts';
import { type DecodedToken, readToken, type TokenQuestion, type TokenReading } from './token.ts';
import { loweredAscii, MAX_TEXT } from './windows.ts';

export interface Asked extends TokenQuestion {
  readonly text: string;
  /** JWTs that stand in the text, decoded. */
  readonly tokens: readonly DecodedToken[];
}

export function explain(asked: Asked): Explanation {
  const text = masked(asked.text.slice(0, MAX_TEXT));
  const found = recognised(text);
  const token = firstWrong(asked.tokens.map((one) => readToken(one, asked)));
  const reading = found?.reading ?? (token === undefined ? UNKNOWN : ofToken(token));
  const cause = refined(reading.cause, token);
  const { subject, missing = [], oauthScopes = [], decision, source } = reading;
  const { lines, roles } = CAUSES_OF_RBAC.has(cause) ? rbacFix(subject, missing) : NO_FIX;
  const tokenFix = cause === token?.cause ? token.fix : [];
  const fix = [...tokenFix, ...(reading.fix ?? []), ...lines];
  const evidence = [...(reading.evidence ?? found?.evidence ?? firstLine(text)), ...(token?.lines ?? [])];
  return {
    source,
    status: statusOf(text, reading),
    cause,
    sentence: CAUSES[cause].sentence,
    evidence: evidence.map((line) => shown(line, 500)),
    subject,
    missing,
    oauthScopes,
    decision,
    fix: [...new Set(fix)].map((line) => shown(line, 1200)),
    roles,
    collect: CAUSES[cause].collect,
    ask: CAUSES[cause].ask,
  };
}

/** What a text says in numbers is its own; else what such a refusal usually comes with. */
function statusOf(text: string, { status }: Reading): Status | undefined {
  const lowered = { text, lowered: loweredAscii(text) };
  return statusIn(lowered) ?? status ?? reasonIn(lowered);
}

function firstWrong(tokens: readonly TokenReading[]): TokenReading | undefined {
  return tokens.find(({ cause }) => cause !== 'TokenInOrder') ?? tokens[0];
}

const UNKNOWN: Reading = { source: 'unknown', cause: 'Unknown' };

const CAUSES_OF_RBAC: ReadonlySet<Cause> = new Set([
  'MissingScope',
  'NoIdentity',
  'NodeBoundary',
  'RoleMissing',
]);

function ofToken({ cause, fix }: TokenReading): Reading {
  return { source: 'jwt', cause, fix, evidence: [] };
}

/** Servers are brief about tokens on purpose; the token itself says more. */
const VAGUE: ReadonlySet<Cause> = new Set([
  'NoIdentity',
  'TokenNotBelieved',
  'LoginRefused',
  'ClientRefused',
  'Unknown',
  'TokenInOrder',
]);

function refined(cause: Cause, token: TokenReading | undefined): Cause {
  if (token === undefined || token.cause === 'TokenInOrder') return cause;
  return VAGUE.has(cause) ? token.cause : cause;
}

function firstLine(text: string): readonly string[] {
  const line = text
    .slice(0, 2000)
    .split('\n')
    .find((one) => one.trim() !== '');
  return line === undefined ? [] : [line.trim()];
}
