import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isObject, type Json } from '../../core/json.ts';

/**
 * A YAML syntax tree as plain JSON, in one pass that is linear in its text. An alias stands for the very value of its
 * anchor, and what it would be when written out is counted, so no few lines can stand for more than they may.
 */
export interface PlainJson {
  readonly value: Json;
  /** Of each object and list, the node that it was made from. */
  readonly origins: WeakMap<object, Collection>;
  readonly problems: readonly { readonly offset: number; readonly message: string }[];
}

export type Collection = YAMLMap | YAMLSeq;

const MAX_DEPTH = 100;
/** Values in a document, with all aliases written out. */
const MAX_VALUES = 1_000_000;

export function plainJson(contents: Node | null): PlainJson {
  const state: State = { anchors: new Map(), origins: new WeakMap(), problems: [], values: 0, full: false };
  return { value: convert(contents, 0, state), origins: state.origins, problems: state.problems };
}

interface State {
  readonly anchors: Map<string, { readonly value: Json; readonly values: number }>;
  readonly origins: WeakMap<object, Collection>;
  readonly problems: { offset: number; message: string }[];
  values: number;
  full: boolean;
}

function convert(node: unknown, depth: number, state: State): Json {
  const before = state.values;
  state.values += 1;
  if (isAlias(node)) return aliased(node, state);
  const value = depth > MAX_DEPTH ? tooDeep(node, state) : valueOf(node, depth, state);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) state.anchors.set(anchor, { value, values: state.values - before });
  return value;
}

function valueOf(node: unknown, depth: number, state: State): Json {
  if (isMap(node)) return mapOf(node, depth, state);
  if (isSeq(node)) {
    const list = node.items.map((item) => convert(item, depth + 1, state));
    state.origins.set(list, node);
    return list;
  }
  const value = isScalar(node) ? node.value : null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  complain(node, 'expected a value that JSON has', state);
  return null;
}

function aliased(node: Node & { readonly source: string }, state: State): Json {
  const anchor = state.anchors.get(node.source);
  if (anchor === undefined) {
    complain(node, 'expected the name of an anchor before it', state);
    return null;
  }
  state.values += anchor.values;
  if (state.values <= MAX_VALUES) return anchor.value;
  if (!state.full)
    complain(node, `expected at most ${MAX_VALUES} values, with all aliases written out`, state);
  state.full = true;
  return null;
}

function tooDeep(node: unknown, state: State): Json {
  complain(node, `expected at most ${MAX_DEPTH} levels`, state);
  return null;
}

type MutableObject = Record<string, Json>;

function mapOf(node: YAMLMap, depth: number, state: State): Json {
  const map: MutableObject = {};
  const seen = new Set<string>();
  for (const pair of node.items) {
    const key = keyOf(pair);
    const value = convert(pair.value, depth + 1, state);
    if (isMerge(pair)) {
      merge(map, value, pair, state);
      continue;
    }
    if (seen.has(key)) complain(pair.key, 'the key is there twice', state);
    seen.add(key);
    assign(map, key, value);
  }
  state.origins.set(map, node);
  return map;
}

/** As kubectl does it: in order, so that what stands below `<<` wins. */
function merge(map: MutableObject, value: Json, pair: Pair, state: State): void {
  const sources: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]).toReversed() : [value];
  for (const source of sources) {
    if (!isObject(source)) complain(pair.key, 'expected an object to merge', state);
    else for (const [key, item] of Object.entries(source)) assign(map, key, item ?? null);
  }
}

/** `__proto__` is a key like any other, as it is for JSON.parse. */
function assign(map: MutableObject, key: string, value: Json): void {
  if (key !== '__proto__') map[key] = value;
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

export function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

function complain(node: unknown, message: string, state: State): void {
  const offset = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
  state.problems.push({ offset, message });
}
