import type { AdmissionRequest } from '../core/admission/review.ts';
import { readWorkload, type Workload } from '../core/admission/workload.ts';
import { type FieldProblem, INJECT, INJECTED } from '../core/inject/annotations.ts';
import { checkEphemeral, checkInjected, checkUpdate } from '../core/inject/invariants.ts';
import { isMirror } from '../core/inject/refusals.ts';
import { parseInjection } from '../core/inject/request.ts';
import { selectPolicy } from '../core/verdict/select.ts';
import { ALLOW, type Answer, invalid, refusedFor } from './answer.ts';
import type { Admission } from './handler.ts';
import { grantedRole } from './injection.ts';

/**
 * `injected`: a pod that asked for credentials carries them, unaltered, and one that did not ask carries none of our
 * parts. An invariant, not an option: no policy turns it off.
 */
export function validateInjected(request: AdmissionRequest, admission: Admission): Answer {
  if (request.operation !== 'CREATE' && request.operation !== 'UPDATE') return ALLOW;
  const workload = readWorkload(request.object, request.namespace);
  if (workload?.kind !== 'Pod') return { ...ALLOW, codes: ['NotAWorkload'] };
  if (request.operation === 'CREATE') return created(request, workload, admission);
  return workload.deleting ? ALLOW : updated(request, workload, admission);
}

function updated(request: AdmissionRequest, workload: Workload, { settings }: Admission): Answer {
  const changed = checkUpdate(request.oldObject, request.object, settings);
  const found = [...changed, ...checkEphemeral(request.object)];
  const { account } = workload;
  return found.length === 0 ? { ...ALLOW, account } : invalid(workload, NO_POLICY, 'InjectionAltered', found);
}

/** What may not change on a pod is no policy's choice. */
const NO_POLICY = 'none';

function created(request: AdmissionRequest, workload: Workload, { facts, settings }: Admission): Answer {
  const { account, annotations } = workload;
  const policy = selectPolicy(facts.policies(), account, facts.namespace(account.namespace)?.labels ?? {});
  const { request: injection, problems } = parseInjection(annotations);
  if (problems.length > 0) return invalid(workload, policy.name, 'DeclarationInvalid', problems);
  const granted = injection && grantedRole({ workload, injection, policy }, settings);
  if (granted?.outcome === 'refused' && !isMirror(request.object)) {
    return invalid(workload, policy.name, granted.reason, granted.problems);
  }
  const found = checkInjected({
    pod: request.object,
    namespace: account.namespace,
    account: account.name,
    role: granted?.outcome === 'granted' ? granted.role : '',
    username: request.requester.username,
    settings,
    nodes: () => facts.nodes(),
  });
  if (found.length === 0) return { ...ALLOW, account };
  const missing = injection !== undefined && !Object.hasOwn(annotations, INJECTED);
  if (missing && !isMirror(request.object)) return notInjected(workload, policy.name, found);
  return invalid(workload, policy.name, isMirror(request.object) ? 'MirrorPod' : 'InjectionAltered', found);
}

/** A pod that can't be injected says why; one that could was not seen by the mutating webhook. */
function notInjected(workload: Workload, policy: string, found: readonly FieldProblem[]): Answer {
  return found.every(({ field }) => field === INJECT)
    ? refusedFor(workload, policy, 'NotInjected')
    : invalid(workload, policy, 'InjectionInvalid', found);
}
