import type { Parsers } from '../core/admission/declaration.ts';
import type { Moment } from '../core/admission/moment.ts';
import type { Rescheduler } from '../core/admission/reschedulers.ts';
import { allowed, answerMalformed, refused } from '../core/admission/response.ts';
import { type AdmissionRequest, readReview } from '../core/admission/review.ts';
import type { TemplatePaths } from '../core/admission/workload.ts';
import type { InjectionSettings } from '../core/inject/settings.ts';
import { reasonOf } from '../core/verdict/reasons.ts';
import type { Answer } from './answer.ts';
import { grant } from './grant.ts';
import { validateInjected } from './injected.ts';
import { mutate } from './mutate.ts';
import { rememberingParsers } from './parsers.ts';
import type { Facts, LiveTruth, Minter } from './ports.ts';
import { validate } from './validate.ts';

/** One admission: review in, endpoint, review out, and what to log of it. */

export type Endpoint = 'inject' | 'injected' | 'change' | 'reschedule' | 'grant';

export const ENDPOINTS: readonly Endpoint[] = ['inject', 'injected', 'change', 'reschedule', 'grant'];

/** What every admission is decided with. */
export interface Admission {
  readonly facts: Facts;
  /** Without any Vault connection whoever asks for credentials is refused. */
  readonly settings: InjectionSettings;
  readonly factsMaxAgeSeconds: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Kinds that are judged as workloads. */
  readonly templatePaths: TemplatePaths;
  /** Who makes pods of workloads that exist. */
  readonly reschedulers: readonly Rescheduler[];
  /** Absent: there is nothing to ask, and the facts at hand are the truth (a folder). */
  readonly live?: LiveTruth | undefined;
  /** Absent: nothing is minted, as if Vault were away. */
  readonly minter?: Minter | undefined;
  /** Hears of every decision; must not throw or take time. */
  readonly onDecision?: ((decided: Decided) => void) | undefined;
}

/** What the endpoints decide with. */
export interface Deciding extends Admission {
  readonly parsers: Parsers;
}

export interface Decided {
  readonly request: AdmissionRequest;
  readonly answer: Answer;
}

/** Takes the parsed body of an authenticated call; total. */
export type Handle = (
  endpoint: Endpoint,
  body: unknown,
  context: { readonly deadline: AbortSignal },
) => Promise<Handled>;

export interface Handled {
  /** An AdmissionReview. */
  readonly review: object;
  readonly record: DecisionRecord;
}

/** One log line: names and codes, never an object. */
export interface DecisionRecord {
  readonly endpoint: Endpoint;
  readonly moment?: Moment;
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly subResource?: string;
  readonly namespace: string;
  readonly name: string;
  /** What controls the object, as `Kind/name`. */
  readonly owner?: string;
  readonly account?: string;
  readonly requester: string;
  readonly requesterGroups?: number;
  readonly verdict: Answer['verdict'];
  readonly decision?: string;
  readonly codes: readonly string[];
  readonly responseCode: number;
  readonly dryRun: boolean;
  readonly policy?: string;
  readonly factsAgeSeconds?: number;
}

type Answering = (
  request: AdmissionRequest,
  admission: Deciding,
  deadline: AbortSignal,
) => Answer | Promise<Answer>;

const BY_ENDPOINT: Readonly<Record<Endpoint, Answering>> = {
  inject: mutate,
  injected: validateInjected,
  change: validate,
  reschedule: validate,
  grant,
};

export function createHandler(admission: Admission): Handle {
  const deciding: Deciding = { ...admission, parsers: rememberingParsers() };
  return async (endpoint, body, { deadline }) => {
    const read = readReview(body);
    if (!read.ok) return malformed(endpoint, read.uid, read.message);
    const { synced, ageSeconds } = admission.facts.freshness();
    const answer = synced ? await BY_ENDPOINT[endpoint](read.request, deciding, deadline) : NOT_SYNCED;
    admission.onDecision?.({ request: read.request, answer });
    const record = { ...toRecord(endpoint, read.request, answer), factsAgeSeconds: ageSeconds };
    return { review: toReview(read.request.uid, answer), record };
  };
}

const NOT_SYNCED: Answer = {
  verdict: 'error',
  codes: ['FactsNotSynced'],
  refusal: { code: 503, reason: 'ServiceUnavailable', message: reasonOf('FactsNotSynced').sentence },
};

function toReview(uid: string, answer: Answer): object {
  const auditAnnotations = {
    ...(answer.decision !== undefined && { decision: answer.decision }),
    ...(answer.codes.length > 0 && { reasons: answer.codes.join(',') }),
  };
  const remarks = { warnings: answer.warnings ?? [], auditAnnotations };
  return answer.refusal === undefined
    ? allowed(uid, remarks, answer.patch)
    : refused(uid, answer.refusal, remarks);
}

function toRecord(endpoint: Endpoint, request: AdmissionRequest, answer: Answer): DecisionRecord {
  const { uid, operation, kind, subResource, namespace, name, requester, dryRun } = request;
  const { verdict, codes, account, moment, controller, decision, policy, refusal } = answer;
  return {
    endpoint,
    ...(moment !== undefined && { moment }),
    uid,
    operation,
    kind,
    ...(subResource !== '' && { subResource }),
    namespace,
    name,
    ...(controller !== undefined && { owner: `${controller.kind}/${controller.name}` }),
    ...(account !== undefined && { account: account.name }),
    requester: requester.username,
    requesterGroups: requester.groups.length,
    verdict,
    ...(decision !== undefined && { decision }),
    ...(policy !== undefined && { policy }),
    codes,
    responseCode: refusal?.code ?? 200,
    dryRun,
  };
}

function malformed(endpoint: Endpoint, uid: string | undefined, message: string): Handled {
  const nobody = { operation: '', kind: '', namespace: '', name: '', requester: '', dryRun: false };
  const record = {
    ...nobody,
    endpoint,
    uid: uid ?? '',
    verdict: 'error',
    codes: ['MalformedReview'],
    responseCode: 400,
  } as const;
  return { review: answerMalformed(uid, 400, message), record };
}
