import type { Labels } from '../labels.ts';
import { objectKey, type RbacIndex, type Via } from '../rbac/held.ts';
import { withoutOverlap } from '../rbac/least-rules.ts';
import type { Binding, Role } from '../rbac/rules.ts';
import { compareText } from '../scope/canonical.ts';
import { type PlacedRule, ruleOf, uncovered } from '../scope/covers.ts';
import { printScope } from '../scope/print.ts';
import type { Account, KubernetesScope } from '../scope/scope.ts';
import type { Decision } from './decision.ts';
import type { Finding } from './findings.ts';
import { type Narrowing, narrow } from './fix-narrow.ts';
import { type LeastRole, leastRoles } from './fix-roles.ts';
import { fixVault, type VaultFix } from './fix-vault.ts';
import { permittedBy, permittedInVault } from './permitted.ts';
import { kubernetesOnly, type Verdict, type VerdictInput } from './verdict.ts';

/** What an account's verdict rests on, and the objects at hand. */
export interface FixInput {
  readonly account: Account;
  /** Of all workloads of the account that are judged. */
  readonly input: VerdictInput;
  readonly verdict: Pick<Verdict, 'findings'>;
  /** What the policy acts on: a binding without such a finding is left alone. */
  readonly decision: Pick<Decision, 'findings'>;
  readonly objects: RbacObjects;
}

export interface RbacObjects extends Pick<RbacIndex, 'role' | 'binding' | 'bindingsTo'> {
  labels(object: Pick<Role | Binding, 'kind' | 'namespace' | 'name'>): Labels;
}

/** The least change of RBAC after which nothing is missing, and nothing is held in excess that is the account's alone. */
export interface Fix {
  /** New roles, each with its binding. */
  readonly roles: readonly LeastRole[];
  /** Roles of the account alone, with fewer rules. */
  readonly narrowed: readonly NarrowedRole[];
  /** Once the others are applied. */
  readonly deletions: readonly Deletion[];
  /** Changes of Vault roles, and policies of their own. */
  readonly vault: readonly VaultFix[];
  /** What is for a person. */
  readonly advice: readonly Advice[];
}

export interface NarrowedRole extends Pick<Role, 'kind' | 'namespace' | 'name' | 'rules' | 'labels'> {
  readonly via: Via;
  /** Where its binding lets the rules count. */
  readonly namespaceOfRules: string | undefined;
}

export interface Deletion {
  readonly binding: Binding;
  readonly why: string;
}

export interface Advice {
  /** `refused`: must not be given. `ask`: somebody else's. `open`: an unknown stands in the way. */
  readonly kind: 'refused' | 'ask' | 'open';
  readonly text: string;
}

export function fixOf(fix: FixInput): Fix {
  const { input, verdict, decision } = fix;
  const blind = blindness(input, verdict.findings);
  const surplus = blind === undefined ? surplusByBinding(verdict.findings, decision.findings) : [];
  const changes = surplus.map(({ via, scopes }) => ({
    key: objectKey(via.binding),
    ...narrow(via, scopes, fix),
  }));
  const narrowed = changes.flatMap((change) => change.narrowed ?? []);
  const remaining = remainingRules(input, changes);
  const missing = decision.findings.filter(({ check, undetermined }) => check === 'missing' && !undetermined);
  const wanted = [
    ...scopesOf(missing).flatMap((scope) => permittedBy(input, scope)),
    ...changes.flatMap(({ moved }) => moved),
  ];
  const vault = fixVault(input.vault, permittedInVault(input), decision.findings);
  return {
    vault: vault.fixes,
    roles: leastRoles(fix, withoutOverlap(wanted.flatMap((scope) => uncovered(remaining, scope)))),
    narrowed,
    deletions: changes.flatMap(({ deletion }) => deletion ?? []),
    advice: [
      ...refusals(verdict.findings),
      ...changes.flatMap(({ advice }) => advice ?? []),
      ...uniqueTexts(vault.advice),
      ...unknowns(decision.findings, blind),
    ],
  };
}

