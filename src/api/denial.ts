import type { FromSchema } from 'json-schema-to-ts';
import { WAIVABLE_CHECKS } from '../core/verdict/policy.ts';

/**
 * The record of refused admissions that are one decision: written by Countersign alone, and named by the decision's id, so
 * that replicas and retries meet in one object.
 */

const NAME = { type: 'string', minLength: 1, maxLength: 253 } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const TIME = { type: 'string', format: 'date-time' } as const;
const SHORT = { type: 'string', maxLength: 512 } as const;

const FINDING = {
  type: 'object',
  additionalProperties: false,
  required: ['check', 'reason', 'action', 'undetermined'],
  properties: {
    check: {
      ...NAME,
      description:
        'missing, excess, forbidden, overreach or undeclared; request: what it asks for, or how, cannot be taken.',
    },
    reason: { ...NAME, description: 'The code of the reason.' },
    action: { type: 'string', enum: ['Deny', 'Warn'], description: 'What the policy makes of it.' },
    undetermined: { type: 'boolean', description: 'It could not be proved.' },
    scope: { ...SHORT, description: 'One scope expression.' },
    risk: { ...NAME, description: 'critical, high, medium or low.' },
    why: { ...SHORT, description: 'Why the risk is what it is.' },
    via: { ...SHORT, description: 'The binding and role, or the Vault role and policies, that it comes by.' },
    detail: { ...SHORT, description: 'The policy, or the workload, that the reason speaks of.' },
  },
} as const;

/** What may differ between refusals under one id. */
const OF_REFUSAL = {
  needs: {
    type: 'array',
    maxItems: 100,
    items: { type: 'string', minLength: 1, maxLength: 1000 },
    description:
      'What the workload declared, and what the credentials imply that it asked for: a scope expression each, placed. Empty: it declared to need nothing. Absent: it declared nothing, what it declared could not be read, or an older version wrote this.',
  },
  moreNeeds: {
    ...COUNT,
    description: 'Those that are not listed: too many, too long, or with what looks like a credential.',
  },
  mayWaive: {
    type: 'array',
    maxItems: WAIVABLE_CHECKS.length,
    items: { type: 'string', enum: WAIVABLE_CHECKS },
    description:
      'Of the checks among all findings, those that the policy let a grant waive. Empty: none. Absent: an older version wrote this.',
  },
} as const;

export const DENIAL_SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'countersign.dev/v1alpha1' },
    kind: { const: 'Denial' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      additionalProperties: false,
      required: ['workload', 'serviceAccount', 'policy', 'summary', 'findings'],
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'a denial is never changed' }],
      properties: {
        workload: {
          type: 'object',
          additionalProperties: false,
          required: ['kind', 'name'],
          description: 'What was refused, or what controls it.',
          properties: { kind: { ...NAME, maxLength: 63 }, name: NAME },
        },
        serviceAccount: {
          type: 'object',
          additionalProperties: false,
          required: ['name'],
          properties: { name: NAME, uid: { ...NAME, description: 'Of the account at that time.' } },
        },
        policy: { ...NAME, description: 'The policy that gave the actions.' },
        summary: { type: 'string', maxLength: 2048, description: 'The first line of the refusal.' },
        findings: { type: 'array', maxItems: 50, items: FINDING, description: 'Worst first.' },
        moreFindings: { ...COUNT, description: 'Those that are not listed.' },
        ...OF_REFUSAL,
      },
    },
  },
} as const;

/** How a denial stands; `Open` and `Granted` may still change. */
export const DENIAL_STATES = ['Open', 'Granted', 'Rejected', 'Resolved', 'Expired'] as const;

export type DenialState = (typeof DENIAL_STATES)[number];

const RECHECK = {
  type: 'object',
  required: ['requestedAt', 'checkedAt', 'outcome', 'message'],
  description: 'The answer to the annotation countersign.dev/recheck.',
  properties: {
    requestedAt: { ...SHORT, description: 'The value of the annotation that it answers.' },
    checkedAt: TIME,
    outcome: {
      type: 'string',
      enum: ['Pass', 'Warn', 'Deny', 'Unknown'],
      description: 'What would be said to the workload as it is stored; Unknown: it is not there.',
    },
    message: { type: 'string', maxLength: 2048 },
  },
} as const;

export const DENIAL_STATUS_SCHEMA = {
  type: 'object',
  description: 'What became of it.',
  properties: {
    state: {
      type: 'string',
      enum: DENIAL_STATES,
      description:
        'Open; Granted or Rejected by what was decided on a grant that names it; Resolved once the workload is admitted; Expired when nobody came back to it.',
    },
    count: { ...COUNT, description: 'How often it was refused.' },
    firstSeen: TIME,
    lastSeen: TIME,
    requesters: {
      type: 'array',
      maxItems: 10,
      description: 'Who was refused, at most ten.',
      items: {
        type: 'object',
        required: ['name', 'count'],
        properties: { name: NAME, count: COUNT },
      },
    },
    grant: { ...NAME, description: 'The grant that decided.' },
    lastRefusal: {
      type: 'object',
      additionalProperties: false,
      properties: OF_REFUSAL,
      description: 'What a later refusal had that is not what spec has; it counts instead.',
    },
    since: { ...TIME, description: 'When the state last changed.' },
    message: { type: 'string', maxLength: 2048, description: 'Why the state is what it is.' },
    recheck: RECHECK,
  },
} as const;

export type DenialSource = FromSchema<typeof DENIAL_SCHEMA>;
export type DenialStatus = FromSchema<typeof DENIAL_STATUS_SCHEMA>;

/** Set by a person: the leader judges the stored workload again, and answers in `status.recheck`. */
export const RECHECK_ANNOTATION = 'countersign.dev/recheck';

export const DENIALS_PATH = '/apis/countersign.dev/v1alpha1/denials';
