import type { Answer } from '../../src/admit/answer.ts';
import type { Decided } from '../../src/admit/handler.ts';
import type { DenialStatus } from '../../src/api/denial.ts';
import { type AdmissionRequest, readReview } from '../../src/core/admission/review.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { type DenialEntry, readEntry } from '../../src/review/denials/entry.ts';
import { reviewOf } from './admission.ts';
import { workloadObject } from './workload.ts';

/** Decisions on shop/api, and the Denials that they leave; a test writes only what it is about. */

export const DENIED_MS = Date.parse('2026-01-31T12:00:00Z');

const ACCOUNT = { namespace: 'shop', name: 'api' };
const SUBJECT = { kind: 'Deployment', name: 'api' };

export interface DecidedOptions {
  readonly requester?: string;
  readonly dryRun?: boolean;
  readonly answer?: Partial<Answer>;
}

function requestOf({ requester = 'jane', dryRun = false }: DecidedOptions): AdmissionRequest {
  const read = readReview(reviewOf({ object: workloadObject(), username: requester, dryRun }));
  if (!read.ok) throw new Error(read.message);
  return read.request;
}

/** A refusal of shop/api; without findings, as of a declaration that is not valid. */
export function refusedOf(decision = 'd-00000001', options: DecidedOptions = {}): Decided {
  const message = `shop/api (Deployment) may not run: 1 missing [${decision}, policy p]\n  missing get pods`;
  const causes = [
    { reason: 'DeclarationInvalid', field: 'countersign.dev/needs', message: 'expected a verb' },
  ];
  const answer: Answer = {
    verdict: 'deny',
    codes: ['DeclarationInvalid'],
    account: ACCOUNT,
    subject: SUBJECT,
    moment: 'change',
    decision,
    policy: 'p',
    refusal: { code: 403, reason: 'Forbidden', message, causes },
    ...options.answer,
  };
  return { request: requestOf(options), answer };
}

export function admittedOf(options: DecidedOptions = {}): Decided {
  const answer: Answer = {
    verdict: 'allow',
    codes: [],
    account: ACCOUNT,
    subject: SUBJECT,
    moment: 'change',
    ...options.answer,
  };
  return { request: requestOf(options), answer };
}

export interface DenialOptions {
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly metadata?: JsonObject;
  readonly status?: DenialStatus;
}

/** As it is stored. */
export function denialObject({
  namespace = 'shop',
  name = 'd-00000001',
  uid,
  metadata,
  status,
}: DenialOptions = {}): JsonObject {
  const time = new Date(DENIED_MS).toISOString();
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'Denial',
    metadata: { namespace, name, creationTimestamp: time, resourceVersion: '1', ...metadata },
    spec: {
      workload: SUBJECT,
      serviceAccount: { name: 'api', ...(uid !== undefined && { uid }) },
      policy: 'p',
      summary: 'may not run',
      findings: [],
    },
    status: {
      state: 'Open',
      count: 1,
      firstSeen: time,
      lastSeen: time,
      since: time,
      requesters: [{ name: 'jane', count: 1 }],
      ...status,
    } as JsonObject,
  };
}

export function denialEntry(options: DenialOptions = {}, more: Partial<DenialEntry> = {}): DenialEntry {
  const entry = readEntry(denialObject(options));
  if (entry === undefined) throw new Error('no entry');
  return { ...entry, ...more };
}
