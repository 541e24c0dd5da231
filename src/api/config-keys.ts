import type { FromSchema, JSONSchema } from 'json-schema-to-ts';

/** `keys` in the configuration file. */
export const KEYS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  description:
    'A Secret of the cluster with the certificate, the segment of the paths and the key of injection. The replica that leads fills and renews it, and enters CA and paths into the webhook configurations; all take changes up without a restart. Then `segment`, `keyFile` and, with `SelfSigned`, `webhook.tls` are left out.',
  properties: {
    secret: {
      type: 'string',
      format: 'dns-label',
      default: 'countersign-keys',
      description:
        'Name of the Secret. It must be there; it may be empty. The annotation `countersign.dev/renew` with one or more of `tls`, `ca`, `path`, `injection`, separated by commas, asks for a new one now.',
    },
    namespace: {
      type: 'string',
      format: 'dns-label',
      default: 'countersign',
      description: 'Its namespace, which is that of the Service too.',
    },
    serviceName: {
      type: 'string',
      format: 'dns-label',
      default: 'countersign',
      description: 'The Service that the API server calls: the certificate is made for its names.',
    },
    configurations: {
      type: 'string',
      format: 'dns-label',
      default: 'countersign',
      description: 'Name of the MutatingWebhookConfiguration and of the ValidatingWebhookConfiguration.',
    },
    tls: {
      type: 'string',
      enum: ['SelfSigned', 'External'],
      default: 'SelfSigned',
      description:
        '`SelfSigned`: a CA of our own and certificates of it, in the Secret. `External`: those of `webhook.tls`; then `caBundle` is left to who made them.',
    },
    settleSeconds: {
      type: 'integer',
      minimum: 2,
      maximum: 3600,
      default: 60,
      description:
        'How long every replica and every API server is given to take a change up, before the next step of a rotation builds on it.',
    },
  },
} as const satisfies JSONSchema;

export type KeysConfig = FromSchema<typeof KEYS_SCHEMA>;
