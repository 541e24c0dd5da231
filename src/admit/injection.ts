import type { Workload } from '../core/admission/workload.ts';
import { type FieldProblem, PREFIX } from '../core/inject/annotations.ts';
import type { InjectionPlan } from '../core/inject/patch.ts';
import { injectionProblems, type PlanInput, planInjection } from '../core/inject/plan.ts';
import type { InjectionRequest } from '../core/inject/request.ts';
import type { InjectionSettings } from '../core/inject/settings.ts';
import type { JsonObject } from '../core/json.ts';
import { chooseRole } from '../core/verdict/injection-policy.ts';
import type { ReasonCode } from '../core/verdict/reasons.ts';
import type { EffectivePolicy } from '../core/verdict/select.ts';
import type { Admission } from './handler.ts';

/** What a pod, or the template of one, asks for, and the policy that has a say in it. */
export interface Wish {
  readonly workload: Workload;
  readonly pod: JsonObject;
  readonly injection: InjectionRequest;
  readonly policy: EffectivePolicy;
}

export type Planned =
  | { readonly outcome: 'planned'; readonly plan: InjectionPlan }
  | { readonly outcome: 'nothing' }
  | Refused;

interface Refused {
  readonly outcome: 'refused';
  readonly reason: ReasonCode;
  readonly problems: readonly FieldProblem[];
}

/** With what an injection is planned. */
type Means = Pick<Admission, 'facts' | 'settings'>;

/** The policy's word first, then the plan. */
export function planFor(wish: Wish, means: Means): Planned {
  const granted = grantedRole(wish, means.settings);
  if (granted.outcome === 'refused') return granted;
  const planned = planInjection(planInput(wish, granted.role, means));
  switch (planned.kind) {
    case 'plan':
      return { outcome: 'planned', plan: planned.plan };
    case 'nothing':
      return { outcome: 'nothing' };
    case 'problems':
      return { outcome: 'refused', reason: 'InjectionInvalid', problems: planned.problems };
  }
}

/** For a template: what will stand in the way of its pods. */
export function refusalFor(wish: Wish, means: Means): Refused | undefined {
  const granted = grantedRole(wish, means.settings);
  if (granted.outcome === 'refused') return granted;
  const problems = injectionProblems(planInput(wish, granted.role, means));
  return problems.length === 0 ? undefined : { outcome: 'refused', reason: 'InjectionInvalid', problems };
}

function planInput({ injection, pod, workload }: Wish, role: string, { facts, settings }: Means): PlanInput {
  const { namespace, name } = workload.account;
  return { request: injection, pod, namespace, account: name, role, settings, nodes: () => facts.nodes() };
}

export type Granted = { readonly outcome: 'granted'; readonly role: string } | Refused;

/** The Vault role that the policy gives the pod, where there is anything to log in to. */
export function grantedRole(wish: Omit<Wish, 'pod'>, settings: InjectionSettings): Granted {
  if (Object.keys(settings.vaults).length === 0) {
    const message = 'credentials are asked for, but no Vault connection is configured';
    return {
      outcome: 'refused',
      reason: 'InjectionInvalid',
      problems: [{ field: `${PREFIX}inject`, message }],
    };
  }
  const { workload, injection, policy } = wish;
  const chosen = chooseRole(injection, policy.injection, workload.account, policy.name);
  if ('role' in chosen) return { outcome: 'granted', role: chosen.role };
  const problems = [{ field: `${PREFIX}${chosen.annotation}`, message: chosen.problem }];
  return { outcome: 'refused', reason: 'PolicyRefusesInjection', problems };
}
