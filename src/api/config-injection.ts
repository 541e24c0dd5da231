import type { JSONSchema } from 'json-schema-to-ts';

/** `injection` in the configuration file. */

const QUANTITY = { type: 'string', format: 'quantity' } as const;

export const INJECTION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  default: {},
  description:
    'What is put into pods that ask for credentials. Annotations choose among these, they never change them.',
  properties: {
    image: {
      type: 'string',
      format: 'image',
      description: 'Image of the agent. Needed as soon as there is a connection in `vaults`.',
    },
    repositories: {
      type: 'array',
      items: { type: 'string', format: 'image-repository' },
      uniqueItems: true,
      default: [],
      description:
        'Further repositories whose images are accepted as the agent: those of an earlier release or a mirror.',
    },
    imagePullPolicy: {
      type: 'string',
      enum: ['IfNotPresent', 'Always', 'Never'],
      default: 'IfNotPresent',
      description: 'Pull policy of the agent.',
    },
    resources: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Resources of the agent.',
      properties: {
        requests: {
          type: 'object',
          additionalProperties: false,
          default: {},
          description: 'What the scheduler sets aside for it.',
          properties: {
            cpu: { ...QUANTITY, default: '10m', description: 'Processor time that is set aside.' },
            memory: { ...QUANTITY, default: '48Mi', description: 'Memory that is set aside.' },
          },
        },
        limits: {
          type: 'object',
          additionalProperties: false,
          default: {},
          description: 'What it may not exceed.',
          properties: {
            cpu: {
              ...QUANTITY,
              description: 'Most processor time. None by default: a limit makes starts slow.',
            },
            memory: { ...QUANTITY, default: '128Mi', description: 'Most memory.' },
          },
        },
      },
    },
    env: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Where pods can be given environment variables.',
      properties: {
        runtimeClasses: {
          type: 'array',
          items: { type: 'string', minLength: 1, maxLength: 253 },
          uniqueItems: true,
          default: [],
          description:
            'Runtime classes that are known to take variables from a file of a volume in memory. Pods without `runtimeClassName` always do.',
        },
      },
    },
    runAsUser: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 2_147_483_647,
      default: 65_532,
      description:
        'User of the agent where the containers that get credentials do not agree on one. `null`: left to the platform (OpenShift).',
    },
    wrapped: {
      type: 'object',
      additionalProperties: false,
      description:
        'Give tokens of Vault, response-wrapped, to pods whose policy allows `Wrapped`. Needs `webhook.caller.mode: mtls`, and in `vaults.<name>.facts` the identity that asks for them, with the policy `manifests/vault/countersign-wrapped.hcl`. Without it such pods log in, where the policy lets them.',
      properties: {
        wrapTTLSeconds: {
          type: 'integer',
          minimum: 10,
          maximum: 600,
          default: 120,
          description:
            'How long a pod may take to its start, and so how long a wrapping token is good. What is not taken by then ends a minute later.',
        },
        perOwner: {
          type: 'object',
          additionalProperties: false,
          default: {},
          description: 'How many tokens the pods of one controller are given; what is beyond logs in.',
          properties: {
            burst: {
              type: 'integer',
              minimum: 1,
              maximum: 10_000,
              default: 50,
              description: 'At once.',
            },
            perMinute: {
              type: 'integer',
              minimum: 1,
              maximum: 10_000,
              default: 60,
              description: 'A minute, after that.',
            },
          },
        },
      },
    },
    keyFile: {
      type: 'string',
      format: 'key-file',
      description:
        'At least 32 random bytes: the key that the injected parts are signed with, the same for every replica. Needed as soon as there is a connection in `vaults`, and without `keys`.',
    },
    previousKeyFile: {
      type: 'string',
      format: 'key-file',
      description: 'Key whose signatures are still accepted, while one key is replaced by another.',
    },
  },
} as const satisfies JSONSchema;
