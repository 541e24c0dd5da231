import { shown } from '../text.ts';

/** What the annotations that are one word may say. */
interface Option {
  readonly allowed: readonly string[] | { readonly shape: RegExp; readonly expected: string };
}

const OPTIONS = {
  inject: { allowed: ['true', 'login', 'wrapped', 'false'] },
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
  const { allowed }: Option = OPTIONS[name];
  const found = `found "${shown(value, 60)}"`;
  if (!('shape' in allowed)) {
    if (allowed.includes(value)) return undefined;
    return `expected ${allowed.map((choice) => `"${choice}"`).join(' or ')}, ${found}`;
  }
  return allowed.shape.test(value) ? undefined : `expected ${allowed.expected}, ${found}`;
}
