import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** `grants` in the configuration file. */
export const GRANTS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description: 'The life of AccessGrants and of the AccessDecisions on them.',
  properties: {
    keepEvidenceDays: {
      type: 'integer',
      minimum: 1,
      maximum: 3650,
      default: 30,
      description:
        'How long a grant is kept after its end, or after it was asked for where nobody decides; then it is deleted, and after it the decisions on it.',
    },
    warnBeforeExpirySeconds: {
      type: 'integer',
      minimum: 0,
      maximum: 604_800,
      default: 900,
      description:
        'How long before its end a grant is said to end soon: so long, or a tenth of its time where that is longer, and never before half of it is over.',
    },
  },
} as const satisfies JSONSchema;

export type GrantsConfig = FromSchema<typeof GRANTS_SCHEMA>;
