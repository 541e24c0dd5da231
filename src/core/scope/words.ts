/** Cuts a line into words, and words at commas, dots and slashes outside of quotes. Columns start at 1 and count UTF-16 units. */

import { KEYWORDS, quote } from './tokens.ts';

/** A run of unquoted characters, or one quoted value (decoded). */
interface Piece {
  readonly text: string;
  readonly quoted: boolean;
  readonly column: number;
}

/** Pieces with no white space between them. */
export interface Word {
  readonly pieces: readonly Piece[];
  readonly column: number;
  /** The column after its last character. */
  readonly end: number;
}

/** Takes the first problem of a line. */
export type Report = (column: number, message: string) => void;

/** Controls, invisible and direction-changing characters, white space other than the plain space, lone surrogates. */
const UNSEEN = /^[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]$/u;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The words before the comment; `undefined` when the line can't be cut, which is reported. */
export function wordsOf(line: string, report: Report): readonly Word[] | undefined {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ' || line[at] === '\t') at += 1;
    if (at >= line.length || line[at] === '#') return words;
    const word = readWord(line, at, report);
    if (word === undefined) return undefined;
    words.push(word);
    at = word.end - 1;
  }
}

function readWord(line: string, start: number, report: Report): Word | undefined {
  const pieces: Piece[] = [];
  let at = start;
  let bareFrom = start;
  while (at < line.length && line[at] !== ' ' && line[at] !== '\t') {
    if (line[at] !== '"') {
      if (isUnseen(line, at, report)) return undefined;
      at += 1;
      continue;
    }
    pushBare(pieces, line, bareFrom, at);
    const end = closingQuote(line, at, report);
    if (end === undefined) return undefined;
    pieces.push({ text: String(JSON.parse(line.slice(at, end + 1))), quoted: true, column: at + 1 });
    at = end + 1;
    bareFrom = at;
  }
  pushBare(pieces, line, bareFrom, at);
  return { pieces, column: start + 1, end: at + 1 };
}

function pushBare(pieces: Piece[], line: string, from: number, to: number): void {
  if (from < to) pieces.push({ text: line.slice(from, to), quoted: false, column: from + 1 });
}

/** The index of the quote that ends the value that starts at `start`. */
function closingQuote(line: string, start: number, report: Report): number | undefined {
  let at = start + 1;
  while (at < line.length) {
    const unit = line[at];
    if (unit === '"') return at;
    if (unit === '\\') {
      ESCAPE.lastIndex = at;
      const escape = ESCAPE.exec(line);
      if (escape === null) {
        report(
          at + 1,
          'expected \\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t or \\u and four hexadecimal digits after `\\` in quotes',
        );
        return undefined;
      }
      at += escape[0].length;
      continue;
    }
    if (unit !== ' ' && isUnseen(line, at, report)) return undefined;
    at += 1;
  }
  report(start + 1, 'missing closing quote: expected `"` before the end of the line');
  return undefined;
}

/** Reports a character that a reader of the line can't see. The low half of a surrogate pair is judged with its high half. */
function isUnseen(line: string, at: number, report: Report): boolean {
  const code = line.charCodeAt(at);
  if (code > 0x20 && code < 0x7f) return false;
  if ((line.codePointAt(at - 1) ?? 0) > 0xffff) return false;
  const character = String.fromCodePoint(line.codePointAt(at) ?? 0);
  if (!UNSEEN.test(character)) return false;
  const escaped = quote(character);
  const space = /^\p{Z}$/u.test(character) ? ' between words a plain space is expected,' : '';
  report(at + 1, `unprintable character ${escaped.slice(1, -1)}:${space} in quotes write it as ${escaped}`);
  return true;
}

/** At most `limit` parts; a delimiter inside of quotes does not count. */
export function split(word: Word, delimiter: string, limit = Number.POSITIVE_INFINITY): readonly Word[] {
  const parts: Word[] = [];
  let pieces: Piece[] = [];
  let column = word.column;
  for (const piece of word.pieces) {
    let from = 0;
    for (;;) {
      const cut = piece.quoted || parts.length + 1 >= limit ? -1 : piece.text.indexOf(delimiter, from);
      const text = cut < 0 ? piece.text.slice(from) : piece.text.slice(from, cut);
      if (piece.quoted || text !== '')
        pieces.push({ text, quoted: piece.quoted, column: piece.column + from });
      if (cut < 0) break;
      parts.push({ pieces, column, end: piece.column + cut });
      pieces = [];
      column = piece.column + cut + 1;
      from = cut + 1;
    }
  }
  parts.push({ pieces, column, end: word.end });
  return parts;
}

/** The word's text when it is one bare piece. */
export function bareText(word: Word | undefined): string | undefined {
  const piece = word?.pieces[0];
  return piece === undefined || piece.quoted || word?.pieces.length !== 1 ? undefined : piece.text;
}

/** Is it one of the words that stand between the parts of an expression? */
export function isKeyword(word: Word | undefined): boolean {
  return KEYWORDS.has(bareText(word) ?? '');
}
