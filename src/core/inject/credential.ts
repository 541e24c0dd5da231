import { shown } from '../text.ts';
import { PREFIX } from './annotations.ts';
import { splitWords, unquote } from './words.ts';

/** One credential of a request: what to read from Vault, or what to write to get it. */
export interface CredentialRequest {
  readonly name: string;
  readonly operation: 'read' | 'write';
  /** The API path, without `/v1/`. */
  readonly path: string;
  /** For `write`: the body. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `refresh.<name>`: how often a value without a lease is read again. */
  readonly refreshSeconds?: number;
}

export interface CredentialText {
  readonly operation: CredentialRequest['operation'];
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
}

const PARAMETER_NAME = /^[A-Za-z][A-Za-z0-9_.-]*$/;
const MAX_PATH = 512;

/**
 * `PATH`, or `write PATH key=value …`. A path or a value with white space in it is written as a JSON string.
 */
export function parseCredential(text: string): CredentialText {
  const problems: string[] = [];
  const words = splitWords(text, problems);
  const write = words[0] === 'write';
  const [first, ...rest] = write ? words.slice(1) : words;
  const path = first === undefined ? undefined : unquote(first);
  if (problems.length === 0 && first === undefined) {
    problems.push(write ? 'expected a Vault path behind "write"' : 'expected a Vault path');
  }
  if (first !== undefined && path === undefined) problems.push('the path is not a valid JSON string');
  if (path !== undefined) problems.push(...pathProblems(path));
  if (!write && rest.length > 0) {
    problems.push(
      `expected one Vault path, found ${rest.length} more words; "write PATH key=value" calls a path`,
    );
  }
  const parameters = write ? parseParameters(rest, problems) : {};
  return { operation: write ? 'write' : 'read', path: path ?? '', parameters, problems };
}

/** Values are never repeated in a message. */
function parseParameters(words: readonly string[], problems: string[]): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(equals, 0));
    const value = unquote(word.slice(equals + 1));
    if (!PARAMETER_NAME.test(name)) {
      problems.push('expected key=value behind the path, the key of letters, digits, "_", "-" and "."');
    } else if (value === undefined) {
      problems.push(`the value of ${shown(name, 60)} is not a valid JSON string`);
    } else if (parameters.has(name)) problems.push(`${shown(name, 60)} is given twice`);
    else parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

/** What to say of a name that no credential has, and what to add. */
export function noCredential(name: string): string {
  return `there is no credential ${name}; add ${PREFIX}credential.${name}: <Vault path>`;
}

const PATH_RULES: readonly { readonly wrong: RegExp; readonly message: string }[] = [
  { wrong: /^$/, message: 'the path is empty' },
  { wrong: /[\p{Cc}\p{Cs}]/u, message: 'the path holds a control character or half a surrogate pair' },
  { wrong: /^\//, message: 'the path starts with a slash; write it as "secret/data/app"' },
  { wrong: /^\/?v1\//, message: 'the path starts with "v1/"; leave that away' },
  { wrong: /.\/$/, message: 'the path ends in a slash; only single entries can be read' },
  { wrong: /\/\//, message: 'the path has an empty segment ("//")' },
  { wrong: /(?:^|\/)\.\.?(?:\/|$)/, message: 'the path has a "." or ".." segment' },
  { wrong: /\?/, message: 'the path holds a query ("?"); use "write PATH key=value" to pass parameters' },
  {
    wrong: /#/,
    message: 'the path holds "#"; name the field where it is used: file.<file name>: name.field',
  },
  { wrong: /[%\\]/, message: 'the path holds "%" or a backslash; write it plainly, without escapes' },
  { wrong: /\*$|(?:^|\/)\+(?:\/|$)/, message: 'the path is a pattern ("*" or "+"); name one path' },
];

function pathProblems(path: string): readonly string[] {
  if (path.length > MAX_PATH) return [`the path is longer than ${MAX_PATH} characters`];
  return PATH_RULES.filter(({ wrong }) => wrong.test(path)).map(({ message }) => message);
}
