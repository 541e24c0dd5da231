/**
 * The token of this run. It comes in exchange for the link, and is kept for this origin, port and all: other tabs of the
 * browser find it, other programs' pages on the same machine don't.
 */
const KEY = 'countersign.token';
const LINK = /^#link=([\w-]{1,100})$/u;

export type Session = { readonly kind: 'open' } | { readonly kind: 'closed'; readonly why: string };

export async function openSession(): Promise<Session> {
  const link = LINK.exec(location.hash)?.[1];
  if (link === undefined) {
    return token() === '' ? { kind: 'closed', why: 'There is no link in the address.' } : { kind: 'open' };
  }
  // Out of the address and the history, before anything can fail.
  history.replaceState(null, '', location.pathname + location.search);
  const answer = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link }),
  });
  const body = (await answer.json()) as { readonly token?: string; readonly message?: string };
  if (body.token !== undefined) {
    localStorage.setItem(KEY, body.token);
    return { kind: 'open' };
  }
  // The link opened a second time in the browser that has the token already.
  return token() === '' ? { kind: 'closed', why: body.message ?? '' } : { kind: 'open' };
}

export function token(): string {
  return localStorage.getItem(KEY) ?? '';
}

export function forgetToken(): void {
  localStorage.removeItem(KEY);
}
