import type { Workload } from '../core/admission/workload.ts';
import { type FieldProblem, INJECT, PREFIX } from '../core/inject/annotations.ts';
import type { Login } from '../core/inject/config.ts';
import type { InjectionPlan } from '../core/inject/patch.ts';
import { injectionProblems, type PlanInput, planInjection } from '../core/inject/plan.ts';
import type { InjectionRequest } from '../core/inject/request.ts';
import type { InjectionSettings } from '../core/inject/settings.ts';
import type { JsonObject } from '../core/json.ts';
import { chooseIssuance, chooseRole } from '../core/verdict/injection-policy.ts';
import type { ReasonCode } from '../core/verdict/reasons.ts';
import type { EffectivePolicy } from '../core/verdict/select.ts';
import type { Admission } from './handler.ts';
import { isOfJob } from './named-login.ts';

/** What a pod, or the template of one, asks for, and the policy that has a say in it. */
export interface Wish {
  readonly workload: Workload;
  readonly pod: JsonObject;
  readonly injection: InjectionRequest;
  readonly policy: EffectivePolicy;
}

export type Planned =
  | { readonly outcome: 'planned'; readonly plan: InjectionPlan; readonly login: Login }
  | { readonly outcome: 'nothing' }
  | Refused;

interface Refused {
  readonly outcome: 'refused';
  readonly reason: ReasonCode;
  readonly problems: readonly FieldProblem[];
}

export type Given = Partial<Pick<Login, 'issuance' | 'minted'>>;

/** With what an injection is planned. */
type Means = Pick<Admission, 'facts' | 'settings'>;

/**
 * The policy's word first, then the plan.
 * @param given what was minted for the pod, or the issuance that it falls back to.
 */
export function planFor(wish: Wish, means: Means, given: Given = {}): Planned {
  const granted = grantedLogin(wish, means.settings);
  if (granted.outcome === 'refused') return granted;
  const planned = planInjection(planInput(wish, { ...granted.login, ...given }, means));
  switch (planned.kind) {
    case 'plan':
      return { outcome: 'planned', plan: planned.plan, login: granted.login };
    case 'nothing':
      return { outcome: 'nothing' };
    case 'problems':
      return { outcome: 'refused', reason: 'InjectionInvalid', problems: planned.problems };
  }
}

/** For a template: what will stand in the way of its pods. */
export function refusalFor(wish: Wish, means: Means): Refused | undefined {
  const granted = grantedLogin(wish, means.settings);
  if (granted.outcome === 'refused') return granted;
  const problems = injectionProblems(planInput(wish, granted.login, means));
  return problems.length === 0 ? undefined : { outcome: 'refused', reason: 'InjectionInvalid', problems };
}

function planInput({ injection, pod, workload }: Wish, login: Login, { facts, settings }: Means): PlanInput {
  const { namespace, name } = workload.account;
  return { request: injection, pod, namespace, account: name, login, settings, nodes: () => facts.nodes() };
}

export type Granted = { readonly outcome: 'granted'; readonly login: Login } | Refused;

/** How the policy lets the pod have its token, and as which Vault role, where there is anything to log in to. */
export function grantedLogin(wish: Omit<Wish, 'pod'>, settings: InjectionSettings): Granted {
  if (Object.keys(settings.vaults).length === 0) {
    const message = 'credentials are asked for, but no Vault connection is configured';
    return {
      outcome: 'refused',
      reason: 'InjectionInvalid',
      problems: [{ field: INJECT, message }],
    };
  }
  const { workload, injection, policy } = wish;
  const chosen = chooseRole(injection, policy.injection, workload.account, policy.name);
  const asked = { issuance: injection.issuance, ofJob: isOfJob(workload) };
  const issuance = chooseIssuance(asked, policy.injection, workload.account, policy.name);
  if ('role' in chosen && issuance.kind !== 'refused') {
    return { outcome: 'granted', login: { role: chosen.role, issuance } };
  }
  const problems = [
    ...('problem' in chosen ? [{ field: `${PREFIX}${chosen.annotation}`, message: chosen.problem }] : []),
    ...(issuance.kind === 'refused' ? [{ field: INJECT, message: issuance.problem }] : []),
  ];
  return { outcome: 'refused', reason: 'PolicyRefusesInjection', problems };
}
