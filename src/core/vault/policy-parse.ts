/**
 * Reads the text of a policy as the servers do. A text that every server refuses is a problem; where Vault and OpenBao
 * differ, what one of them takes is taken, since a text comes from a server or is to go to one.
 */

import type { Problem } from '../scope/scope.ts';
import { shown } from '../text.ts';
import { decode } from './hcl-decode.ts';
import { parseHcl } from './hcl-parse.ts';
import type { Mistake } from './hcl-reader.ts';
import { isMap } from './hcl-shape.ts';
import type { Block, Item } from './hcl-tree.ts';
import { isJson, parseJson } from './json-parse.ts';
import type { PathRule } from './policy.ts';
import { PATH_KEY_NAMES, PATH_SHAPE, POLICY_SHAPE } from './policy-keys.ts';
import { ruleOf } from './policy-rule.ts';
import { isBalanced } from './template.ts';

export interface ParsedPolicy {
  /** In the order of the text; paths may repeat. Empty when there are problems, as no server has such a policy. */
  readonly rules: readonly PathRule[];
  readonly problems: readonly Problem[];
}

const MAX_LENGTH = 2 ** 20;
/** More mistakes than anyone reads at once. */
const MAX_PROBLEMS = 20;
/** The name of a path that has none: Vault takes the key for it. */
const UNNAMED = 'path';

/** Total. At most 20 problems, the first of them first. */
export function parseVaultPolicy(text: string): ParsedPolicy {
  if (text.length > MAX_LENGTH)
    return refused('', [{ at: 0, message: `longer than ${MAX_LENGTH} characters` }]);
  if (text === '') return refused('', [{ at: 0, message: 'expected a policy: Vault refuses an empty text' }]);
  // What Vault is sent and gives back is JSON, and so well-formed.
  const wellFormed = text.toWellFormed();
  const json = isJson(wellFormed);
  const source = json ? wellFormed : wellFormed.replaceAll('\r\n', '\n');
  const items = json ? parseJson(source) : parseHcl(source);
  if ('message' in items) return refused(source, [items]);
  const rules: PathRule[] = [];
  const mistakes: Mistake[] = [];
  const name = decode(POLICY_SHAPE, { kind: 'items', items, at: 0 });
  if ('message' in name) mistakes.push(name);
  for (const item of items) {
    const read = readItem(item);
    if (read === undefined) continue;
    if ('message' in read) mistakes.push(read);
    else rules.push(read);
    if (mistakes.length >= MAX_PROBLEMS) break;
  }
  return mistakes.length > 0 ? refused(source, mistakes) : { rules, problems: [] };
}

function readItem({ keys, value, at: start }: Item): PathRule | Mistake | undefined {
  const [key, second] = keys;
  if (key?.name === 'name') return undefined;
  if (key?.name !== 'path')
    return { at: start, message: `expected \`path\`, not ${shown(key?.name ?? '', 40)}` };
  const { name: path, at } = second ?? { name: UNNAMED, at: start };
  if (path === undefined) return { at, message: 'expected a string that is text' };
  if (!isBalanced(path)) return { at, message: 'expected a `}}` for every `{{`' };
  if (value.kind !== 'block') return { at: value.at, message: 'expected a block in `{ }`' };
  const decoded = unknownKey(value) ?? decode(PATH_SHAPE, value);
  if ('message' in decoded) return decoded;
  const rule = ruleOf(path, isMap(decoded.value) ? decoded.value : new Map());
  return typeof rule === 'string' ? { at, message: rule } : rule;
}

function unknownKey({ items }: Block): Mistake | undefined {
  const item = items.find(({ keys }) => !PATH_KEY_NAMES.includes(keys[0]?.name ?? ''));
  if (item === undefined) return undefined;
  const name = shown(item.keys[0]?.name ?? '', 40);
  return { at: item.at, message: `unknown key ${name}; expected ${PATH_KEY_NAMES.join(', ')}` };
}

function refused(source: string, mistakes: readonly Mistake[]): ParsedPolicy {
  const problems = mistakes
    .toSorted((left, right) => left.at - right.at)
    .map((mistake) => placed(source, mistake));
  return { rules: [], problems };
}

function placed(source: string, { at, message }: Mistake): Problem {
  const before = source.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: at - lineStart + 1, message };
}
