import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Who may speak to the page's server: whoever followed the link that was printed. The link is good once; what it is
 * exchanged for is kept by the browser for this origin alone, port and all, which a cookie would not be.
 */
export interface PageKeys {
  /** For the fragment of the printed link: a browser sends no fragment anywhere, and no server logs one. */
  readonly link: string;
  /** The token in exchange for the link; `undefined`: it is not the link, or it was used before. */
  readonly redeem: (link: string) => string | undefined;
  readonly isToken: (token: string) => boolean;
}

const BYTES = 32;

export function createPageKeys(): PageKeys {
  const [link, token] = [secret(), secret()];
  let used = false;
  return {
    link,
    redeem(given) {
      if (used || !same(given, link)) return undefined;
      used = true;
      return token;
    },
    isToken: (given) => same(given, token),
  };
}

function secret(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** In constant time, whatever the lengths. */
function same(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
