import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** `denials` in the configuration file. */
export const DENIALS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description:
    'The record of refused admissions: Denial objects, one for each decision. When there are too many, those that are closed go first, then those that were refused least often.',
  properties: {
    enabled: {
      type: 'boolean',
      default: true,
      description: 'Whether refusals are recorded. What is there stays as it is when this is turned off.',
    },
    maxPerNamespace: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'Most Denials of one namespace.',
    },
    maxPerRequester: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 500,
      description:
        'Most Denials of one user or service account, the controllers of Kubernetes left aside. A deployer of the whole cluster is one too.',
    },
    maxInCluster: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 2000,
      description: 'Most Denials of the cluster. Each is at most 20 kB.',
    },
    keepClosedSeconds: {
      type: 'integer',
      minimum: 60,
      maximum: 31_536_000,
      default: 86_400,
      description: 'How long a Denial that is resolved, rejected or expired is kept.',
    },
    expireAfterSeconds: {
      type: 'integer',
      minimum: 60,
      maximum: 31_536_000,
      default: 604_800,
      description: 'After so long without another refusal an open Denial has expired.',
    },
  },
} as const satisfies JSONSchema;

export type DenialsConfig = FromSchema<typeof DENIALS_SCHEMA>;
