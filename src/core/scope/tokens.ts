/**
 * How the words of the scope language are spelled: what may stand bare, and how everything else is quoted. Parser and
 * printer share this table, so a token that prints bare always reads back as itself.
 */

export interface Shape {
  /** What it is called in messages, with its article. */
  readonly name: string;
  readonly bare: RegExp;
  /** The characters that may never stand bare in it. */
  readonly foreign: RegExp;
  /** Words that mean something else in this position. */
  readonly reserved: ReadonlySet<string>;
  /** What to say about a foreign character that people write on purpose. */
  readonly hints: Readonly<Record<string, string | undefined>>;
  /** What it looks like, where that is more than its characters. */
  readonly pattern?: string;
  /** Why a value is refused, bare or quoted; `undefined` when it is not. */
  readonly refusal?: (text: string) => string | undefined;
}

export const KEYWORDS: ReadonlySet<string> = new Set(['named', 'in', 'everywhere']);
const NONE: ReadonlySet<string> = new Set();
const ALONE = '`*` stands alone, RBAC has no patterns';
const ONE_RESOURCE = 'one resource a line';
const GROUP_FIRST = 'the group stands before the subresource, as in `deployments.apps/scale`';

export const VERB: Shape = {
  name: 'a verb',
  bare: /^(?:\*|[A-Za-z0-9:_-]+)$/,
  foreign: /[^A-Za-z0-9:_-]/u,
  reserved: new Set([...KEYWORDS, 'vault']),
  hints: { '*': ALONE },
};

export const RESOURCE: Shape = {
  name: 'a resource',
  bare: /^(?:\*|[A-Za-z0-9_-]+)$/,
  foreign: /[^A-Za-z0-9_-]/u,
  reserved: new Set([...KEYWORDS, 'url']),
  hints: { '*': ALONE, ',': ONE_RESOURCE },
  refusal: slashInside,
};

export const GROUP: Shape = {
  name: 'an API group',
  bare: /^(?:\*|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/,
  foreign: /[^A-Za-z0-9._-]/u,
  reserved: NONE,
  hints: { '*': ALONE, ',': ONE_RESOURCE },
};

export const SUBRESOURCE: Shape = {
  name: 'a subresource',
  bare: /^(?:\*|[A-Za-z0-9_-]+)$/,
  foreign: /[^A-Za-z0-9_-]/u,
  reserved: NONE,
  hints: { '*': ALONE, ',': ONE_RESOURCE, '.': GROUP_FIRST },
};

/** The braces are a policy's placeholders: `{namespace}`. */
export const NAME: Shape = {
  name: 'a name',
  bare: /^[A-Za-z0-9._:@/{}-]+$/,
  foreign: /[^A-Za-z0-9._:@/{}-]/u,
  reserved: KEYWORDS,
  hints: {
    '*': 'resourceNames have no patterns: leave `named` out for every name, or write "*" for that very name',
  },
};

export const NAMESPACE: Shape = {
  name: 'a namespace',
  bare: NAME.bare,
  foreign: NAME.foreign,
  reserved: KEYWORDS,
  hints: { '*': 'write `everywhere` for every namespace', ',': 'one namespace a line' },
};

export const URL_PATH: Shape = {
  name: 'a URL',
  pattern: 'it starts with `/`',
  bare: /^\/[A-Za-z0-9._~%:@=+/-]*\*?$/,
  foreign: /[^A-Za-z0-9._~%:@=+/-]/u,
  reserved: NONE,
  hints: { '*': '`*` counts only at the end of a path, and every URL is `url "*"`', ',': 'one URL a line' },
};

export const CAPABILITY: Shape = {
  name: 'a capability',
  bare: /^[A-Za-z]+$/,
  foreign: /[^A-Za-z]/u,
  reserved: NONE,
  hints: {},
};

export const VAULT_PATH: Shape = {
  name: 'a Vault path',
  bare: /^(?!\/|v1\/)(?=.)(?:[A-Za-z0-9._~%:@={}/-]|(?<![^/])\+(?![^/]))*\*?$/,
  foreign: /[^A-Za-z0-9._~%:@={}+*/-]/u,
  reserved: NONE,
  hints: { ',': 'one path a line' },
};

/** In a resource only a quoted `/` comes so far: it would be taken for the start of the subresource when it is printed. */
function slashInside(text: string): string | undefined {
  if (!text.includes('/')) return undefined;
  const meant = text.startsWith('/')
    ? `write ${show(`get ${spell(text, URL_PATH)}`)} for a URL`
    : 'write it outside of the quotes';
  return `unexpected \`/\` in a quoted resource: ${meant}`;
}

/** A JSON string of printable ASCII: nothing in it can move a terminal's cursor, reorder text or look like another letter. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]|[^ -~]/g, escapeUnit)}"`;
}

function escapeUnit(unit: string): string {
  if (unit === '"' || unit === '\\') return `\\${unit}`;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export function spell(text: string, shape: Shape): string {
  return shape.bare.test(text) && !shape.reserved.has(text) ? text : quote(text);
}

const SHOWN_LENGTH = 80;

/** Foreign text inside a message: short and safe to print. */
export function show(text: string): string {
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 3)}...` : text;
  return /^[ -_a-~]+$/.test(shown) ? `\`${shown}\`` : quote(shown);
}
