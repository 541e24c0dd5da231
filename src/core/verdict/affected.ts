import type { Operation } from '../admission/review.ts';
import type { WorkloadClaim } from '../admission/workload.ts';
import { printScope } from '../scope/print.ts';
import { shown } from '../text.ts';
import type { ActedFinding, Decision } from './decision.ts';
import { heldBy } from './findings.ts';

/** What a write would do, and to whom. */
export interface GrantEffects {
  readonly operation: Operation;
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  /** Those that anything is said about. */
  readonly workloads: readonly AffectedWorkload[];
  /** Past the bound: accounts, and workloads of the accounts that were looked at. */
  readonly notSeen: { readonly accounts: number; readonly workloads: number };
}

export interface AffectedWorkload {
  readonly workload: WorkloadClaim;
  /** On what the write would bring. */
  readonly decision: Decision;
}

/** One thing to say: of a workload, or of the account that several run as. */
export interface Effect extends ActedFinding {
  readonly who: string;
  /** Scopes that the binding gives beside this one, which is the worst of them. */
  readonly more: number;
}

/** Before the name of one in `who`. */
export const ACCOUNT = 'serviceaccount ';

/**
 * Denied ones first, then as found, worst first. What a binding gives to an account is one effect, said once however many
 * workloads run as it.
 */
export function effectsOf(workloads: readonly AffectedWorkload[]): readonly Effect[] {
  const effects = new Map<string, Effect>();
  for (const { workload, decision } of workloads) {
    for (const [key, effect] of ofOne(workload, decision)) {
      const known = effects.get(key);
      if (known === undefined || known.more < effect.more) effects.set(key, effect);
    }
  }
  const all = [...effects.values()];
  return [...all.filter(({ action }) => action === 'Deny'), ...all.filter(({ action }) => action === 'Warn')];
}

function ofOne(workload: WorkloadClaim, { findings }: Decision): ReadonlyMap<string, Effect> {
  const effects = new Map<string, Effect>();
  for (const finding of findings) {
    const { check, action, undetermined } = finding;
    const who = whoOf(workload, finding);
    const key = [who, check, action, undetermined, causeOf(finding)].join('\n');
    const known = effects.get(key);
    effects.set(key, known === undefined ? { ...finding, who, more: 0 } : { ...known, more: known.more + 1 });
  }
  return effects;
}

/** What is held comes by a binding, which is said once for all that it gives. */
function causeOf(finding: ActedFinding): string {
  const { scope, reason } = finding;
  const by = heldBy(finding);
  if (by !== '') return by;
  return scope === undefined ? reason : printScope(scope);
}

/** What is held is the account's; what is needed, the workload's. */
function whoOf({ namespace, name, kind, account }: WorkloadClaim, finding: ActedFinding): string {
  return finding.check === 'excess' || (finding.check === 'forbidden' && heldBy(finding) !== '')
    ? `${ACCOUNT}${shown(`${account.namespace}/${account.name}`)}`
    : `${shown(`${namespace}/${name}`)} (${shown(kind)})`;
}
