import { effectiveScopes } from '../rbac/effective.ts';
import type { Via } from '../rbac/held.ts';
import { canonical, compareText } from '../scope/canonical.ts';
import { uncovered } from '../scope/covers.ts';
import { uncoveredBy } from '../scope/owners.ts';
import { printScope } from '../scope/print.ts';
import { lowered, RISKS, riskOf } from '../scope/risk.ts';
import type { Account, KubernetesScope, Scope } from '../scope/scope.ts';
import { shown } from '../text.ts';
import { type Finding, heldBy, viaText } from '../verdict/findings.ts';
import { reasonOf } from '../verdict/reasons.ts';
import { BASELINE_RULES, judge, kubernetesOnly, type VerdictInput } from '../verdict/verdict.ts';
import type { AccountAccess, ScopeAccess, ScopeState, WorkloadAccess } from './access-report.ts';
import { heldInVault, vaultRolesOf } from './vault-access.ts';

export interface AccessInput {
  readonly account: Account;
  readonly workloads: readonly WorkloadAccess[];
  /** Of all workloads of the account together. */
  readonly input: VerdictInput;
  /** Not every binding is known, so what is missing may be held all the same. */
  readonly partial: boolean;
}

const MAX_TEXT = 500;
/** Of one account: a rule can multiply out to millions. */
const MAX_SCOPES = 500;
const MAX_LOOKED_AT = 20_000;
const MAX_NOTES = 20;

/** What the verdict on an account says of all that it holds. What a grant waives is in it all the same. */
export function accessOf({ account, workloads, input, partial }: AccessInput): AccountAccess {
  const { findings } = judge(input);
  const rows = unique([
    ...findings.flatMap((finding) => judgedRow(finding, input, partial)),
    ...restOf(input, findings),
  ]);
  const count = (state: ScopeState) => rows.filter((row) => row.state === state).length;
  const excess = rows.filter(({ state }) => state === 'excess');
  const ofRisk = (risk: ScopeAccess['risk']) => excess.filter((row) => row.risk === risk).length;
  return {
    namespace: shown(account.namespace),
    serviceAccount: shown(account.name),
    shared: workloads.length > 1,
    workloads,
    held: rows.length - count('missing'),
    needed: count('needed'),
    missing: count('missing'),
    unknown: count('unknown'),
    excess: {
      critical: ofRisk('critical'),
      high: ofRisk('high'),
      medium: ofRisk('medium'),
      low: ofRisk('low'),
    },
    vaultRoles: vaultRolesOf(input.vault),
    scopes: rows.slice(0, MAX_SCOPES),
    moreScopes: Math.max(0, rows.length - MAX_SCOPES),
    notes: workloads.length === 0 ? idleNotes(input, findings) : notesOf(findings),
  };
}

/** What a finding says of a scope. */
function judgedRow(finding: Finding, input: VerdictInput, partial: boolean): readonly ScopeAccess[] {
  const { check, scope, risk, undetermined } = finding;
  if (scope === undefined || (check !== 'missing' && check !== 'excess')) return [];
  if (check === 'missing')
    return [rowOf('missing', scope, '', { undetermined: partial || undetermined === true })];
  const state = undetermined ? 'unknown' : 'excess';
  const more = { undetermined: undetermined === true, risk, why: finding.why, latent: input.latent };
  return [rowOf(state, scope, heldBy(finding), more)];
}

/** What is held beside the excess: needed, or of an account that declares nothing not known to be. */
function restOf(input: VerdictInput, findings: readonly Finding[]): readonly ScopeAccess[] {
  const state = input.declared ? 'needed' : 'unknown';
  const excess = findings.filter(({ check }) => check === 'excess');
  const more = { undetermined: !input.declared, latent: input.latent };
  const rows: ScopeAccess[] = [];
  for (const [scope, via] of heldBeside(input, excess)) rows.push(rowOf(state, scope, viaText(via), more));
  for (const { scope, login } of heldInVault(input.vault, excess)) {
    rows.push(rowOf(state, scope, heldBy({ login }), more));
  }
  return rows;
}

function* heldBeside(
  { held, resources }: VerdictInput,
  excess: readonly Finding[],
): Generator<readonly [KubernetesScope, Via]> {
  const byVia = Map.groupBy(excess, ({ via }) => (via === undefined ? '' : viaText(via)));
  let seen = 0;
  for (const rule of held.rules) {
    const surplus = byVia.get(viaText(rule.via)) ?? [];
    const without = uncoveredBy(kubernetesOnly(surplus.flatMap(({ scope }) => scope ?? [])));
    for (const scope of effectiveScopes(rule, resources)) {
      seen += 1;
      if (seen > MAX_LOOKED_AT) return;
      for (const part of uncovered(BASELINE_RULES, scope).flatMap(without)) yield [part, rule.via];
    }
  }
}

interface More {
  readonly undetermined: boolean;
  readonly risk?: ScopeAccess['risk'] | undefined;
  readonly why?: string | undefined;
  /** The pods get no token to use it with. */
  readonly latent?: boolean;
}

function rowOf(state: ScopeState, scope: Scope, via: string, more: More): ScopeAccess {
  const { risk, reason } = riskOf(scope);
  const own = more.latent === true && scope.kind !== 'vault' ? lowered(risk) : risk;
  const why = more.why ?? reason;
  return {
    state,
    undetermined: more.undetermined,
    scope: shown(printScope(canonical(scope)), MAX_TEXT),
    risk: more.risk ?? own,
    ...(why !== undefined && { why: shown(why, MAX_TEXT) }),
    via: shown(via, MAX_TEXT),
  };
}

const STATES: readonly ScopeState[] = ['missing', 'excess', 'unknown', 'needed'];

/** Sorted: what is to be done first, and of it the worst. */
function unique(rows: readonly ScopeAccess[]): readonly ScopeAccess[] {
  const keyed = new Map(rows.map((row) => [sortKey(row), row]));
  return [...keyed].toSorted(([a], [b]) => compareText(a, b)).map(([, row]) => row);
}

function sortKey({ state, risk, scope, via }: ScopeAccess): string {
  return [STATES.indexOf(state), RISKS.indexOf(risk), scope, via].join('\n');
}

const IDLE =
  'no workload that is listed here runs as it now: what it holds is used from outside, by pods without a workload, or by nobody';
const DECLARE_IDLE = 'countersign.dev/needs on the ServiceAccount would say what is needed of it';

/** Nobody is there to declare anything, but the account itself. */
function idleNotes({ declared }: VerdictInput, findings: readonly Finding[]): readonly string[] {
  const others = notesOf(findings.filter(({ check }) => check !== 'undeclared'));
  return [IDLE, ...(declared ? [] : [DECLARE_IDLE]), ...others];
}

function notesOf(findings: readonly Finding[]): readonly string[] {
  const notes = findings.flatMap((finding) => {
    if (finding.scope !== undefined) return [];
    const more = [heldBy(finding), finding.detail ?? ''].filter(Boolean).join('; ');
    const { sentence } = reasonOf(finding.reason);
    return [shown(more === '' ? sentence : `${sentence} (${more})`, MAX_TEXT)];
  });
  return [...new Set(notes)].slice(0, MAX_NOTES);
}
