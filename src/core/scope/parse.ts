/**
 * Reads the scope language. Purely syntactic and total: whether a verb, a resource or a namespace exists is not asked here,
 * because RBAC lets a rule name anything.
 */

import { parseModifiers } from './parse-modifiers.ts';
import { parseList, parseValue } from './parse-value.ts';
import { parseVault } from './parse-vault.ts';
import type { Problem, ResourceScope, Scope, UrlScope } from './scope.ts';
import { GROUP, RESOURCE, SUBRESOURCE, URL_PATH, VERB } from './tokens.ts';
import { bareText, isKeyword, type Report, split, type Word, wordsOf } from './words.ts';

export interface ParsedScope {
  readonly scope: Scope;
  readonly line: number;
  readonly column: number;
  /** The expression as it was written, without its comment; safe to print. */
  readonly text: string;
}

export interface Parsed {
  readonly scopes: readonly ParsedScope[];
  readonly problems: readonly Problem[];
}

/** One expression a line; `#` starts a comment. The first problem of each line is reported, and the other lines still count. */
export function parseScopes(text: string): Parsed {
  const scopes: ParsedScope[] = [];
  const problems: Problem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const line = index + 1;
    const words = wordsOf(content, (column, message) => problems.push({ line, column, message }));
    const first = words?.[0];
    const last = words?.at(-1);
    if (words === undefined || first === undefined || last === undefined) continue;
    const scope = parseExpression(words, (column, message) => problems.push({ line, column, message }));
    if (scope === undefined) continue;
    scopes.push({ scope, line, column: first.column, text: content.slice(first.column - 1, last.end - 1) });
  }
  return { scopes, problems };
}

function parseExpression(words: readonly Word[], report: Report): Scope | undefined {
  const [first, second] = words;
  if (first === undefined) return undefined;
  if (bareText(first) === 'vault') return parseVault(words, report);
  if (startsBare(first, '/')) {
    report(first.column, 'expected verbs before the URL, such as `get /metrics`');
    return undefined;
  }
  const verbs = parseList(first, VERB, report);
  if (verbs === undefined) return undefined;
  if (second === undefined) {
    report(first.end, 'expected a resource or a URL after the verbs, such as `get pods`');
    return undefined;
  }
  const word = bareText(second);
  if (word === 'url' || startsBare(second, '/')) return parseUrl(verbs, words, report);
  if (isKeyword(second)) {
    report(
      second.column,
      `expected a resource before \`${word}\`; as the name of a resource write "${word}"`,
    );
    return undefined;
  }
  const resource = parseResource(second, report);
  const modifiers = resource && parseModifiers(words, report);
  return modifiers && { kind: 'resource', verbs, ...resource, ...modifiers };
}

function startsBare(word: Word, start: string): boolean {
  const piece = word.pieces[0];
  return piece !== undefined && !piece.quoted && piece.text.startsWith(start);
}

function parseUrl(verbs: readonly string[], words: readonly Word[], report: Report): UrlScope | undefined {
  const at = bareText(words[1]) === 'url' ? 2 : 1;
  const word = words[at];
  const extra = words[at + 1];
  if (word === undefined) {
    report(words[1]?.end ?? 1, 'expected a URL after `url`; as the name of a resource write "url"');
    return undefined;
  }
  const url = parseValue(word, URL_PATH, report);
  if (url === undefined) return undefined;
  if (extra === undefined) return { kind: 'url', verbs, url };
  report(extra.column, 'expected the end of the line: a URL has no names and no place');
  return undefined;
}

/** `resource[.group][/subresource]`, each part bare or quoted. */
function parseResource(word: Word, report: Report): Pick<ResourceScope, 'group' | 'resource'> | undefined {
  const [path = word, subWord] = split(word, '/', 2);
  const [baseWord = word, groupWord] = split(path, '.', 2);
  const base = parseValue(baseWord, RESOURCE, report);
  if (base === undefined) return undefined;
  const group = parseGroup(groupWord, bareText(baseWord), report);
  if (group === undefined) return undefined;
  if (subWord === undefined) return { group, resource: base };
  const sub = parseValue(subWord, SUBRESOURCE, report);
  return sub === undefined ? undefined : { group, resource: `${base}/${sub}` };
}

/** No group is the core group, whose real name is empty; a bare `*` without one is every resource of every group. */
function parseGroup(word: Word | undefined, base: string | undefined, report: Report): string | undefined {
  if (word === undefined) return base === '*' ? '*' : '';
  return bareText(word) === 'core' ? '' : parseValue(word, GROUP, report);
}
