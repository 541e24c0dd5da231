/** What the sidecar has to see to, and when. Pure. */
import type { AgentState, Retired } from './state.ts';

export interface Task {
  readonly kind: 'token' | 'credential' | 'identity' | 'files' | 'retired';
  /** Of the credential, the file or the token. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly dueAt: number;
}

/** How long a replaced token lives on, at most: a program may still work with what it has read. */
const overlapSeconds = 300;

/** `dirty`: what is in place may not be what the state says. */
export function tasksOf(state: AgentState, dirty: boolean, nowSeconds: number): readonly Task[] {
  const { session, credentials, identities, retired } = state;
  const usable = session !== undefined && (session.expiresAt === undefined || session.expiresAt > nowSeconds);
  const held = [
    ...credentials.map(({ name, dueAt }) => ({ kind: 'credential' as const, name, dueAt })),
    ...identities.map(({ file, dueAt }) => ({ kind: 'identity' as const, name: file, dueAt })),
  ];
  const all = [
    { kind: 'token' as const, name: '', dueAt: session === undefined ? 0 : session.dueAt },
    // Without a token nothing can be asked.
    ...(usable ? held : []),
    { kind: 'files' as const, name: '', dueAt: dirty ? 0 : undefined },
    ...retired.map(({ token, revokeAt, expiresAt }) => ({
      kind: 'retired' as const,
      name: token,
      dueAt: revokeAt ?? expiresAt,
    })),
  ];
  return all.flatMap(({ dueAt, ...task }) => (dueAt === undefined ? [] : [{ ...task, dueAt }]));
}

/**
 * Of what is due, what comes next: the token first, since the rest is asked for with it; the files when
 * nothing more is going to change them now, so that a whole set is swapped at once.
 */
export function nextOf(due: readonly Task[]): readonly Task[] {
  for (const kinds of [['token'], ['credential', 'identity'], ['files'], ['retired']]) {
    const found = due.filter(({ kind }) => kinds.includes(kind));
    if (found.length > 0) return found;
  }
  return [];
}

/** Tokens that nothing in place depends on any more get their time; called when the files are in place. */
export function released(retired: readonly Retired[], nowSeconds: number): readonly Retired[] {
  return retired.map((one) => {
    if (one.waitsFor.length > 0 || one.revokeAt !== undefined) return one;
    const left = (one.expiresAt ?? Number.POSITIVE_INFINITY) - nowSeconds;
    return { ...one, revokeAt: nowSeconds + Math.min(overlapSeconds, Math.max(left, 0) / 2) };
  });
}
