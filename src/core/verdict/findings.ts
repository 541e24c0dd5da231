import type { Via } from '../rbac/held.ts';
import { compareText } from '../scope/canonical.ts';
import { printScope } from '../scope/print.ts';
import { RISKS } from '../scope/risk.ts';
import type { Risk } from '../scope/risk-table.ts';
import type { Scope } from '../scope/scope.ts';
import type { VaultVia } from '../vault/held.ts';
import type { CheckName } from './policy.ts';
import type { ReasonCode } from './reasons.ts';

export type Outcome = 'pass' | 'fail' | 'undetermined';

/** One thing found. It is proved unless `undetermined`. */
export interface Finding {
  readonly check: Exclude<CheckName, 'undetermined'>;
  readonly reason: ReasonCode;
  readonly undetermined?: true;
  readonly scope?: Scope;
  /** Why it is held, by RBAC. */
  readonly via?: Via | undefined;
  /** Why it is held, or by which login it would have to be, in Vault. */
  readonly login?: VaultVia | undefined;
  readonly risk?: Risk;
  /** Why the risk is what it is. */
  readonly why?: string | undefined;
  /** The policy, or the workload, that the reason speaks of. */
  readonly detail?: string;
}

/** A proved finding decides whatever else is unknown. */
export function outcomeOf(findings: readonly Finding[]): Outcome {
  if (findings.length === 0) return 'pass';
  return findings.every((finding) => finding.undetermined) ? 'undetermined' : 'fail';
}

export function checksOf(findings: readonly Finding[]): Readonly<Record<Finding['check'], Outcome>> {
  const of = (check: Finding['check']) => outcomeOf(findings.filter((finding) => finding.check === check));
  return {
    missing: of('missing'),
    excess: of('excess'),
    forbidden: of('forbidden'),
    overreach: of('overreach'),
    undeclared: of('undeclared'),
  };
}

const CHECKS: readonly string[] = ['undeclared', 'missing', 'forbidden', 'overreach', 'excess'];

/** Sorted and without repetitions, so that the order and duplication of facts do not show. */
export function collect(findings: readonly Finding[]): readonly Finding[] {
  const keyed = new Map<string, Finding>();
  for (const finding of findings) {
    const key = sortKey(finding);
    if (!keyed.has(key)) keyed.set(key, finding);
  }
  return [...keyed].toSorted(([a], [b]) => compareText(a, b)).map(([, finding]) => finding);
}

function sortKey(finding: Finding): string {
  return [
    CHECKS.indexOf(finding.check),
    finding.undetermined ? 1 : 0,
    finding.risk === undefined ? RISKS.length : RISKS.indexOf(finding.risk),
    finding.scope === undefined ? '' : printScope(finding.scope),
    heldBy(finding),
    finding.reason,
    finding.detail ?? '',
  ].join('\n');
}

/** What gives it: a binding and its role, or a login and its policies; empty where nothing does. */
export function heldBy({ via, login }: Pick<Finding, 'via' | 'login'>): string {
  if (via !== undefined) return viaText(via);
  return login === undefined ? '' : loginText(login);
}

/** `Vault role shop_api → policy shared-rw`; the connection where it is not `default`. */
function loginText({ login: { connection, role }, policies }: VaultVia): string {
  const at = connection === 'default' ? '' : ` of ${connection}`;
  const by =
    policies.length === 0 ? '' : ` → ${policies.length === 1 ? 'policy' : 'policies'} ${policies.join(', ')}`;
  return `Vault role ${role}${at}${by}`;
}

/** The login that a text of `heldBy` names. */
export function loginIn(text: string): Pick<VaultVia['login'], 'connection' | 'role'> | undefined {
  const [, role, connection = 'default'] = /^Vault role (\S+)(?: of (\S+))?(?: → |$)/u.exec(text) ?? [];
  return role === undefined ? undefined : { connection, role };
}

/** `RoleBinding shop/readers → ClusterRole view (group system:serviceaccounts)`. */
export function viaText({ binding, role, through }: Via): string {
  const place = binding.namespace === undefined ? '' : `${binding.namespace}/`;
  const suffix = through === undefined ? '' : ` (${through})`;
  return `${binding.kind} ${place}${binding.name} → ${role.kind} ${role.name}${suffix}`;
}
