import { BASELINE } from '../rbac/baseline.ts';
import { effectiveScopes } from '../rbac/effective.ts';
import type { Held, Via } from '../rbac/held.ts';
import { canonical } from '../scope/canonical.ts';
import { combined } from '../scope/combinations.ts';
import { type PlacedRule, ruleOf, uncovered } from '../scope/covers.ts';
import { uncoveredBy } from '../scope/owners.ts';
import type { Resources } from '../scope/resources.ts';
import { lowered, riskOf } from '../scope/risk.ts';
import type { Risk } from '../scope/risk-table.ts';
import type { KubernetesScope, Scope, VaultScope } from '../scope/scope.ts';
import { uncoveredVault } from '../vault/contains.ts';
import type { VaultVia } from '../vault/held.ts';
import { checksOf, collect, type Finding, type Outcome } from './findings.ts';
import { type ForbidLine, forbiddingLine } from './forbid.ts';
import type { CheckName } from './policy.ts';
import { judgeVault, NO_VAULT, type VaultFindings, type VaultInput } from './vault.ts';

/**
 * The verdict on one workload: what it declares against what its account holds. Three values, monotone: a finding that
 * the facts at hand prove is `fail` whatever else is unknown, and `undetermined` is only what the unknown could flip.
 */
export interface VerdictInput {
  /** What the workload itself declares and its credentials imply, placed. Missing and overreach judge these alone. */
  readonly needs: readonly Scope[];
  /** `false`: no needs are declared anywhere; those implied by credentials do not make a workload declared. */
  readonly declared: boolean;
  /** What all workloads that run as the account need, placed. Excess is measured against these. */
  readonly sharedNeeds: readonly Scope[];
  /** Workloads of the same account whose needs are not known, as `Kind name`. */
  readonly undeclaredSiblings: readonly string[];
  readonly held: Held;
  /** Held for a reason that the rules at hand do not show, as the API server says. */
  readonly alsoHeld: readonly KubernetesScope[];
  /** A role that is not found may exist elsewhere (`check DIR`). */
  readonly openWorld: boolean;
  /** The pod gets no API token, so what the account holds cannot be used from it as it is. */
  readonly latent: boolean;
  readonly allow: readonly Scope[];
  readonly forbid: readonly ForbidLine[];
  readonly ceilings: readonly { readonly policy: string; readonly scopes: readonly Scope[] }[];
  readonly resources: Resources;
  /** `undefined`: nothing is known of Vault, and it is not judged. */
  readonly vault: VaultInput | undefined;
}

export interface Verdict {
  readonly checks: Readonly<Record<Exclude<CheckName, 'undetermined'>, Outcome>>;
  /** Sorted; the same for the same facts in any order. */
  readonly findings: readonly Finding[];
  /** How much of each binding is excess: "ClusterRole view: 143 held, 3 needed". */
  readonly bindings: readonly BindingUse[];
}

export interface BindingUse {
  readonly via: Via;
  /** Scopes beyond the baseline. */
  readonly held: number;
  /** Those of them of which nothing is needed. */
  readonly excess: number;
}

/** What every account holds, by content: read from live bindings, an attacker's binding would become baseline. */
export const BASELINE_RULES: readonly PlacedRule[] = BASELINE.flatMap(({ rules }) =>
  rules.map((rule) => ({ rule, namespace: undefined })),
);

/**
 * Scopes looked at in one verdict, some 0.2 s of work: rules can multiply out to millions. Beyond it what was found stays
 * proved and the rest is undetermined.
 */
const MAX_SCOPES = 20_000;

export function judge(input: VerdictInput): Verdict {
  const { excess, forbidden, more, bindings } = judgeHeld(input);
  const vault = judgeVaultOf(input);
  const undeclared = input.declared ? [] : undeclaredBy(more, vault.more);
  const quiet = undeclared.length > 0;
  const findings = collect([
    ...(quiet ? [] : [...judgeMissing(input), ...excess, ...vault.excess]),
    // Credentials are asked for, whatever else is declared.
    ...vault.missing,
    ...forbidden,
    ...vault.forbidden,
    ...judgeNeeds(input),
    ...judgeCeilings(input),
    ...vault.overreach,
    ...undeclared,
  ]);
  return { checks: checksOf(findings), findings, bindings };
}

/** @param login that gives more; it is the reason only where RBAC gives none. */
function undeclaredBy(more: boolean, login: VaultVia | undefined): readonly Finding[] {
  const found = { check: 'undeclared', reason: 'Undeclared' } as const;
  if (more) return [found];
  return login === undefined ? [] : [{ ...found, login }];
}

function judgeVaultOf(input: VerdictInput): VaultFindings {
  const { vault, needs, sharedNeeds, allow, forbid, undeclaredSiblings, openWorld } = input;
  if (vault === undefined) return NO_VAULT;
  return judgeVault(vault, {
    needs: vaultOnly(needs),
    sharedNeeds: vaultOnly(sharedNeeds),
    allow: vaultOnly(allow),
    forbid,
    undeclaredSiblings,
    openWorld,
  });
}

