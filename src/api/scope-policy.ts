import type { FromSchema } from 'json-schema-to-ts';

/** The written form of a ScopePolicy: the one source of its checks, its types and its reference page. */

const ACTION = { type: 'string', enum: ['Deny', 'Warn', 'Ignore'] } as const;

const EXCESS = {
  description: 'One action, or one for each risk; a risk that is not named keeps its default.',
  anyOf: [
    ACTION,
    {
      type: 'object',
      additionalProperties: false,
      properties: { critical: ACTION, high: ACTION, medium: ACTION, low: ACTION },
    },
  ],
} as const;

const ACTIONS = {
  type: 'object',
  additionalProperties: false,
  properties: {
    missing: { ...ACTION, description: 'Needed and not held.' },
    excess: EXCESS,
    forbidden: { ...ACTION, description: 'Held or needed, and named by `forbid`.' },
    overreach: { ...ACTION, description: 'Needed, and beyond the ceiling.' },
    undeclared: { ...ACTION, description: 'No needs are declared while more than the baseline is held.' },
    undetermined: {
      ...ACTION,
      description: 'An unknown fact could flip the answer. Never stricter than the finding itself.',
    },
  },
} as const;

const SCOPES = { type: 'array', maxItems: 500, items: { type: 'string', maxLength: 1000 } } as const;

const LABEL_EXPRESSION = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'operator'],
  properties: {
    key: { type: 'string', description: 'A label.' },
    operator: {
      type: 'string',
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
      description: 'As in every label selector of Kubernetes.',
    },
    values: { type: 'array', items: { type: 'string' }, description: 'For `In` and `NotIn`.' },
  },
} as const;

export const SCOPE_POLICY_SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { const: 'countersign.dev/v1alpha1' },
    kind: { const: 'ScopePolicy' },
    metadata: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string', minLength: 1, maxLength: 253 } },
    },
    spec: {
      type: 'object',
      additionalProperties: false,
      properties: {
        priority: {
          type: 'integer',
          minimum: -1_000_000,
          maximum: 1_000_000,
          description: 'The highest that matches gives the actions and the injection rules; ties go by name.',
        },
        match: {
          type: 'object',
          additionalProperties: false,
          description: 'All that is given must match; nothing given matches everything.',
          properties: {
            namespaceSelector: {
              type: 'object',
              additionalProperties: false,
              description: 'Labels of the namespace.',
              properties: {
                matchLabels: {
                  type: 'object',
                  additionalProperties: { type: 'string' },
                  description: 'Labels with exactly these values.',
                },
                matchExpressions: {
                  type: 'array',
                  items: LABEL_EXPRESSION,
                  description: 'Conditions that all hold.',
                },
              },
            },
            serviceAccounts: {
              type: 'array',
              items: { type: 'string', maxLength: 320 },
              description: 'NAMESPACE/NAME, each with `*` for any run of characters.',
            },
          },
        },
        onChange: { ...ACTIONS, description: 'When a person or a pipeline creates or changes a workload.' },
        onReschedule: {
          ...ACTIONS,
          description: 'When a built-in controller makes a pod of a workload that exists.',
        },
        onGrant: { ...ACTIONS, description: 'When a role or a binding is written.' },
        sharedAccounts: {
          type: 'string',
          enum: ['Union', 'Exact'],
          description:
            'Excess is measured against all workloads of the account together, or against each alone.',
        },
        allow: { ...SCOPES, description: 'Scope lines that may be held without being needed.' },
        forbid: {
          ...SCOPES,
          description: 'Scope lines that may never be held or needed; adds up over all matching policies.',
        },
        ceiling: {
          ...SCOPES,
          description: 'Needs may not go beyond these; intersects over all matching policies.',
        },
        injection: {
          type: 'object',
          additionalProperties: false,
          description: 'What pods that ask for credentials may use.',
          properties: {
            vaults: {
              type: 'array',
              items: { type: 'string' },
              description: 'Names of Vault connections; `*` any.',
            },
            roles: {
              type: 'array',
              minItems: 1,
              items: { type: 'string', minLength: 1 },
              description:
                'Vault roles, with {namespace}, {serviceAccount} and `*`. The first without `*` is the default.',
            },
            issuance: {
              type: 'array',
              minItems: 1,
              items: { type: 'string', enum: ['Login'] },
              description: 'How a pod gets its Vault token.',
            },
          },
        },
      },
    },
  },
} as const;

export type ScopePolicySource = FromSchema<typeof SCOPE_POLICY_SCHEMA>;
