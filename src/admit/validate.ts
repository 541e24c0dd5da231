import { changesClaim, type Moment } from '../core/admission/moment.ts';
import type { AdmissionRequest } from '../core/admission/review.ts';
import { readWorkload, type Workload } from '../core/admission/workload.ts';
import { isObject } from '../core/json.ts';
import { ALLOW, type Answer, answerOf, invalid } from './answer.ts';
import { confirmDenial } from './confirm.ts';
import { withEnding } from './ending.ts';
import type { Deciding } from './handler.ts';
import { refusalFor } from './injection.ts';
import { type Judgement, type JudgeOptions, judgeWorkload, type LiveFacts } from './judge.ts';
import { momentOf } from './moment.ts';

/** `change` and `reschedule`: is the workload's account held to its word? Which of the two it is, the request shows. */
export async function validate(
  request: AdmissionRequest,
  admission: Deciding,
  deadline: AbortSignal,
): Promise<Answer> {
  if (request.operation === 'DELETE' || request.operation === 'CONNECT' || request.subResource !== '')
    return ALLOW;
  const { templatePaths } = admission;
  const workload = readWorkload(request.object, request.namespace, templatePaths);
  if (workload === undefined) return { ...ALLOW, codes: ['NotAWorkload'] };
  if (workload.deleting) return ALLOW;
  const before =
    request.operation === 'UPDATE'
      ? readWorkload(request.oldObject, request.namespace, templatePaths)
      : undefined;
  if (before !== undefined && !changesClaim(before, workload)) return ALLOW;
  const moment = await momentOf(request, workload, admission, deadline);
  await admission.facts.prepareVault(workload.account, deadline);
  const judgement = await judged({ request, workload, moment }, admission, deadline);
  const { controller } = workload;
  const answer = { ...answerOf(judgement, request.dryRun), moment, controller };
  if (answer.verdict === 'deny' || judgement.declaration.injection === undefined) return answer;
  // Whether a pod carries what it asked for is for `injected` to say, at every moment.
  if (moment === 'reschedule') return answer;
  // The injection is planned on the template already, so that its mistakes show at `kubectl apply`.
  const pod = isObject(request.object) && workload.kind === 'Pod' ? request.object : workload.template;
  const wish = { workload, pod, injection: judgement.declaration.injection, policy: judgement.policy };
  const refused = refusalFor(wish, admission);
  if (refused === undefined) return withEnding(answer, judgement, admission);
  return {
    ...invalid(judgement.workload, judgement.policy.name, refused.reason, refused.problems),
    moment,
    controller,
  };
}

interface Asked {
  readonly request: AdmissionRequest;
  readonly workload: Workload;
  readonly moment: Moment;
}

function judged(
  { request, workload, moment }: Asked,
  { facts, factsMaxAgeSeconds, live, now, parsers }: Deciding,
  deadline: AbortSignal,
): Promise<Judgement> {
  const options: JudgeOptions = {
    moment,
    dryRun: request.dryRun,
    openWorld: false,
    factsMaxAgeSeconds,
    nowMs: now(),
    parsers,
  };
  const again = (answers: LiveFacts) => judgeWorkload(workload, facts, { ...options, live: answers });
  return confirmDenial(judgeWorkload(workload, facts, options), again, live, deadline);
}