function judgeMissing({ needs, held, alsoHeld, openWorld }: VerdictInput): readonly Finding[] {
  // Roles that may still be filled in could grant a need; they can't take one away, so what is held stays held.
  const unknown = openWorld ? [...held.unfilled, ...held.dangling] : held.unfilled;
  const [maybe] = unknown;
  const rules = [...held.rules, ...alsoHeld.map(ruleOf)];
  return kubernetesOnly(needs).flatMap((need) =>
    uncovered(rules, need).map((scope): Finding => {
      const found = { check: 'missing', scope: canonical(scope) } as const;
      if (maybe === undefined) return { ...found, reason: 'Missing' };
      return { ...found, undetermined: true, reason: 'MissingOrNotYetFilled', via: maybe };
    }),
  );
}

interface HeldFindings {
  readonly excess: readonly Finding[];
  readonly forbidden: readonly Finding[];
  /** More than the baseline is held. */
  readonly more: boolean;
  readonly bindings: readonly BindingUse[];
}

function judgeHeld(input: VerdictInput): HeldFindings {
  const unallowed = uncoveredBy([...kubernetesOnly(input.sharedNeeds), ...kubernetesOnly(input.allow)]);
  const beyond: KubernetesScope[] = [];
  const unneeded: (readonly [scope: KubernetesScope, via: Via])[] = [];
  const open: Finding[] = [];
  const forbidden: Finding[] = [];
  const uses = new Map<Via, { held: number; excess: number }>();
  let seen = 0;
  for (const held of input.held.rules) {
    const use = uses.get(held.via) ?? { held: 0, excess: 0 };
    for (const scope of effectiveScopes(held, input.resources)) {
      seen += 1;
      if (seen > MAX_SCOPES) {
        open.push({ check: 'excess', undetermined: true, reason: 'RuleTooLarge', via: held.via });
        break;
      }
      const beyondBaseline = uncovered(BASELINE_RULES, scope);
      if (beyondBaseline.length === 0) continue;
      beyond.push(...beyondBaseline);
      use.held += 1;
      uses.set(held.via, use);
      forbidden.push(...forbiddenBy(input.forbid, scope, held.via));
      const rest = beyondBaseline.flatMap(unallowed);
      if (atomsIn(rest) === atomsIn(beyondBaseline)) use.excess += 1;
      for (const part of rest) unneeded.push([part, held.via]);
    }
  }
  const together = combined(beyond);
  const excess = unneeded.map(([scope, via]) => excessFinding(canonical(scope), via, { ...input, together }));
  const bindings = [...uses].map(([via, use]) => ({ via, ...use }));
  return { excess: [...excess, ...open], forbidden, more: beyond.length > 0, bindings };
}

function atomsIn(scopes: readonly KubernetesScope[]): number {
  return scopes.reduce(
    (sum, scope) => sum + scope.verbs.length * (scope.kind === 'url' ? 1 : Math.max(1, scope.names.length)),
    0,
  );
}

export function excessFinding(
  scope: KubernetesScope,
  via: Via,
  input: Pick<VerdictInput, 'latent' | 'undeclaredSiblings'> & {
    readonly together?: ReturnType<typeof combined>;
  },
): Finding {
  const { risk: full, reason: why } = input.together?.(scope) ?? riskOf(scope);
  const risk: Risk = input.latent ? lowered(full) : full;
  const [sibling] = input.undeclaredSiblings;
  const found = { check: 'excess', scope, via, risk, why } as const;
  // What a sibling needs is unknown, but nobody's need makes a critical scope harmless.
  if (sibling === undefined || full === 'critical') return { ...found, reason: 'Excess' };
  return { ...found, undetermined: true, reason: 'SharedWithUndeclared', detail: sibling };
}

function judgeNeeds({ needs, forbid }: VerdictInput): readonly Finding[] {
  return needs.flatMap((need) => forbiddenBy(forbid, need, undefined));
}

function forbiddenBy(forbid: VerdictInput['forbid'], scope: Scope, via: Via | undefined): readonly Finding[] {
  const hit = forbiddingLine(forbid, scope);
  if (hit === undefined) return [];
  const reason = via === undefined ? 'ForbiddenNeed' : 'ForbiddenHeld';
  return [{ check: 'forbidden', reason, scope: canonical(scope), via, detail: hit.policy }];
}

function judgeCeilings({ needs, ceilings }: VerdictInput): readonly Finding[] {
  return ceilings.flatMap(({ policy, scopes }) => {
    const rules: readonly PlacedRule[] = kubernetesOnly(scopes).map(ruleOf);
    const beyond = kubernetesOnly(needs).flatMap((need) => uncovered(rules, need));
    // A ceiling that does not speak of Vault sets none there.
    const within = vaultOnly(scopes);
    const beyondInVault =
      within.length === 0 ? [] : vaultOnly(needs).flatMap((need) => uncoveredVault(within, need));
    return [...beyond, ...beyondInVault].map(
      (scope): Finding => ({
        check: 'overreach',
        reason: 'Overreach',
        scope: canonical(scope),
        detail: policy,
      }),
    );
  });
}

export function kubernetesOnly(scopes: readonly Scope[]): readonly KubernetesScope[] {
  return scopes.filter((scope) => scope.kind !== 'vault');
}

export function vaultOnly(scopes: readonly Scope[]): readonly VaultScope[] {
  return scopes.filter((scope) => scope.kind === 'vault');
}
