/** Reads one value, or a list of them, in the shape that its position asks for. */

import { quote, type Shape, show } from './tokens.ts';
import { type Report, split, type Word } from './words.ts';

/** A value, bare or quoted; `undefined` when it is neither, which is reported. */
export function parseValue(word: Word, shape: Shape, report: Report): string | undefined {
  const [piece, second] = word.pieces;
  if (piece === undefined) {
    report(word.column, `expected ${shape.name}`);
    return undefined;
  }
  if (second !== undefined) {
    const column = piece.quoted ? second.column : piece.column;
    report(column, `unexpected text beside a quoted value: quote the whole of ${shape.name}`);
    return undefined;
  }
  const refusal = shape.refusal?.(piece.text);
  if (refusal !== undefined) {
    report(piece.column, refusal);
    return undefined;
  }
  if (piece.quoted) return piece.text;
  if (shape.reserved.has(piece.text)) {
    const meant = `\`${piece.text}\` is a word of the scope language: as ${shape.name} write ${quote(piece.text)}`;
    report(piece.column, meant);
    return undefined;
  }
  if (shape.bare.test(piece.text)) return piece.text;
  reportForeign(piece.text, piece.column, shape, report);
  return undefined;
}

/** Comma separated values, at least one. */
export function parseList(word: Word, shape: Shape, report: Report): readonly string[] | undefined {
  const items: string[] = [];
  for (const part of split(word, ',')) {
    if (part.pieces.length === 0) {
      report(part.column, `expected ${shape.name} ${beside(part, word)} the comma, without white space`);
      return undefined;
    }
    const item = parseValue(part, shape, report);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

function beside(part: Word, list: Word): string {
  return part.column === list.column ? 'before' : 'after';
}

function reportForeign(text: string, column: number, shape: Shape, report: Report): void {
  const index = text.search(shape.foreign);
  if (index < 0) {
    report(
      column,
      `${show(text)} can't stand bare as ${shape.name}: ${shape.pattern ?? 'quote it if it is meant'}`,
    );
    return;
  }
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  report(column + index, `unexpected ${show(character)} in ${shape.name}: ${hintFor(character, shape)}`);
}

function hintFor(character: string, shape: Shape): string {
  if (character === '#') return 'a comment starts after white space';
  if (/^['`‘’“”„«»]$/u.test(character)) return 'quote with `"`';
  return shape.hints[character] ?? 'quote the value if it is meant';
}
