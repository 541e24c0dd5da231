/** Strings of HCL 1 and of its JSON: where they end and what they say. */

const ESCAPE = /\\(?:[abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;
const PIECE = /\\([abfnrtv\\"]|[0-7]{3}|[xuU][0-9a-fA-F]+)|[^\\]+/y;
const CONTROLS: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};
const WIDTHS: Readonly<Record<string, number>> = { x: 3, u: 5, U: 9 };
const LAST_CODE_POINT = 0x10ffff;

export interface StringEnd {
  /** After the closing quote; where the problem is. */
  readonly end: number;
  readonly problem?: string;
}

/** Of the string that starts with the quote at `start`. Inside of `${…}` HCL takes quotes and line ends as text. */
export function endOfString(text: string, start: number, json: boolean): StringEnd {
  let braces = 0;
  let at = start + 1;
  for (;;) {
    const unit = text[at];
    if (unit === '"' && braces === 0) return { end: at + 1 };
    if (endsEarly(unit, braces)) return { end: start, problem: 'a string without its closing quote' };
    const length = unit === '\\' ? escapeLength(text, at) : 1;
    if (length === 0) return { end: at, problem: 'an unknown escape; `\\\\` is a backslash' };
    if (!json) braces += depthOf(text, at, braces);
    at += length;
  }
}

function endsEarly(unit: string | undefined, braces: number): boolean {
  return unit === undefined || unit === '\0' || (unit === '\n' && braces === 0);
}

function escapeLength(text: string, at: number): number {
  ESCAPE.lastIndex = at;
  return ESCAPE.exec(text)?.[0].length ?? 0;
}

/** The brace of `${` counts with its dollar only. */
function depthOf(text: string, at: number, braces: number): number {
  if (braces === 0) return text[at] === '{' && text[at - 1] === '$' ? 1 : 0;
  if (text[at] === '{') return 1;
  return text[at] === '}' ? -1 : 0;
}

/** `undefined` where the server can not read it either, or where its bytes are no text. */
export function unquote(quoted: string, json: boolean): string | undefined {
  const body = quoted.slice(1, -1);
  if (json) return plain(body, true);
  if (!body.includes('${')) return plain(body, false);
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const open = nextInterpolation(body, from);
    const text = plain(body.slice(from, open), false);
    if (text === undefined) return undefined;
    if (open === body.length) return [...parts, text].join('');
    from = closingBrace(body, open + 2);
    const raw = body.slice(open, from);
    if (raw.includes('\ufffd')) return undefined;
    parts.push(text, raw);
  }
}

/** Where `${` starts outside of an escape; the end of the body when it does not. */
function nextInterpolation(body: string, from: number): number {
  let at = from;
  while (at < body.length) {
    if (body[at] === '$' && body[at + 1] === '{') return at;
    at += body[at] === '\\' ? 2 : 1;
  }
  return body.length;
}

function closingBrace(body: string, from: number): number {
  let braces = 1;
  let at = from;
  for (; at < body.length && braces > 0; at += 1) braces += body[at] === '{' ? 1 : body[at] === '}' ? -1 : 0;
  return at;
}

/** By way of percent encoding, since `\xc3\xa9` are two bytes of one character. */
function plain(body: string, json: boolean): string | undefined {
  if (!body.includes('\\')) return body;
  const encoded: string[] = [];
  for (let at = 0; at < body.length; ) {
    PIECE.lastIndex = at;
    const [, written] = PIECE.exec(body) ?? [];
    const escape = written?.slice(0, WIDTHS[written[0] ?? ''] ?? written.length);
    const piece =
      escape === undefined ? encodeURIComponent(body.slice(at, PIECE.lastIndex)) : bytesOf(escape, json);
    if (piece === undefined) return undefined;
    encoded.push(piece);
    at = escape === undefined ? PIECE.lastIndex : at + 1 + escape.length;
  }
  try {
    return decodeURIComponent(encoded.join(''));
  } catch {
    return undefined;
  }
}

function bytesOf(escape: string, json: boolean): string | undefined {
  const control = CONTROLS[escape];
  if (control !== undefined) return encodeURIComponent(control);
  const octal = /^[0-7]/.test(escape);
  const value = octal ? Number.parseInt(escape, 8) : Number.parseInt(escape.slice(1), 16);
  if (octal || escape.startsWith('x'))
    return value > 0xff ? undefined : `%${value.toString(16).padStart(2, '0')}`;
  const surrogate = value >= 0xd800 && value < 0xe000;
  if (value > LAST_CODE_POINT || (surrogate && json)) return undefined;
  return encodeURIComponent(surrogate ? '\ufffd' : String.fromCodePoint(value));
}

/** The text of a heredoc from its `<<` to the line end after its anchor. */
export function heredocText(written: string): string {
  const newline = written.indexOf('\n');
  const dashed = written[2] === '-';
  const anchorLength = newline - (dashed ? 3 : 2);
  const untilAnchor = written.slice(newline + 1, written.length - anchorLength - 1);
  if (!dashed) return untilAnchor;
  const lines = untilAnchor.split('\n');
  const indent = lines.at(-1) ?? '';
  if (!lines.every((line) => line.startsWith(indent))) return withoutBlanks(untilAnchor);
  return lines.map((line) => line.slice(indent.length)).join('\n');
}

function withoutBlanks(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1;
  return text.slice(0, end);
}
