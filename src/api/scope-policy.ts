import type { FromSchema } from 'json-schema-to-ts';
import { type Actions, DEFAULT_POLICY, WAIVABLE_CHECKS } from '../core/verdict/policy.ts';
import {
  ACCOUNT_RULES,
  DURATION_RULES,
  excessRules,
  ISSUANCE_RULES,
  LINE_RULES,
  ROLE_RULES,
  rescheduleRules,
  SELECTOR_RULES,
} from './policy-cel.ts';

/**
 * The written form of a ScopePolicy: the one source of its checks, its types, its reference page and its
 * CustomResourceDefinition. What the rules in CEL say is checked by `core/verdict/compile.ts` where there is no API server.
 */

const ACTION = { type: 'string', enum: ['Deny', 'Warn', 'Ignore'] } as const;

const EXCESS = {
  type: 'object',
  additionalProperties: false,
  description:
    'Held and not needed, by risk; a risk that is not named keeps its default. A lower risk may not be acted on more strictly than a higher one.',
  properties: {
    critical: { ...ACTION, description: 'Takes over the cluster, or can give itself that.' },
    high: { ...ACTION, description: 'Takes over a namespace or its workloads.' },
    medium: { ...ACTION, description: 'Reaches further than it looks.' },
    low: { ...ACTION, description: 'Everything else.' },
  },
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

/** With the rules that hold for its `excess`, which depend on its defaults. */
function actionsWith(defaults: Actions) {
  const excess = { ...EXCESS, 'x-kubernetes-validations': excessRules(defaults.excess) };
  return { ...ACTIONS, properties: { ...ACTIONS.properties, excess } } as const;
}

const SCOPES = {
  type: 'array',
  maxItems: 500,
  items: { type: 'string', maxLength: 1000, 'x-kubernetes-validations': LINE_RULES },
} as const;

const LABEL_EXPRESSION = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'operator'],
  'x-kubernetes-validations': SELECTOR_RULES,
  properties: {
    key: { type: 'string', maxLength: 317, description: 'A label.' },
    operator: {
      type: 'string',
      enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'],
      description: 'As in every label selector of Kubernetes.',
    },
    values: {
      type: 'array',
      maxItems: 100,
      items: { type: 'string', maxLength: 63 },
      description: 'For `In` and `NotIn`.',
    },
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
      description: 'What bites, for whom, and when.',
      'x-kubernetes-validations': rescheduleRules(),
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
              'x-kubernetes-map-type': 'atomic',
              description: 'Labels of the namespace.',
              properties: {
                matchLabels: {
                  type: 'object',
                  maxProperties: 100,
                  additionalProperties: { type: 'string', maxLength: 63 },
                  description: 'Labels with exactly these values.',
                },
                matchExpressions: {
                  type: 'array',
                  maxItems: 100,
                  items: LABEL_EXPRESSION,
                  description: 'Conditions that all hold.',
                },
              },
            },
            serviceAccounts: {
              type: 'array',
              maxItems: 200,
              items: { type: 'string', maxLength: 320, 'x-kubernetes-validations': ACCOUNT_RULES },
              description: 'NAMESPACE/NAME, each with `*` for any run of characters.',
            },
          },
        },
        onChange: {
          ...actionsWith(DEFAULT_POLICY.onChange),
          description: 'When a person or a pipeline creates or changes a workload.',
        },
        onReschedule: {
          ...ACTIONS,
          description:
            'When a built-in controller makes a pod of a workload that exists. Never stricter than `onChange`.',
        },
        onGrant: {
          ...actionsWith(DEFAULT_POLICY.onGrant),
          description: 'When a role or a binding is written.',
        },
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
          'x-kubernetes-validations': ISSUANCE_RULES,
          description: 'What pods that ask for credentials may use.',
          properties: {
            vaults: {
              type: 'array',
              maxItems: 50,
              items: { type: 'string', maxLength: 63 },
              description: 'Names of Vault connections; `*` any.',
            },
            roles: {
              type: 'array',
              minItems: 1,
              maxItems: 50,
              items: { type: 'string', minLength: 1, maxLength: 253, 'x-kubernetes-validations': ROLE_RULES },
              description:
                'Vault roles, with {namespace}, {serviceAccount} and `*`. The first without `*` is the default.',
            },
            issuance: {
              type: 'array',
              minItems: 1,
              maxItems: 2,
              items: { type: 'string', enum: ['Login', 'Wrapped'], maxLength: 7 },
              description:
                'How a pod gets its Vault token; the first is the default. `Login`: it logs in with the token of its service account. `Wrapped`: the webhook gives it one, response-wrapped; without `Login` beside it, to pods of Jobs alone, since others start again when no such token is at hand.',
            },
            tokenRoles: {
              type: 'array',
              maxItems: 50,
              items: { type: 'string', minLength: 1, maxLength: 253, 'x-kubernetes-validations': ROLE_RULES },
              description:
                'For `Wrapped`: token roles of Vault, with {namespace}, {serviceAccount} and `*`. The first without `*` is the one of the pod, else the name of its service account. Vault binds a token role to no account: what stands here is all that does.',
            },
            maxTTL: {
              type: 'string',
              maxLength: 20,
              'x-kubernetes-validations': DURATION_RULES,
              description:
                'The longest that a token of the Vault role may live, from `1m` to `720h`; any time where it is not said. A role beyond it is `overreach`.',
            },
          },
        },
        grants: {
          type: 'object',
          additionalProperties: false,
          description: 'What a grant, asked for by one person and approved by another, may waive for a time.',
          properties: {
            maxDuration: {
              type: 'string',
              maxLength: 20,
              'x-kubernetes-validations': DURATION_RULES,
              description: 'The longest that one may last, from `1m` to `720h`; `24h` where it is not said.',
            },
            mayWaive: {
              type: 'array',
              uniqueItems: true,
              maxItems: 4,
              items: { type: 'string', enum: WAIVABLE_CHECKS },
              description:
                'The findings that one may waive; none where it is not said. What is forbidden never is.',
            },
          },
        },
      },
    },
  },
} as const;

export type ScopePolicySource = FromSchema<typeof SCOPE_POLICY_SCHEMA>;
