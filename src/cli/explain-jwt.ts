/** JWTs in a text. They are decoded here, on this machine, and neither verified nor kept, sent, logged or printed. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { DecodedToken } from '../core/explain/token.ts';

/** Three parts with dots between; that of the signature may be empty. Each starts a word, so that no word is read from every place in it. */
const JWT = /(?<![\w-])eyJ[\w-]{4,32768}\.[\w-]{2,32768}\.[\w-]{0,8192}/g;
const MAX_TOKENS = 8;

/** What is no JWT on a closer look is left out. */
export function tokensIn(text: string): readonly DecodedToken[] {
  return [...text.matchAll(JWT).take(MAX_TOKENS)].flatMap(([token]) => {
    try {
      const { alg, kid } = decodeProtectedHeader(token);
      const { iss, sub, aud, exp, nbf, scope } = decodeJwt(token);
      return [{ alg, kid, iss, sub, aud, exp, nbf, scope }];
    } catch {
      return [];
    }
  });
}
