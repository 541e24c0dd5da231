/** How long a token, a lease or a value lasts, and when it is time to see to it. Pure but for the host's clock. */
import type { AgentHost } from './host.ts';

export interface Term {
  /** Seconds since 1970; `undefined`: it does not end by itself. */
  readonly expiresAt: number | undefined;
  /** When it is renewed or fetched again, in seconds since 1970; `undefined`: never. */
  readonly dueAt: number | undefined;
}

export type Clock = Pick<AgentHost, 'now' | 'random'>;

/** Something with less than this left is as good as gone for a container that is about to start. */
const marginSeconds = 30;
/** Drawn off two thirds of a life, so that a thousand pods of one moment do not renew at one moment. */
const jitterOfLife = 1 / 15;
const jitterOfRefresh = 0.1;
/** Nothing is asked for more often, whatever Vault answers. */
const minSeconds = 1;

export const endless: Term = { expiresAt: undefined, dueAt: undefined };

export function secondsNow(clock: Pick<AgentHost, 'now'>): number {
  return clock.now() / 1000;
}

/** Of what Vault gave for so many seconds, of which 0 means without end. It is seen to at two thirds. */
export function termOf(clock: Clock, seconds: number): Term {
  if (seconds <= 0) return endless;
  const now = secondsNow(clock);
  const due = seconds * (2 / 3 - jitterOfLife * clock.random());
  return { expiresAt: now + seconds, dueAt: now + Math.max(due, minSeconds) };
}

/** Of a value that is read again every so many seconds. */
export function refreshTerm(clock: Clock, seconds: number): Term {
  return {
    expiresAt: undefined,
    dueAt: secondsNow(clock) + Math.max(seconds * (1 - jitterOfRefresh * clock.random()), minSeconds),
  };
}

export function isAlive(clock: Pick<AgentHost, 'now'>, { expiresAt }: Term): boolean {
  return expiresAt === undefined || expiresAt > secondsNow(clock);
}

/** Does it last long enough to be handed to a container? `seconds` is its whole life. */
export function isFresh(clock: Pick<AgentHost, 'now'>, { expiresAt }: Term, seconds: number): boolean {
  if (expiresAt === undefined) return true;
  return expiresAt - secondsNow(clock) > Math.min(marginSeconds, seconds / 3);
}
