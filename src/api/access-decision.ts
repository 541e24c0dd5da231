import type { FromSchema } from 'json-schema-to-ts';
import { STORED_METADATA } from './access-grant.ts';

/** The written form of an AccessDecision on an AccessGrant of the same namespace. Its spec never changes. */

const NAME = { type: 'string', minLength: 1, maxLength: 253 } as const;

export const ACCESS_DECISION_SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'countersign.dev/v1alpha1' },
    kind: { const: 'AccessDecision' },
    metadata: STORED_METADATA,
    spec: {
      type: 'object',
      additionalProperties: false,
      'x-kubernetes-validations': [
        { rule: 'self == oldSelf', message: 'a decision is never changed: make another one' },
      ],
      required: ['grant', 'grantUID', 'scopesDigest', 'requester', 'by', 'decision', 'reason'],
      properties: {
        grant: { ...NAME, description: 'The name of the grant.' },
        grantUID: { ...NAME, description: 'Its uid: a grant made again is another one.' },
        scopesDigest: { ...NAME, description: 'The hash of the grant as it was decided on.' },
        requester: { ...NAME, description: 'Who asked for the grant, as it says.' },
        by: { ...NAME, description: 'Who decides: the user that creates the object.' },
        decision: {
          type: 'string',
          enum: ['Approve', 'Reject', 'Revoke'],
          description:
            'Approve starts the clock, and takes another person than the requester; Reject and Revoke are final.',
        },
        reason: { type: 'string', minLength: 1, maxLength: 2000, description: 'Why.' },
      },
    },
  },
} as const;

export type AccessDecisionSource = FromSchema<typeof ACCESS_DECISION_SCHEMA>;
