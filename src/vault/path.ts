/**
 * Vault API paths: which are well formed, and how one is written in a URL so that Vault reads exactly that
 * path.
 */
import { CountersignError } from '../core/errors.ts';
import { shown } from '../core/text.ts';

const maxLength = 1024;
const controlCharacter = /\p{Cc}/u;

/** What is wrong with a path as a person writes it (`secret/data/db`, no `/v1/`), or `undefined`. */
export function pathProblem(path: string): string | undefined {
  if (path.length > maxLength) return `expected a Vault path of at most ${maxLength} characters`;
  if (controlCharacter.test(path) || !path.isWellFormed())
    return 'expected a Vault path without control characters';
  for (const segment of path.split('/')) {
    if (segment === '') return 'expected a Vault path without empty segments, such as secret/data/db';
    if (segment === '.' || segment === '..') return 'expected a Vault path without . and .. segments';
  }
  return undefined;
}

/**
 * Every character that means something in a URL is escaped, so node-vault, which edits the paths that it is
 * given, finds nothing to edit. Throws ERR_CONFIG.
 */
export function encodePath(path: string): string {
  const problem = pathProblem(path);
  if (problem !== undefined)
    throw new CountersignError('ERR_CONFIG', `vault path ${shown(path, 200)}: ${problem}`);
  return path.split('/').map(encodeURIComponent).join('/');
}
