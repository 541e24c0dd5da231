/** What the leader says about a ScopePolicy. Replicas read of it only `lastValid`. */

const POLICY_MODES = ['Enforce', 'Warn', 'Silent'] as const;

/** `Enforce`: something is denied. `Warn`: nothing is denied, something is warned of. `Silent`: neither. */
export type PolicyMode = (typeof POLICY_MODES)[number];

const COUNT = { type: 'integer', minimum: 0 } as const;

const CONDITION = {
  type: 'object',
  required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
  properties: {
    type: { type: 'string', maxLength: 316, description: 'Valid or Enforced.' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    observedGeneration: { ...COUNT, description: 'The generation of the policy that it is about.' },
    lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
    reason: { type: 'string', minLength: 1, maxLength: 1024, description: 'One word for machines.' },
    message: { type: 'string', maxLength: 32_768, description: 'A sentence for people.' },
  },
} as const;

const PROBLEM = {
  type: 'object',
  required: ['path', 'message'],
  properties: {
    path: { type: 'string', description: 'The field, as in spec.allow[1].' },
    line: { ...COUNT, description: 'Within the field, where it is a scope line.' },
    column: { ...COUNT, description: 'Within that line.' },
    message: { type: 'string', description: 'What was expected.' },
  },
} as const;

export const SCOPE_POLICY_STATUS_SCHEMA = {
  type: 'object',
  description: 'What Countersign found.',
  properties: {
    observedGeneration: { ...COUNT, description: 'The generation of the policy that all this is about.' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: CONDITION,
      description:
        'Valid: the policy can be read. Enforced: it reaches no namespace in which its denials would not be asked for.',
    },
    problems: {
      type: 'array',
      items: PROBLEM,
      description:
        'Why the policy is not valid: at most 50, each with its field, and with its line and column.',
    },
    lastValid: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'The last valid spec, which counts as long as the present one is not valid.',
    },
    mode: {
      type: 'string',
      enum: POLICY_MODES,
      description:
        'Enforce: something is denied. Warn: nothing is denied, something is warned of. Silent: neither.',
    },
    matchedWorkloads: { ...COUNT, description: 'Running workloads that the policy matches.' },
    wouldDeny: {
      ...COUNT,
      description: 'Those to which it gives the actions and which it would refuse, were they created now.',
    },
    wouldWarn: { ...COUNT, description: 'Those which it would let run with a warning.' },
    evaluatedAt: {
      type: 'string',
      format: 'date-time',
      description: 'When the workloads were last counted.',
    },
  },
} as const;
