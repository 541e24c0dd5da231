import type { FromSchema } from 'json-schema-to-ts';
import { WAIVABLE_CHECKS } from '../core/verdict/policy.ts';

/** The written form of an AccessGrant, namespaced like the workloads it is for. Its spec never changes. */

const NAME = { type: 'string', minLength: 1, maxLength: 253 } as const;

/** What an API server adds to every object, and nobody else may. */
export const STORED_METADATA = {
  type: 'object',
  required: ['name', 'namespace', 'uid', 'creationTimestamp'],
  properties: {
    name: NAME,
    namespace: NAME,
    uid: { ...NAME, description: 'Given by the API server.' },
    creationTimestamp: { ...NAME, description: 'Given by the API server: 2026-01-31T12:00:00Z.' },
  },
} as const;

export const ACCESS_GRANT_SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'countersign.dev/v1alpha1' },
    kind: { const: 'AccessGrant' },
    metadata: STORED_METADATA,
    spec: {
      type: 'object',
      additionalProperties: false,
      required: ['serviceAccount', 'checks', 'reason', 'duration', 'requester'],
      'x-kubernetes-validations': [
        { rule: 'self == oldSelf', message: 'a grant is never changed: ask for another one' },
      ],
      properties: {
        serviceAccount: {
          type: 'object',
          additionalProperties: false,
          required: ['name'],
          description: 'The account whose findings are waived, in the namespace of the grant.',
          properties: {
            name: NAME,
            uid: { ...NAME, description: 'Pins the grant to this very account, not to one made again.' },
          },
        },
        workload: {
          type: 'object',
          additionalProperties: false,
          required: ['kind', 'name'],
          description: 'The one workload that it is for; without it, every workload of the account.',
          properties: {
            kind: { type: 'string', minLength: 1, maxLength: 63, description: 'Such as Deployment.' },
            name: NAME,
          },
        },
        scopes: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1, maxLength: 1000 },
          description: 'Scope lines: what of a finding they cover is waived, the rest of it stays.',
        },
        checks: {
          type: 'array',
          minItems: 1,
          maxItems: 4,
          items: { type: 'string', enum: WAIVABLE_CHECKS },
          description:
            'Which findings are waived, where the policy lets grants do so. `undeclared` has no scopes: it is waived whole.',
        },
        reason: { type: 'string', minLength: 1, maxLength: 2000, description: 'Why it is needed.' },
        decision: {
          type: 'string',
          pattern: '^d-[0-9a-hjkmnp-tv-z]{8}$',
          description: 'The Denial that it is asked for, by its name.',
        },
        ticket: { type: 'string', maxLength: 253, description: 'Where it was talked about.' },
        duration: {
          type: 'string',
          maxLength: 20,
          description:
            'How long it holds once approved, such as 24h or 1h30m; the policy’s `maxDuration` caps it.',
        },
        requester: { ...NAME, description: 'Who asks: the user that creates the object.' },
      },
    },
  },
} as const;

const COUNT = { type: 'integer', minimum: 0 } as const;
const TIME = { type: 'string', format: 'date-time' } as const;

/** What the leader says about it, for people: replicas work it out from the decisions and the time for themselves. */
export const ACCESS_GRANT_STATUS_SCHEMA = {
  type: 'object',
  description: 'What became of it.',
  properties: {
    state: {
      type: 'string',
      enum: ['Pending', 'Active', 'Rejected', 'Revoked', 'Expired', 'Void'],
      description: 'Void: there are decisions, and none of them counts, or the grant itself cannot be read.',
    },
    scopesDigest: {
      type: 'string',
      maxLength: 80,
      description: 'The hash that a decision has to name, of all that gives the grant its reach.',
    },
    decidedBy: { ...NAME, description: 'Whose decision made the state.' },
    expiresAt: { ...TIME, description: 'When it ends, or ended, by itself.' },
    warnedAt: { ...TIME, description: 'When it was told that it ends soon.' },
    uses: { ...COUNT, description: 'Admissions that passed under it.' },
    lastUsed: TIME,
    message: { type: 'string', maxLength: 2048, description: 'Why the state is what it is.' },
  },
} as const;

export type AccessGrantSource = FromSchema<typeof ACCESS_GRANT_SCHEMA>;
export type AccessGrantStatus = FromSchema<typeof ACCESS_GRANT_STATUS_SCHEMA>;
