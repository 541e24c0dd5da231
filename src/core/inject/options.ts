import { shown } from '../text.ts';
import { PREFIX } from './annotations.ts';
import { VAULT_TOKEN_FILE } from './names.ts';

/**
 * What the annotations that are one word may say, and what to write in place of a word that this release
 * can't honour.
 */
interface Option {
  readonly allowed: readonly string[] | { readonly shape: RegExp; readonly expected: string };
  readonly instead?: Readonly<Record<string, string>>;
}

const OPTIONS = {
  inject: {
    allowed: ['true', 'login', 'false'],
    instead: { wrapped: 'use "login": the pod logs in with its own service-account token' },
  },
  vault: {
    allowed: {
      shape: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
      expected: 'the name of a connection (small letters, digits, "-")',
    },
  },
  'vault-role': {
    /** Vault's own rule for names (sdk/framework/path.go), with a bound. */
    allowed: {
      shape: /^\w(?:[\w.-]{0,251}\w)?$/,
      expected: 'the name of a Vault role (letters, digits, "_", "-", ".")',
    },
  },
  token: {
    allowed: ['file', 'none'],
    instead: { env: `use "file": the token is then in the file "${VAULT_TOKEN_FILE}"` },
  },
  agent: {
    allowed: ['auto', 'init'],
    instead: { sidecar: 'use "init": credentials are fetched once, when the pod starts' },
  },
  order: { allowed: ['auto', 'first'], instead: { after: 'use "auto" or "first"' } },
} satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof OPTIONS;

/** What is wrong with the value of an annotation that is one word; `undefined`: nothing. */
export function optionProblem(name: OptionName, value: string): string | undefined {
  const { allowed, instead = {} }: Option = OPTIONS[name];
  const found = `found "${shown(value, 60)}"`;
  if (!('shape' in allowed)) {
    if (allowed.includes(value)) return undefined;
    const [word = ''] = value.split(':', 1);
    if (Object.hasOwn(instead, word)) return unsupported(`"${shown(value, 60)}"`, instead[word] ?? '');
    return `expected ${allowed.map((choice) => `"${choice}"`).join(' or ')}, ${found}`;
  }
  return allowed.shape.test(value) ? undefined : `expected ${allowed.expected}, ${found}`;
}

export function unsupported(what: string, instead: string): string {
  return `${what} is not supported by this release; ${instead}`;
}

/** Annotations that this release refuses whatever they say, and what to do instead. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  env: `let the program read a file (${PREFIX}file.<file name>)`,
  identity: `read the token as a credential (${PREFIX}credential.<name>: identity/oidc/token/<role>)`,
  refresh: 'values are read once, when the pod starts',
  notify: 'files do not change while the pod runs',
  rotate: 'files do not change while the pod runs',
};
