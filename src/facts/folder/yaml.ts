import { Composer, type Document, LineCounter, Parser, parseDocument } from 'yaml';
import type { Json } from '../../core/json.ts';
import type { Path } from '../spot.ts';
import { DIALECT, SYNTAX_PROBLEMS } from './dialect.ts';
import { plainJson } from './plain-json.ts';
import { nodeAt, type Position, positionAt, positionOf, type Source } from './position.ts';

/** YAML text (JSON is YAML) as documents of plain JSON that know where each field stands. */
export interface YamlDocument {
  /** In its file, from 1; empty ones count. */
  readonly number: number;
  /** Where its content starts. */
  readonly line: number;
  /** `undefined`: not readable. */
  readonly value: Json | undefined;
  readonly problems: readonly YamlProblem[];
  readonly locate: Locate;
}

export interface YamlProblem extends Position {
  readonly message: string;
}

/**
 * Where a field stands: its value, or the nearest thing above it when it is absent.
 * @param within a place in the text of the field: the line and column of a scope in `needs`.
 */
export type Locate = (path: Path, within?: Position) => Position;

/** One document at a time: the syntax tree of a document takes some fifty times its text. */
export function* readYaml(text: string): Generator<YamlDocument> {
  const lines = new LineCounter();
  const tokens = new Parser(lines.addNewLine).parse(text);
  let number = 0;
  for (const document of new Composer(DIALECT).compose(tokens)) {
    number += 1;
    yield readDocument(document, number, { text, lines });
  }
}

function readDocument(document: Document.Parsed, number: number, source: Source): YamlDocument {
  const [start, , end] = document.range;
  const { line } = positionAt(source, document.contents?.range[0] ?? start);
  const locate = locator(source, start, end);
  if (document.errors.length > 0) {
    // The first of each sort: what follows a mistake is mostly its echo.
    const byCode = new Map(document.errors.toReversed().map((error) => [error.code, error]));
    const problems = [...byCode.values()]
      .map(({ code, pos }) => ({ ...positionAt(source, pos[0]), message: SYNTAX_PROBLEMS[code] }))
      .toReversed();
    return { number, line, value: undefined, problems, locate };
  }
  const json = plainJson(document.contents);
  const problems = json.problems.map(({ offset, message }) => ({ ...positionAt(source, offset), message }));
  return { number, line, value: json.problems.length > 0 ? undefined : json.value, problems, locate };
}

/** Reads the document again when it is first asked: positions are wanted seldom, and trees are too large to keep. */
function locator({ text, lines }: Source, start: number, end: number): Locate {
  // From the start of the line, or the indentation of an indented document would be lost.
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const above = lines.linePos(from).line - 1;
  let tree: ReturnType<typeof treeOf> | undefined;
  return (path, within) => {
    tree ??= treeOf(text.slice(from, end));
    const node = nodeAt(tree.contents, tree.json, path);
    const { line, column } = node === null ? { line: 1, column: 1 } : positionOf(tree.source, node, within);
    return { line: above + line, column };
  };
}

function treeOf(text: string) {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { ...DIALECT, lineCounter: lines });
  return { contents, json: plainJson(contents), source: { text, lines } };
}

/** The first document of a text; `undefined`: it is not readable. */
export function parseYaml(text: string): Json | undefined {
  const [first] = readYaml(text);
  return first?.value;
}
