/** Reads `vault CAPABILITIES PATH`. Capability words and patterns are Vault's own (its vault/policy.go). */

import { CAPABILITIES } from '../vault/policy.ts';
import { nearest } from './nearest.ts';
import { parseList, parseValue } from './parse-value.ts';
import type { VaultScope } from './scope.ts';
import { CAPABILITY, type Shape, show, VAULT_PATH } from './tokens.ts';
import { bareText, type Report, type Word } from './words.ts';

const KNOWN: ReadonlySet<string> = new Set(CAPABILITIES);

/** Words of older policies and of HTTP, and what they are called now. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['get', 'read'],
  ['write', 'create,update'],
  ['put', 'update'],
  ['post', 'update'],
  ['remove', 'delete'],
]);

const KNOWN_CAPABILITY: Shape = { ...CAPABILITY, refusal: unknownCapability };

function unknownCapability(word: string): string | undefined {
  if (KNOWN.has(word)) return undefined;
  const meant = MEANT.get(word.toLowerCase()) ?? nearest(word, KNOWN);
  const hint = meant === undefined ? `expected ${CAPABILITIES.join(', ')}` : `did you mean \`${meant}\`?`;
  return `unknown capability ${show(word)}; ${hint}`;
}

export function parseVault(words: readonly Word[], report: Report): VaultScope | undefined {
  const [vault, second, third, extra] = words;
  if (second === undefined || third === undefined) {
    reportMissing(vault, second, report);
    return undefined;
  }
  const capabilities = parseList(second, KNOWN_CAPABILITY, report);
  const path = capabilities && parsePath(third, report);
  if (capabilities === undefined || path === undefined) return undefined;
  if (extra === undefined) return { kind: 'vault', capabilities, path };
  report(extra.column, 'expected the end of the line: a Vault path has no names and no place');
  return undefined;
}

function reportMissing(vault: Word | undefined, second: Word | undefined, report: Report): void {
  const text = bareText(second);
  if (second === undefined) {
    report(
      vault?.end ?? 1,
      'expected capabilities and a path after `vault`, such as `vault read secret/data/db`',
    );
  } else if (text?.includes('/') === true) {
    report(
      second.column,
      `expected capabilities before the path; did you mean ${show(`vault read ${text}`)}?`,
    );
  } else {
    report(second.end, 'expected a path after the capabilities, such as `vault read secret/data/db`');
  }
}

/** A quoted path is taken as it is. */
function parsePath(word: Word, report: Report): string | undefined {
  const text = bareText(word);
  const problem = text === undefined ? undefined : problemOfPath(text);
  if (problem === undefined) return parseValue(word, VAULT_PATH, report);
  report(word.column + problem.index, problem.message);
  return undefined;
}

function problemOfPath(text: string): { readonly index: number; readonly message: string } | undefined {
  const path = text.replace(/^\/*(?:v1\/+)?/, '');
  if (path !== text) {
    const hint = path === '' ? 'expected a path such as `secret/data/db`' : `write ${show(path)}`;
    return { index: 0, message: `a Vault path starts with its mount, without \`/\` or \`v1/\`: ${hint}` };
  }
  const star = text.indexOf('*');
  if (star >= 0 && star < text.length - 1) {
    return {
      index: star,
      message: '`*` counts only at the end of a Vault path: write `+` for one segment, or quote the path',
    };
  }
  const plus = text.search(/(?<=[^/])\+|\+(?=[^/])/);
  if (plus < 0) return undefined;
  return {
    index: plus,
    message: '`+` stands for one whole segment of a Vault path, as in `kv/data/+/db`: else quote the path',
  };
}
