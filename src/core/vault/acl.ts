import { compareText } from '../scope/canonical.ts';
import { CAPABILITIES, type Capability, type PolicyText } from './policy.ts';
import { byPrecedence } from './precedence.ts';
import { findRule } from './rule-index.ts';

/**
 * Where the products differ in which rule wins: listing `a/b/`, OpenBao prefers the patterns that match `a/b/`, and
 * Vault those that match `a/b`.
 */
export type Dialect = 'openbao' | 'vault';

/** Rules of all policies of a login, one for each pattern, in the order in which Vault prefers them. */
export interface VaultAcl {
  readonly dialect: Dialect;
  readonly rules: readonly AclRule[];
}

export interface AclRule {
  readonly pattern: string;
  /** Those of all policies that name the very same pattern, sorted; `['deny']` alone where one denies. */
  readonly capabilities: readonly Capability[];
  readonly constraints: readonly string[];
  /** Names of the policies that say so, sorted. */
  readonly policies: readonly string[];
}

/** A policy of the name `root` allows everything, whatever its text; no others stand beside it. */
export function createAcl(policies: readonly PolicyText[], dialect: Dialect): VaultAcl {
  if (policies.some(({ name }) => name === ROOT)) return { dialect, rules: [ROOT_RULE] };
  const byPattern = new Map<string, Draft>();
  for (const { name, rules } of policies) {
    for (const { path, capabilities, constraints } of rules) {
      const draft = byPattern.get(path) ?? { granting: newPart(), denying: newPart() };
      byPattern.set(path, draft);
      const part = capabilities.includes('deny') ? draft.denying : draft.granting;
      part.policies.add(name);
      for (const capability of capabilities) part.capabilities.add(capability);
      for (const constraint of constraints) part.constraints.add(constraint);
    }
  }
  const rules = byPrecedence([...byPattern.keys()]).flatMap((pattern) => {
    const draft = byPattern.get(pattern);
    return draft === undefined ? [] : [ruleOf(pattern, draft)];
  });
  return { dialect, rules };
}

/**
 * What `sys/capabilities` answers for a token with these policies: sorted, `['deny']` where nothing is allowed; every
 * capability where it says `root`. It judges as for a list: at a path that ends in a slash, other requests are judged
 * more strictly, which is `withheld`'s business.
 */
export function capabilitiesAt(acl: VaultAcl, path: string): readonly Capability[] {
  const inside = path.replace(/^\/+/u, '');
  const listing = inside.endsWith('/');
  const segments = (listing ? inside.slice(0, -1) : inside).split('/');
  const capabilities = findRule(acl, listing ? 'listing' : 'plain', segments)?.capabilities ?? [];
  return capabilities.length === 0 ? ['deny'] : capabilities;
}

const ROOT = 'root';

const ROOT_RULE: AclRule = {
  pattern: '*',
  capabilities: CAPABILITIES.filter((capability) => capability !== 'deny').toSorted(compareText),
  constraints: [],
  policies: [ROOT],
};

interface Part {
  readonly capabilities: Set<Capability>;
  readonly constraints: Set<string>;
  readonly policies: Set<string>;
}

interface Draft {
  readonly granting: Part;
  readonly denying: Part;
}

function newPart(): Part {
  return { capabilities: new Set(), constraints: new Set(), policies: new Set() };
}

function ruleOf(pattern: string, { granting, denying }: Draft): AclRule {
  const denied = denying.policies.size > 0;
  const { capabilities, constraints, policies } = denied ? denying : granting;
  return {
    pattern,
    capabilities: denied ? ['deny'] : [...capabilities].toSorted(compareText),
    constraints: denied ? [] : [...constraints].toSorted(compareText),
    policies: [...policies].toSorted(compareText),
  };
}
