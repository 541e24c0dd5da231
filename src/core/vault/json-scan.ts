/** Words of Vault's JSON, which is not quite JSON: escapes are Go's, and words are cut only as far as they are read. */

import { illegal, match, numberKind, scanString, type Token, type TokenKind, token } from './hcl-scan.ts';

const BLANK = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_\p{L}][\w\p{L}\p{Nd}-]*/uy;
const WORDS: Readonly<Record<string, TokenKind>> = { true: 'bool', false: 'bool', null: 'null' };
const NUMBER = /-?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?(?:[0-9]+|[^]?))?|\.[0-9]+[eE]?)/y;
const PUNCTUATION = '[]{},.:';

export function scanJson(text: string, from: number): Token {
  const at = from + match(BLANK, text, from).length;
  const first = text[at];
  if (first === undefined) return token('eof', '', at);
  if (first === '\0') return { kind: 'eof', text: '', at, end: at + 1 };
  if (first === '"') return scanString(text, at, true);
  const word = match(WORD, text, at);
  const kind = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  if (kind !== undefined) return token(kind, word, at);
  const number = match(NUMBER, text, at);
  if (number !== '' && !number.startsWith('-.')) return numberToken(number, at, text);
  return word === '' && PUNCTUATION.includes(first)
    ? token(first as TokenKind, first, at)
    : illegal(at, 'an unexpected character');
}

/** Vault takes a zero that ends the text for a number that starts with zero. */
function numberToken(number: string, at: number, text: string): Token {
  const kind = numberKind(number);
  const bad =
    kind === 'number' &&
    (/^-?0[0-9]/.test(number) || (/^-?0$/.test(number) && at + number.length >= text.length));
  return bad ? illegal(at, 'a number that starts with zero') : token(kind, number, at);
}
