import type { AdmissionRequest } from '../core/admission/review.ts';
import { readWorkload, type Workload } from '../core/admission/workload.ts';
import { type FieldProblem, INJECT, INJECTED } from '../core/inject/annotations.ts';
import type { Login } from '../core/inject/config.ts';
import { checkEphemeral, checkInjected, checkUpdate } from '../core/inject/invariants.ts';
import { isMirror } from '../core/inject/refusals.ts';
import { topOwner } from '../core/verdict/decision.ts';
import { selectPolicy } from '../core/verdict/select.ts';
import { ALLOW, type Answer, invalid, refusedFor } from './answer.ts';
import type { Admission, Deciding } from './handler.ts';
import { grantedLogin } from './injection.ts';
import { withTop } from './owners.ts';

/**
 * `injected`: a pod that asked for credentials carries them, unaltered, and one that did not ask carries none of our
 * parts. An invariant, not an option: no policy turns it off.
 */
export function validateInjected(request: AdmissionRequest, admission: Deciding): Answer {
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return ALLOW;
  const read = readWorkload(request.object, request.namespace);
  if (read?.kind !== 'Pod') return { ...ALLOW, codes: ['NotAWorkload'] };
  const workload = withTop(read, admission.facts);
  if (request.operation === 'CREATE') return created(request, workload, admission);
  return workload.deleting ? ALLOW : updated(request, workload, admission);
}

function updated(request: AdmissionRequest, workload: Workload, { settings }: Admission): Answer {
  const changed = checkUpdate(request.oldObject, request.object, settings);
  const found = [...changed, ...checkEphemeral(request.object)];
  const { account } = workload;
  return found.length === 0 ? { ...ALLOW, account } : invalid(workload, NO_POLICY, 'InjectionAltered', found);
}

/** Of a pod that does not ask. */
const NO_LOGIN: Login = { role: '', issuance: { kind: 'login' } };

/** What may not change on a pod is no policy's choice. */
const NO_POLICY = 'none';

function created(request: AdmissionRequest, workload: Workload, admission: Deciding): Answer {
  const { facts, settings, parsers } = admission;
  const { account, annotations } = workload;
  const policy = selectPolicy(facts.policies(), account, facts.namespace(account.namespace)?.labels ?? {});
  const { request: injection, problems } = parsers.injection(annotations);
  if (problems.length > 0) return invalid(workload, policy.name, 'DeclarationInvalid', problems);
  const mirror = isMirror(request.object);
  const granted = injection && grantedLogin({ workload, injection, policy }, settings);
  if (granted?.outcome === 'refused' && !mirror) {
    return invalid(workload, policy.name, granted.reason, granted.problems);
  }
  const login = granted?.outcome === 'granted' ? granted.login : NO_LOGIN;
  const found = checkInjected({
    pod: request.object,
    namespace: account.namespace,
    account: account.name,
    login,
    username: request.requester.username,
    settings,
    nodes: () => facts.nodes(),
  });
  if (found.length === 0) {
    return { ...ALLOW, account, subject: topOwner(workload), controller: workload.controller };
  }
  if (mirror) return invalid(workload, policy.name, 'MirrorPod', found);
  const missing = injection !== undefined && !Object.hasOwn(annotations, INJECTED);
  return missing
    ? notInjected(workload, policy.name, found, login)
    : invalid(workload, policy.name, 'InjectionAltered', found);
}

/** A pod that can't be injected says why; one that could was not seen by the mutating webhook. */
function notInjected(
  workload: Workload,
  policy: string,
  found: readonly FieldProblem[],
  { issuance }: Login,
): Answer {
  if (!found.every(({ field }) => field === INJECT)) {
    return invalid(workload, policy, 'InjectionInvalid', found);
  }
  return issuance.kind === 'wrapped'
    ? invalid(workload, policy, 'NotMinted', found)
    : refusedFor(workload, policy, 'NotInjected');
}
