import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import { DENIALS_SCHEMA } from './config-denials.ts';
import { GRANTS_SCHEMA } from './config-grants.ts';
import { INJECTION_SCHEMA } from './config-injection.ts';
import { KEYS_SCHEMA } from './config-keys.ts';
import { NOTIFICATION_SCHEMA } from './config-notifications.ts';
import { VAULT_SCHEMA } from './config-vault.ts';

/**
 * The configuration file: the schema, its defaults, and the types that follow from it. The reference page is generated
 * from the descriptions. What a schema cannot say (files that exist, keys that exclude each other) stands in
 * config/rules.ts; what the formats mean in config/formats.ts.
 */

const WEBHOOK = {
  type: 'object',
  additionalProperties: false,
  required: ['caller'],
  description: 'The HTTPS server that the API server calls.',
  properties: {
    address: {
      type: 'string',
      format: 'listen-address',
      default: ':8443',
      description: 'Where it listens: `:PORT` for every address of the machine, or `HOST:PORT`.',
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Its certificate: `certFile` and `keyFile`, or `selfSigned`; or that of `keys`.',
      properties: {
        certFile: {
          type: 'string',
          format: 'certificates-file',
          description: 'Certificate chain, PEM. A new one is taken up within seconds, without a restart.',
        },
        keyFile: { type: 'string', format: 'file', description: 'Its private key, PEM.' },
        selfSigned: {
          type: 'boolean',
          default: false,
          description:
            'Make a certificate for `localhost` in memory at start. For a laptop, not for a cluster.',
        },
      },
    },
    caller: {
      type: 'object',
      additionalProperties: false,
      required: ['mode'],
      description: 'Who may call.',
      properties: {
        mode: {
          type: 'string',
          enum: ['path', 'mtls'],
          description:
            '`path`: who knows the last segment of the path. `mtls`: who has a client certificate with a listed name.',
        },
        segment: {
          type: 'string',
          format: 'dns-label',
          description:
            'Last segment of the registered paths (`/change/SEGMENT`). Needed with `path` and without `keys`. It keeps strangers from asking, but it is no secret: the API server prints it when a call fails.',
        },
        previousSegment: {
          type: 'string',
          format: 'dns-label',
          description: 'Also accepted, while the registration is changed from one segment to the other.',
        },
        clientCAFile: {
          type: 'string',
          format: 'certificates-file',
          description: 'CA certificates of client certificates, PEM. Needed with `mtls`.',
        },
        allowedNames: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          minItems: 1,
          uniqueItems: true,
          description:
            'Common names, or DNS or URI names, that a client certificate may carry. Needed with `mtls`.',
        },
      },
    },
  },
} as const satisfies JSONSchema;

export const CONFIG_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Configuration of Countersign',
  type: 'object',
  additionalProperties: false,
  required: ['webhook'],
  properties: {
    webhook: WEBHOOK,
    operations: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Health and metrics: `/livez`, `/readyz`, `/metrics`, in plain HTTP.',
      properties: {
        address: {
          type: 'string',
          format: 'listen-address',
          default: ':9090',
          description: 'Where it listens.',
        },
      },
    },
    shutdown: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The end of the process.',
      properties: {
        graceSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 60,
          default: 5,
          description: 'How long calls are still taken after SIGTERM, until no new ones are sent here.',
        },
      },
    },
    policies: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'Policies from files.',
      properties: {
        dir: { type: 'string', format: 'directory', description: 'Folder of ScopePolicy objects, YAML.' },
      },
    },
    vaults: {
      type: 'object',
      propertyNames: { format: 'dns-label' },
      additionalProperties: VAULT_SCHEMA,
      default: {},
      description:
        'Connections to Vault or OpenBao, by name. `default` is meant where an annotation names none.',
    },
    injection: INJECTION_SCHEMA,
    keys: KEYS_SCHEMA,
    denials: DENIALS_SCHEMA,
    grants: GRANTS_SCHEMA,
    notifications: {
      type: 'object',
      propertyNames: { format: 'dns-label' },
      additionalProperties: NOTIFICATION_SCHEMA,
      maxProperties: 10,
      default: {},
      description: 'Receivers outside the cluster that are told what happens, by name: signed webhooks.',
    },
    factsMaxAgeSeconds: {
      type: 'integer',
      minimum: 150,
      maximum: 86_400,
      default: 300,
      description:
        'How old the view of the cluster may be; beyond that the answer is `undetermined`. A quiet cluster is heard of every two minutes.',
    },
    reschedulers: {
      type: 'array',
      default: [],
      maxItems: 100,
      description:
        'Operators that make pods of workloads that exist, beside the built-in controllers. A pod that one of them makes as its owner’s template says is no change.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['username', 'owners'],
        properties: {
          username: {
            type: 'string',
            minLength: 1,
            description: 'As the API server knows it: `system:serviceaccount:NAMESPACE:NAME`.',
          },
          owners: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'string',
              enum: [
                'Deployment',
                'StatefulSet',
                'DaemonSet',
                'ReplicaSet',
                'ReplicationController',
                'Job',
                'CronJob',
              ],
            },
            description: 'Kinds of the workloads that it makes pods of.',
          },
        },
      },
    },
    workloadKinds: {
      type: 'array',
      default: [],
      maxItems: 50,
      description:
        'Further kinds that are judged as workloads, beside the built-in ones. The registration has to name them too.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['kind', 'template'],
        properties: {
          kind: {
            type: 'string',
            pattern: '^[A-Z][A-Za-z0-9]{0,62}$',
            description: 'As in `kind: Rollout`.',
          },
          template: {
            type: 'string',
            pattern: '^[A-Za-z][A-Za-z0-9]*([.][A-Za-z][A-Za-z0-9]*){0,9}$',
            description: 'Where the pod template is, as in `spec.template`.',
          },
        },
      },
    },
    leaderElection: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The Lease by which one of several replicas leads: it counts what policies would do.',
      properties: {
        namespace: {
          type: 'string',
          format: 'dns-label',
          default: 'countersign',
          description: 'Where the Lease is: the namespace of the webhook.',
        },
        name: {
          type: 'string',
          format: 'dns-label',
          default: 'countersign',
          description: 'Its name.',
        },
      },
    },
    cluster: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The cluster to watch. Empty: the one that the process runs in.',
      properties: {
        kubeconfig: { type: 'string', format: 'file', description: 'A kubeconfig file.' },
        context: { type: 'string', minLength: 1, description: 'Its context; without it the current one.' },
      },
    },
    log: {
      type: 'object',
      additionalProperties: false,
      default: {},
      description: 'The log: JSON lines on standard output.',
      properties: {
        level: {
          type: 'string',
          enum: ['debug', 'info', 'warn', 'error'],
          default: 'info',
          description: 'The least serious entries that are written.',
        },
      },
    },
  },
} as const satisfies JSONSchema;

/** A configuration that is valid, with every default filled in and every file name absolute. */
export type Config = FromSchema<typeof CONFIG_SCHEMA>;
