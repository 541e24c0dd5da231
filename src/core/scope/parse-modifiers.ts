/** Reads what follows the resource: `[named a,b] [in NAMESPACE | everywhere]`. */

import { nearest } from './nearest.ts';
import { parseList, parseValue } from './parse-value.ts';
import type { ResourceScope } from './scope.ts';
import { KEYWORDS, NAME, NAMESPACE, show } from './tokens.ts';
import { bareText, isKeyword, type Report, type Word } from './words.ts';

type Modifiers = Pick<ResourceScope, 'names' | 'place'>;

/** What people write when they mean one of the keywords. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['-n', 'in'],
  ['--namespace', 'in'],
  ['namespace', 'in'],
  ['ns', 'in'],
  ['name', 'named'],
  ['names', 'named'],
  ['called', 'named'],
  ['-A', 'everywhere'],
  ['--all-namespaces', 'everywhere'],
  ['anywhere', 'everywhere'],
  ['cluster-wide', 'everywhere'],
]);

export function parseModifiers(words: readonly Word[], report: Report): Modifiers | undefined {
  const named = bareText(words[2]) === 'named';
  const names = named ? parseNames(words, report) : [];
  if (names === undefined) return undefined;
  const [word, next, ...rest] = words.slice(named ? 4 : 2);
  if (word === undefined) return { names, place: 'own' };
  switch (bareText(word)) {
    case 'everywhere':
      return ended(next, report) ? { names, place: 'everywhere' } : undefined;
    case 'in': {
      const namespace = parseNamespace(word, next, report);
      return namespace !== undefined && ended(rest[0], report) ? { names, place: { namespace } } : undefined;
    }
    default:
      report(word.column, unexpected(word, next, named));
      return undefined;
  }
}

function parseNames(words: readonly Word[], report: Report): readonly string[] | undefined {
  const list = words[3];
  if (list !== undefined && !isKeyword(list)) return parseList(list, NAME, report);
  report(list?.column ?? words[2]?.end ?? 1, 'expected names after `named`, such as `named api,web`');
  return undefined;
}

function parseNamespace(word: Word, next: Word | undefined, report: Report): string | undefined {
  if (next !== undefined && !isKeyword(next)) return parseValue(next, NAMESPACE, report);
  const hint = bareText(next) === 'everywhere' ? '; `everywhere` stands without `in`' : '';
  report(next?.column ?? word.end, `expected a namespace after \`in\`${hint}`);
  return undefined;
}

function unexpected(word: Word, next: Word | undefined, named: boolean): string {
  const expected = `expected ${named ? '' : '`named NAMES`, '}\`in NAMESPACE\`, \`everywhere\` or the end of the line`;
  const text = bareText(word);
  if (text === undefined) return `unexpected quoted value: ${expected}`;
  const keyword = MEANT.get(text) ?? nearest(text, KEYWORDS);
  const meant = keyword ?? (text.includes(',') ? 'named' : 'in');
  if (named && meant === 'named') return 'expected one list after `named`, as in `named api,web`';
  const hint = completed(meant, keyword === undefined ? text : bareText(next));
  return `unexpected ${show(text)}: ${expected}; did you mean ${show(hint)}?`;
}

function completed(keyword: string, value: string | undefined): string {
  if (keyword === 'everywhere') return keyword;
  return `${keyword} ${value ?? (keyword === 'in' ? 'NAMESPACE' : 'NAMES')}`;
}

function ended(extra: Word | undefined, report: Report): boolean {
  if (extra !== undefined) report(extra.column, afterPlace(extra));
  return extra === undefined;
}

function afterPlace(word: Word): string {
  const text = bareText(word);
  if (text === 'named') return 'expected `named` before the place, as in `get pods named api in shop`';
  if (text === 'in' || text === 'everywhere') return 'expected one place: several places are several lines';
  return 'expected the end of the line after the place';
}
