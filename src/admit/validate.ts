import { changesClaim } from '../core/admission/moment.ts';
import type { AdmissionRequest } from '../core/admission/review.ts';
import { readWorkload } from '../core/admission/workload.ts';
import { isObject } from '../core/json.ts';
import { ALLOW, type Answer, answerOf, invalid } from './answer.ts';
import type { Admission } from './handler.ts';
import { refusalFor } from './injection.ts';
import { judgeWorkload, type Moment } from './judge.ts';

/** `change` and `reschedule`: is the workload's account held to its word? */
export function validate(request: AdmissionRequest, moment: Moment, admission: Admission): Answer {
  const { facts, factsMaxAgeSeconds } = admission;
  if (request.operation === 'DELETE' || request.operation === 'CONNECT' || request.subResource !== '')
    return ALLOW;
  const workload = readWorkload(request.object, request.namespace);
  if (workload === undefined) return { ...ALLOW, codes: ['NotAWorkload'] };
  if (workload.deleting) return ALLOW;
  const before =
    request.operation === 'UPDATE' ? readWorkload(request.oldObject, request.namespace) : undefined;
  if (before !== undefined && !changesClaim(before, workload)) return ALLOW;
  const options = { moment, dryRun: request.dryRun, openWorld: false, factsMaxAgeSeconds };
  const judgement = judgeWorkload(workload, facts, options);
  const answer = answerOf(judgement);
  if (answer.verdict === 'deny' || judgement.declaration.injection === undefined) return answer;
  // Whether a pod carries what it asked for is for `injected` to say, at every moment.
  if (moment === 'reschedule') return answer;
  // The injection is planned on the template already, so that its mistakes show at `kubectl apply`.
  const pod = isObject(request.object) && workload.kind === 'Pod' ? request.object : workload.template;
  const wish = { workload, pod, injection: judgement.declaration.injection, policy: judgement.policy };
  const refused = refusalFor(wish, admission.settings);
  if (refused === undefined) return answer;
  return invalid(workload, judgement.policy.name, refused.reason, refused.problems);
}
