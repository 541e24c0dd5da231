/**
 * Words of HCL 1 as Vault's own scanner cuts them, its oddities among them: a policy that a server took has to mean the
 * same here. Text with a NUL has to be refused before.
 */

import { endOfString } from './hcl-string.ts';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of `illegal` what is wrong with it. */
  readonly text: string;
  /** Where it starts and what comes after it, in UTF-16 units of the text. */
  readonly at: number;
  readonly end: number;
}

export type TokenKind = 'illegal' | 'eof' | 'ident' | 'bool' | LiteralKind | PunctuationKind;
export type LiteralKind = 'number' | 'float' | 'string' | 'heredoc';
type PunctuationKind = '[' | ']' | '{' | '}' | ',' | '.' | '=' | '+' | '-' | ':' | 'null';

const BLANK = /[ \t\r\n]*/y;
const LINE_COMMENT = /(?:#|\/\/)[^\n]*/y;
const IDENT = /[A-Za-z_\p{L}][\w\p{L}\p{Nd}.-]*/uy;
/** An exponent without digits swallows the next character, whatever it is: no number, but no mistake of the scanner's. */
const NUMBER = /-?(?:0[xX][0-9a-fA-F]*|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?(?:[0-9]+|[^]?))?|\.[0-9]+[eE]?)/y;
const BAD_NUMBER = /^-?(?:0[xX]$|0[0-9]+[89][0-9]*$)/;
const ANCHOR = /<<(-?[\p{L}\p{Nd}_]*)\n/uy;
const MARGIN = /[\t\v\f\r ]*/y;
const RETURNS = /\r*/y;
const PUNCTUATION = '[]{},=+-.';

export function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** The next token at or after `from`; comments are passed over. */
export function scanHcl(text: string, from: number): Token {
  const at = afterComments(text, from);
  const first = text[at];
  if (first === undefined) return token('eof', '', at);
  if (first === '/') return illegal(at, text[at + 1] === '*' ? 'a comment without its `*/`' : 'a lone `/`');
  if (first === '"') return scanString(text, at, false);
  if (first === '<') return scanHeredoc(text, at);
  const word = match(IDENT, text, at);
  if (word !== '') return token(word === 'true' || word === 'false' ? 'bool' : 'ident', word, at);
  const number = match(NUMBER, text, at);
  if (number !== '' && !number.startsWith('-.')) {
    const kind = numberKind(number);
    const bad = kind === 'number' && BAD_NUMBER.test(number);
    return bad ? illegal(at, 'a number with wrong digits') : token(kind, number, at);
  }
  return PUNCTUATION.includes(first)
    ? token(first as PunctuationKind, first, at)
    : illegal(at, 'an unexpected character');
}

function afterComments(text: string, from: number): number {
  let at = from;
  for (;;) {
    at += match(BLANK, text, at).length;
    const line = match(LINE_COMMENT, text, at).length;
    const close = line === 0 && text.startsWith('/*', at) ? text.indexOf('*/', at + 2) : -1;
    if (line === 0 && close < 0) return at;
    at = line > 0 ? at + line : close + 2;
  }
}

export function numberKind(text: string): 'number' | 'float' {
  return /^-?0[xX]/.test(text) || /^-?[0-9]+$/.test(text) ? 'number' : 'float';
}

export function token(kind: TokenKind, text: string, at: number): Token {
  return { kind, text, at, end: at + text.length };
}

export function illegal(at: number, text: string): Token {
  return { kind: 'illegal', text, at, end: at };
}

export function scanString(text: string, at: number, json: boolean): Token {
  const { end, problem } = endOfString(text, at, json);
  return problem === undefined ? token('string', text.slice(at, end), at) : illegal(end, problem);
}

/**
 * Ends with a line that holds nothing but the anchor, blanks before it. After `<<-` that line has to be longer than the
 * anchor: Vault counts the dash.
 */
function scanHeredoc(text: string, at: number): Token {
  const head = match(ANCHOR, text, at);
  const anchor = head.slice(2, -1);
  const name = anchor.startsWith('-') ? anchor.slice(1) : anchor;
  if (name === '') return illegal(at, 'a heredoc without its anchor, expected a line such as `<<EOF`');
  let from = at + head.length;
  for (;;) {
    const newline = text.indexOf('\n', from);
    if (newline < 0) return illegal(at, `a heredoc without its end, expected a line \`${name}\``);
    const line = text.slice(from, newline);
    const rest = line.slice(match(MARGIN, line, 0).length);
    const ends =
      rest.startsWith(name) && match(RETURNS, rest, name.length).length === rest.length - name.length;
    if (ends && line.length >= anchor.length) return token('heredoc', text.slice(at, newline + 1), at);
    from = newline + 1;
  }
}
