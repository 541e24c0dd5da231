/** Where a parser stands in its text, and the mistake that ended it. */

import { shown } from '../text.ts';
import type { Token, TokenKind } from './hcl-scan.ts';

export interface Reader {
  readonly text: string;
  readonly scan: (text: string, from: number) => Token;
  token: Token;
  mistake: Mistake | undefined;
}

export interface Mistake {
  readonly at: number;
  readonly message: string;
}

const SHOWN_LENGTH = 40;

export function createReader(text: string, scan: Reader['scan']): Reader {
  return { text, scan, token: scan(text, 0), mistake: undefined };
}

export function advance(reader: Reader): TokenKind {
  reader.token = reader.scan(reader.text, reader.token.end);
  return reader.token.kind;
}

/** At the token. Only the first mistake counts. */
export function fail(reader: Reader, expected: string): undefined {
  const { kind, text, at } = reader.token;
  const found = kind === 'eof' ? 'the end of the text' : `\`${shown(text, SHOWN_LENGTH)}\``;
  const message = kind === 'illegal' ? `unexpected: ${text}` : `expected ${expected}, not ${found}`;
  reader.mistake ??= { at, message };
  return undefined;
}
