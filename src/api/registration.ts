import { BUILT_IN_RESCHEDULERS } from '../core/admission/reschedulers.ts';
import { PREFIX } from '../core/inject/annotations.ts';

/**
 * How the webhooks are registered with the API server: what each sees, and what happens when it does not answer. The
 * chart is rendered from it. Conditions are CEL.
 */
export interface WebhookRegistration {
  readonly name: string;
  readonly kind: 'Mutating' | 'Validating';
  /** First segment of the path that is called. */
  readonly endpoint: 'inject' | 'injected' | 'change' | 'reschedule' | 'grant';
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly timeoutSeconds: number;
  readonly namespaces: Namespaces;
  /** Workloads of kinds that the configuration adds are seen as well. */
  readonly furtherKinds: boolean;
  readonly rules: readonly Rule[];
  readonly matchConditions: readonly MatchCondition[];
}

/**
 * `Enforced`: those with the label `countersign.dev/enforce=true`; `Advised`: those without it. Both, and `Ordinary`,
 * without those that must work when we do not: the system's, ours, Vault's. `All`: these as well.
 */
export type Namespaces = 'Ordinary' | 'Enforced' | 'Advised' | 'All';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  readonly scope: 'Namespaced' | '*';
}

interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** In an expression: where the list of the controllers' user names belongs. */
export const CONTROLLERS = '$CONTROLLERS';
export const CONTROLLER_NAMES: readonly string[] = BUILT_IN_RESCHEDULERS.map(({ username }) => username);

export const ENFORCE_LABEL = `${PREFIX}enforce`;
const KEY = `'${PREFIX}break-glass'`;

/** Asks for credentials, or carries our parts. */
const OURS: MatchCondition = {
  name: 'ours',
  expression:
    "object.metadata.?annotations.orValue({}).exists(k, k.startsWith('countersign.dev/') && !(k in ['countersign.dev/needs','countersign.dev/break-glass'])) || object.spec.?volumes.orValue([]).exists(v, v.name.startsWith('countersign-'))",
};
const CHANGED: MatchCondition = {
  name: 'changed',
  expression:
    "request.operation != 'UPDATE' || object.spec != oldObject.spec || object.metadata.?annotations.orValue({}) != oldObject.metadata.?annotations.orValue({})",
};
/** Labels, scaling, finalizers and clean-up never depend on us. */
const TEMPLATE_CHANGED: MatchCondition = {
  name: 'template',
  expression:
    "request.operation != 'UPDATE' || (!has(object.metadata.deletionTimestamp) && (object.spec.?template != oldObject.spec.?template || object.spec.?jobTemplate != oldObject.spec.?jobTemplate))",
};
/** CEL has no better word: the same list that the webhook recognises, so that it sees what it judges as a change. */
const BY_CONTROLLER: MatchCondition = {
  name: 'by-controller',
  expression: `request.userInfo.username in ${CONTROLLERS}`,
};
const BY_HAND: MatchCondition = { name: 'by-hand', expression: `!(${BY_CONTROLLER.expression})` };

/** Of the object itself, and of the template of its pods. */
const METADATA = ['metadata', '?spec.?template.?metadata', '?spec.?jobTemplate.?spec.?template.?metadata'];
const ticketIn = (object: string, metadata: string) => `${object}.${metadata}.?annotations[?${KEY}]`;

const BREAK_GLASS_ASKED = METADATA.map(
  (metadata) => `${KEY} in object.${metadata}.?annotations.orValue({})`,
).join(' || ');
/** Who may write the annotation is decided by the API server itself: BREAK_GLASS. */
const NO_BREAK_GLASS: MatchCondition = { name: 'no-break-glass', expression: `!(${BREAK_GLASS_ASKED})` };
/** An emergency is a start; what is done to the pod later is looked at. */
const NO_BREAK_GLASS_START: MatchCondition = {
  name: 'no-break-glass',
  expression: `request.operation != 'CREATE' || !(${KEY} in object.metadata.?annotations.orValue({}))`,
};

const WRITES = ['CREATE', 'UPDATE'] as const;
const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' } as const;
const WORKLOADS: readonly Rule[] = [
  { ...PODS, resources: ['pods', 'replicationcontrollers'], operations: WRITES },
  {
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
    operations: WRITES,
    scope: 'Namespaced',
  },
  {
    apiGroups: ['batch'],
    apiVersions: ['v1'],
    resources: ['jobs', 'cronjobs'],
    operations: WRITES,
    scope: 'Namespaced',
  },
];