/** One policy may be too much in many ways. */
function uniqueTexts(advice: readonly Advice[]): readonly Advice[] {
  return [...new Map(advice.map((one) => [one.text, one])).values()];
}

/** Without everybody's needs nobody can say what may go. */
function blindness(
  { declared, undeclaredSiblings: [sibling] }: VerdictInput,
  findings: readonly Finding[],
): string | undefined {
  if (!declared) return 'declare the needs first: without them nobody can say what is missing or too much';
  if (findings.some(({ reason }) => reason === 'RuleTooLarge')) {
    return 'what is too much is left alone: a rule multiplies out to more scopes than are looked at, so split its role';
  }
  if (sibling === undefined) return undefined;
  return `what is too much is left alone: the account is shared with ${sibling}, whose needs are not known`;
}

function scopesOf(findings: readonly Finding[]): readonly KubernetesScope[] {
  return kubernetesOnly(findings.flatMap(({ scope }) => scope ?? []));
}

interface Surplus {
  readonly via: Via;
  readonly scopes: readonly KubernetesScope[];
}

/** All that is too much by way of a binding, where some of it is acted on. */
function surplusByBinding(findings: readonly Finding[], acted: readonly Finding[]): readonly Surplus[] {
  const bindings = new Set(
    acted.flatMap(({ via, undetermined }) => (via && !undetermined ? [objectKey(via.binding)] : [])),
  );
  const byBinding = new Map<string, { via: Via; scopes: KubernetesScope[] }>();
  for (const finding of findings) {
    const { via, check, undetermined } = finding;
    if (via === undefined || undetermined || (check !== 'excess' && check !== 'forbidden')) continue;
    if (!bindings.has(objectKey(via.binding))) continue;
    const entry = byBinding.get(objectKey(via.binding)) ?? { via, scopes: [] };
    entry.scopes.push(...scopesOf([finding]));
    byBinding.set(objectKey(via.binding), entry);
  }
  return [...byBinding].toSorted(([a], [b]) => compareText(a, b)).map(([, entry]) => entry);
}

/** What is held once the changes are made. */
function remainingRules(
  { held, alsoHeld }: VerdictInput,
  changes: readonly (Narrowing & { readonly key: string })[],
): readonly PlacedRule[] {
  const gone = new Set(
    changes.filter(({ narrowed, deletion }) => narrowed ?? deletion).map(({ key }) => key),
  );
  const left = changes.flatMap(({ narrowed }) =>
    narrowed === undefined
      ? []
      : narrowed.rules.map((rule) => ({ rule, namespace: narrowed.namespaceOfRules })),
  );
  return [
    ...held.rules.filter(({ via }) => !gone.has(objectKey(via.binding))),
    ...left,
    ...alsoHeld.map(ruleOf),
  ];
}

function refusals(findings: readonly Finding[]): readonly Advice[] {
  return findings.flatMap(({ reason, scope, detail, undetermined }): readonly Advice[] => {
    if (scope === undefined || undetermined) return [];
    const what = printScope(scope);
    if (reason === 'ForbiddenNeed') {
      const text = `${what} is forbidden by policy ${detail}: take it out of countersign.dev/needs`;
      return [{ kind: 'refused', text }];
    }
    if (reason !== 'Overreach') return [];
    const text = `${what} is beyond the ceiling of policy ${detail}: stay within it, or ask its owner`;
    return [{ kind: 'refused', text }];
  });
}

function unknowns(findings: readonly Finding[], blind: string | undefined): readonly Advice[] {
  const held = findings.some(({ check, via }) => check === 'undeclared' || via !== undefined);
  const maybe = findings.flatMap(({ check, undetermined, scope, via }): readonly Advice[] => {
    if (check !== 'missing' || !undetermined || scope === undefined || via === undefined) return [];
    const role = `${via.role.kind} ${via.role.name}`;
    return [
      { kind: 'open', text: `${printScope(scope)} may be given by ${role}, whose rules are not known` },
    ];
  });
  return [...(blind !== undefined && held ? [{ kind: 'open', text: blind } as const] : []), ...maybe];
}
