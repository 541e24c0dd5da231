import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Path } from '../api/validate.ts';
import type { Position } from './problem.ts';

/** The text of a configuration file as a value, with the place of every key in it. */
export interface Source {
  readonly value: unknown;
  /** Nothing else is known of a text that is no YAML. */
  readonly problems: readonly { readonly position: Position; readonly message: string }[];
  /** Of the value, or of its key; of the nearest thing around it that is there. */
  position(path: Path, atKey: boolean): Position;
}

/** A configuration needs no alias; a few are harmless, a thousand that refer to each other are not. */
const MOST_ALIASES = 100;

export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    version: '1.2',
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const problems = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    position: at(pos[0]),
    message: `not valid YAML: ${message}`,
  }));
  const position = (path: Path, atKey: boolean) => at(offsetOf(document.contents, path, atKey));
  if (problems.length > 0) return { value: undefined, problems, position };
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }), problems, position };
  } catch {
    const message = `not a configuration: aliases refer to more than ${MOST_ALIASES} values`;
    return { value: undefined, problems: [{ position: at(0), message }], position };
  }
}

function offsetOf(root: Node | null, path: Path, atKey: boolean): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
      continue;
    }
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    if (pair === undefined) return offset;
    node = pair.value;
    const isLast = index === path.length - 1;
    offset = (isLast && !atKey && isWritten(node) ? startOf(node) : startOf(pair.key)) ?? offset;
  }
  return offset;
}

/** A plain value is shown where it starts; a mapping, or a key without a value, at the key. */
function isWritten(node: unknown): boolean {
  return isScalar(node) && node.range !== undefined && node.range !== null && node.range[0] < node.range[1];
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const [start]: readonly unknown[] = Array.isArray(node.range) ? node.range : [];
  return typeof start === 'number' ? start : undefined;
}
