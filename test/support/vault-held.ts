import { createAcl } from '../../src/core/vault/acl.ts';
import type { VaultHeld, VaultLogin } from '../../src/core/vault/held.ts';
import { CAPABILITIES, type PathRule } from '../../src/core/vault/policy.ts';

/** `read,list secret/*` as a rule of a policy. */
export function pathRule(line: string, constraints: readonly string[] = []): PathRule {
  const [words = '', path = ''] = line.split(' ');
  const wanted = words.split(',');
  const capabilities = CAPABILITIES.filter((one) => wanted.includes(one)).toSorted();
  if (capabilities.length !== wanted.length) throw new Error(`no capabilities: ${words}`);
  return { path, capabilities, constraints };
}

/** A login by the role `shop_api`, which has one policy for each key. */
export function vaultLogin(
  policies: Readonly<Record<string, readonly (string | PathRule)[]>>,
  more: Partial<Omit<VaultLogin, 'terms'>> & { readonly terms?: Partial<VaultLogin['terms']> } = {},
): VaultLogin {
  const texts = Object.entries(policies).map(([name, rules]) => ({
    name,
    rules: rules.map((rule) => (typeof rule === 'string' ? pathRule(rule) : rule)),
  }));
  return {
    connection: 'default',
    mount: 'kubernetes',
    role: 'shop_api',
    acl: createAcl(texts, 'openbao'),
    anyAccount: false,
    unknown: [],
    ...more,
    terms: {
      policies: Object.keys(policies),
      askedAudience: 'vault',
      audiences: ['vault'],
      ttlSeconds: 600,
      maxTtlSeconds: 3600,
      explicitMaxTtlSeconds: undefined,
      periodSeconds: undefined,
      numUses: 0,
      tokenType: 'default',
      ...more.terms,
    },
  };
}

/** The connection `default` is known whole. */
export function vaultHeld(...logins: readonly VaultLogin[]): VaultHeld {
  return { logins, read: ['default'], unread: [] };
}
