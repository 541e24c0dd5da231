import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import { clipped, type LogFields, type Safe, tidied } from './fields.ts';
import { createScrubber, type Scrubber } from './scrub.ts';
import type { TraceContext } from './trace.ts';

/**
 * The log: JSON, one line an entry, and never a whole object or a secret in it. What came from outside stands below
 * `request`, so that no value can pose as one of our own fields, and is harmless to a terminal.
 */
export interface Logger {
  level: LogLevel;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  logDecision(decision: LoggedDecision, call: LoggedCall): void;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggedDecision {
  readonly endpoint: string;
  readonly uid: string | undefined;
  readonly moment?: string | undefined;
  readonly operation: string;
  readonly kind: string;
  readonly subResource?: string | undefined;
  readonly namespace: string;
  /** Empty for an object that is yet to get its name. */
  readonly name: string;
  /** What controls the object, as `Kind/name`. */
  readonly owner?: string | undefined;
  readonly account?: string | undefined;
  readonly requester: string;
  /** How many groups the requester is in. */
  readonly requesterGroups?: number | undefined;
  readonly verdict: string;
  /** The decision's id. */
  readonly decision?: string | undefined;
  readonly codes: readonly string[];
  readonly responseCode: number;
  readonly dryRun: boolean;
  /** The policy that gave the actions. */
  readonly policy?: string | undefined;
  /** How old the facts were that it was decided on. */
  readonly factsAgeSeconds?: number | undefined;
}

export interface LoggedCall {
  readonly ms: number;
  readonly sourceAddress: string | undefined;
  readonly userAgent: string | undefined;
  readonly trace?: TraceContext | undefined;
}

export interface LoggerOptions {
  readonly level?: LogLevel;
  readonly scrubber?: Scrubber;
  /** Default: standard output. */
  readonly stream?: DestinationStream;
}

/** Text that JSON may hold as it is, and that a terminal or a reader's eye would obey: C1 controls, bidi, separators. */
const OBEYED = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function createLogger({
  level = 'info',
  scrubber = createScrubber(),
  stream,
}: LoggerOptions = {}): Logger {
  const { output, flush } =
    stream === undefined ? standardOutput() : { output: stream, flush: () => undefined };
  const lines = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: (line) => escapeObeyed(scrubber.scrub(line)) },
    },
    output,
  );
  const safe: Safe = (value) => clipped(value, scrubber);
  return {
    get level() {
      return LOG_LEVELS.find((known) => known === lines.level) ?? 'info';
    },
    set level(next) {
      lines.level = next;
    },
    debug: (message, fields) => lines.debug(tidied(fields, safe), message),
    info: (message, fields) => lines.info(tidied(fields, safe), message),
    warn(message, fields) {
      lines.warn(tidied(fields, safe), message);
      flush();
    },
    error(message, fields) {
      lines.error(tidied(fields, safe), message);
      flush();
    },
    logDecision: (decision, call) => lines.info(decisionFields(decision, call, safe), 'decision'),
  };
}

const BUFFER_BYTES = 8 * 1024;
const FLUSH_MS = 100;

/**
 * A system call a line would be a fifth of the cost of an admission, so lines go out together, a tenth of a second late
 * at most; what warns goes out at once, and everything at the end of the process.
 */
function standardOutput(): { readonly output: DestinationStream; readonly flush: () => void } {
  const output = destination({ dest: 1, sync: true, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS });
  const flush = () => output.flushSync();
  process.once('exit', flush);
  return { output, flush };
}

function decisionFields(decision: LoggedDecision, call: LoggedCall, safe: Safe): object {
  const { endpoint, verdict, moment, codes, responseCode, dryRun, factsAgeSeconds } = decision;
  return {
    decision: decision.decision,
    endpoint,
    verdict,
    moment,
    codes: safe(codes),
    policy: safe(decision.policy),
    responseCode,
    dryRun,
    ms: Math.round(call.ms * 100) / 100,
    factsAgeSeconds: factsAgeSeconds === undefined ? undefined : Math.round(factsAgeSeconds * 10) / 10,
    request: {
      uid: safe(decision.uid),
      operation: safe(decision.operation),
      kind: safe(decision.kind),
      subResource: safe(decision.subResource),
      namespace: safe(decision.namespace),
      name: safe(decision.name),
      owner: safe(decision.owner),
      account: safe(decision.account),
      requester: safe(decision.requester),
      requesterGroups: decision.requesterGroups,
      sourceAddress: call.sourceAddress,
      userAgent: safe(call.userAgent),
      traceId: call.trace?.traceId,
      spanId: call.trace?.spanId,
    },
  };
}

/** Outside of strings a JSON line holds only ASCII, so an escape is right wherever one of these stands. */
function escapeObeyed(line: string): string {
  return line.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
