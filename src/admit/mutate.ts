import type { AdmissionRequest } from '../core/admission/review.ts';
import { readWorkload } from '../core/admission/workload.ts';
import { toPatch } from '../core/inject/patch.ts';
import { isObject } from '../core/json.ts';
import { selectPolicy } from '../core/verdict/select.ts';
import { ALLOW, type Answer, invalid } from './answer.ts';
import type { Deciding } from './handler.ts';
import { planFor } from './injection.ts';
import { mutateWrapped } from './mint.ts';
import { withTop } from './owners.ts';

/** `inject`: gives a pod that asks for credentials what it needs to get them. A pod is patched whole, or not at all. */
export async function mutate(
  request: AdmissionRequest,
  admission: Deciding,
  deadline: AbortSignal,
): Promise<Answer> {
  const pod = request.object;
  if (request.operation !== 'CREATE' || request.subResource !== '' || !isObject(pod)) return ALLOW;
  const read = readWorkload(pod, request.namespace);
  if (read?.kind !== 'Pod') return { ...ALLOW, codes: ['NotAWorkload'] };
  const { facts, parsers } = admission;
  const workload = withTop(read, facts);
  const { account, annotations } = workload;
  const policy = selectPolicy(facts.policies(), account, facts.namespace(account.namespace)?.labels ?? {});
  const { request: injection, problems } = parsers.injection(annotations);
  if (problems.length > 0) return invalid(workload, policy.name, 'DeclarationInvalid', problems);
  if (injection === undefined) return { ...ALLOW, account };
  const wish = { workload, pod, injection, policy };
  const planned = planFor(wish, admission);
  switch (planned.outcome) {
    case 'nothing':
      return { ...ALLOW, account };
    case 'refused':
      return invalid(workload, policy.name, planned.reason, planned.problems);
    case 'planned': {
      const { issuance } = planned.login;
      // The plan holds a placeholder where a token would be: a dry-run is always the same, and costs nothing.
      if (issuance.kind === 'login' || request.dryRun) {
        return { ...ALLOW, account, patch: toPatch(planned.plan, pod) };
      }
      return mutateWrapped({ request, wish, issuance }, admission, deadline);
    }
  }
}