const CHANGE = {
  kind: 'Validating',
  endpoint: 'change',
  furtherKinds: true,
  rules: WORKLOADS,
  matchConditions: [TEMPLATE_CHANGED, BY_HAND, NO_BREAK_GLASS],
} as const satisfies Partial<WebhookRegistration>;

export const REGISTRATIONS: readonly WebhookRegistration[] = [
  {
    name: 'inject.countersign.dev',
    kind: 'Mutating',
    endpoint: 'inject',
    failurePolicy: 'Ignore',
    timeoutSeconds: 5,
    namespaces: 'Ordinary',
    furtherKinds: false,
    rules: [{ ...PODS, operations: ['CREATE'] }],
    matchConditions: [OURS],
  },
  {
    name: 'injected.countersign.dev',
    kind: 'Validating',
    endpoint: 'injected',
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
    namespaces: 'Ordinary',
    furtherKinds: false,
    rules: [{ ...PODS, resources: ['pods', 'pods/ephemeralcontainers'], operations: WRITES }],
    matchConditions: [OURS, CHANGED, NO_BREAK_GLASS_START],
  },
  {
    ...CHANGE,
    name: 'change.countersign.dev',
    failurePolicy: 'Fail',
    timeoutSeconds: 5,
    namespaces: 'Enforced',
  },
  {
    ...CHANGE,
    name: 'advise.countersign.dev',
    failurePolicy: 'Ignore',
    timeoutSeconds: 2,
    namespaces: 'Advised',
  },
  {
    name: 'reschedule.countersign.dev',
    kind: 'Validating',
    endpoint: 'reschedule',
    failurePolicy: 'Ignore',
    timeoutSeconds: 2,
    namespaces: 'Ordinary',
    furtherKinds: false,
    rules: [{ ...PODS, operations: ['CREATE'] }],
    matchConditions: [BY_CONTROLLER],
  },
  {
    name: 'grant.countersign.dev',
    kind: 'Validating',
    endpoint: 'grant',
    failurePolicy: 'Ignore',
    timeoutSeconds: 3,
    // A binding in any namespace can give to an account of another.
    namespaces: 'All',
    furtherKinds: false,
    rules: [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        apiVersions: ['v1'],
        resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        scope: '*',
      },
      { ...PODS, resources: ['serviceaccounts'], operations: ['UPDATE'] },
    ],
    matchConditions: [],
  },
];

const CHANGED_UNDER_GLASS = [
  "request.operation != 'UPDATE'",
  ...METADATA.map((metadata) => `${ticketIn('object', metadata)} != ${ticketIn('oldObject', metadata)}`),
  'object.?spec.?template != oldObject.?spec.?template',
  'object.?spec.?jobTemplate != oldObject.?spec.?jobTemplate',
  "(request.resource.group == '' && request.resource.resource == 'pods' && object.spec != oldObject.spec)",
].join(' || ');

/**
 * The annotation that lets a workload past us, for emergencies: a ValidatingAdmissionPolicy, which works when we do not,
 * keeps it to those with the verb `breakglass` on `admissions.countersign.dev`. What carries it may be scaled and labelled
 * by anyone; its template changes only with the verb, or with the annotation taken away. The audit log has the ticket, also
 * of a pod that nothing controls, which no watch of ours sees.
 */
export const BREAK_GLASS = {
  rules: WORKLOADS,
  matchConditions: [
    { name: 'break-glass', expression: BREAK_GLASS_ASKED },
    BY_HAND,
    { name: 'changed', expression: CHANGED_UNDER_GLASS },
  ],
  validation: {
    expression:
      "authorizer.group('countersign.dev').resource('admissions').namespace(request.namespace).check('breakglass').allowed()",
    message:
      'the annotation countersign.dev/break-glass needs the verb breakglass on admissions.countersign.dev in this namespace: ask the platform team, or take it out',
    reason: 'Forbidden',
  },
  /** For every such change, let in or refused: who, and what became of it, the audit event says itself. */
  auditAnnotation: {
    key: 'ticket',
    valueExpression: `string([${METADATA.map((metadata) => ticketIn('object', metadata)).join(', ')}].filter(t, t.hasValue())[0].value())`,
  },
} as const;
