import { canonical } from '../scope/canonical.ts';
import { type PlacedRule, ruleOf, uncovered } from '../scope/covers.ts';
import { printScope } from '../scope/print.ts';
import { resolveScopes } from '../scope/resolve.ts';
import type { Account, KubernetesScope, VaultScope } from '../scope/scope.ts';
import { uncoveredVault } from '../vault/contains.ts';
import { checksOf, collect, type Finding } from './findings.ts';
import type { LiveGrant, WorkloadName } from './grants.ts';
import type { WaivableCheck } from './policy.ts';
import { excessFinding, type Verdict, type VerdictInput, vaultOnly } from './verdict.ts';

/** Whom a grant has to be for, and what the policy lets any grant waive. */
export interface WaiveContext {
  readonly account: Account;
  readonly accountUid: string | undefined;
  /** The workload, and those that control it. */
  readonly workloads: readonly WorkloadName[];
  readonly mayWaive: readonly WaivableCheck[];
  readonly input: Pick<VerdictInput, 'resources' | 'latent' | 'undeclaredSiblings'>;
}

export interface Waived {
  readonly verdict: Verdict;
  /** Those that waived something. */
  readonly used: readonly LiveGrant[];
}

/**
 * The verdict without what grants cover: the one place that says what a grant covers. Of a finding that is covered in part
 * the rest stays. What is forbidden is never waived.
 */
export function waive(verdict: Verdict, grants: readonly LiveGrant[], context: WaiveContext): Waived {
  const used = new Set<LiveGrant>();
  let { findings } = verdict;
  for (const live of grants) {
    if (!isFor(live, context)) continue;
    const waiver = waiverOf(live, context);
    findings = findings.flatMap((finding) => {
      const rest = waiver(finding);
      if (rest === undefined) return [finding];
      used.add(live);
      return rest;
    });
  }
  if (used.size === 0) return { verdict, used: [] };
  const collected = collect(findings);
  return { verdict: { ...verdict, findings: collected, checks: checksOf(collected) }, used: [...used] };
}

function isFor({ grant }: LiveGrant, { account, accountUid, workloads }: WaiveContext): boolean {
  const { workload } = grant;
  return (
    grant.namespace === account.namespace &&
    grant.account.name === account.name &&
    (grant.account.uid === undefined || grant.account.uid === accountUid) &&
    (workload === undefined ||
      workloads.some(({ kind, name }) => kind === workload.kind && name === workload.name))
  );
}

/** What is left of a finding; `undefined` where the grant does not touch it. */
type Waiver = (finding: Finding) => readonly Finding[] | undefined;

function waiverOf({ grant }: LiveGrant, { mayWaive, input }: WaiveContext): Waiver {
  const scopes = resolveScopes(grant.scopes, grant.namespace, input.resources).scopes;
  const rules = scopes.flatMap((scope) => (scope.kind === 'vault' ? [] : [ruleOf(scope)]));
  const vault = vaultOnly(scopes);
  const checks: readonly Finding['check'][] = grant.checks.filter((check) => mayWaive.includes(check));
  return (finding) => {
    const { check, scope } = finding;
    if (check === 'forbidden' || !checks.includes(check)) return undefined;
    // It says that there is nothing to measure against, so it has no scope.
    if (check === 'undeclared') return [];
    if (scope === undefined) return undefined;
    if (scope.kind === 'vault') return vaultRest(scope, vault)?.map((part) => ({ ...finding, scope: part }));
    return kubernetesRest(rules, scope)?.map((part) => withScope(finding, part, input));
  };
}

function kubernetesRest(
  rules: readonly PlacedRule[],
  scope: KubernetesScope,
): readonly KubernetesScope[] | undefined {
  const rest = uncovered(rules, scope).map(canonical);
  const [only] = rest;
  const untouched = only !== undefined && printScope(only) === printScope(canonical(scope));
  return untouched ? undefined : rest;
}

/** What is left of an excess may be less of a risk, and then a sibling's unknown needs count again. */
function withScope(finding: Finding, scope: KubernetesScope, input: WaiveContext['input']): Finding {
  if (finding.check !== 'excess' || finding.via === undefined) return { ...finding, scope };
  const rest = excessFinding(scope, finding.via, input);
  return finding.undetermined ? { ...finding, scope, risk: rest.risk ?? 'low', why: rest.why } : rest;
}

function vaultRest(scope: VaultScope, grants: readonly VaultScope[]): readonly VaultScope[] | undefined {
  const rest = uncoveredVault(grants, scope);
  const left = rest.flatMap(({ capabilities }) => capabilities).length;
  return left === scope.capabilities.length ? undefined : rest.map(canonical);
}
