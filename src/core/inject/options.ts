import { shown } from '../text.ts';

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
  token: { allowed: ['file', 'env', 'none'] },
  agent: { allowed: ['auto', 'sidecar', 'init'] },
  rotate: { allowed: ['none', 'restart'] },
  order: {
    allowed: {
      shape: /^(?:auto|first|after:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/,
      expected: '"auto", "first" or "after:<container>"',
    },
  },
} satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof OPTIONS;

/** What is wrong with the value of an annotation that is one word; `undefined`: nothing. */
export function optionProblem(name: OptionName, value: string): string | undefined {
  const { allowed, instead = {} }: Option = OPTIONS[name];
  const found = `found "${shown(value, 60)}"`;
  if (!('shape' in allowed)) {
    if (allowed.includes(value)) return undefined;
    if (Object.hasOwn(instead, value)) {
      return `"${shown(value, 60)}" is not supported by this release; ${instead[value] ?? ''}`;
    }
    return `expected ${allowed.map((choice) => `"${choice}"`).join(' or ')}, ${found}`;
  }
  return allowed.shape.test(value) ? undefined : `expected ${allowed.expected}, ${found}`;
}
