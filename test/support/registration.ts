import type { Endpoint } from '../../src/admit/handler.ts';
import { BUILT_IN_RESCHEDULERS } from '../../src/core/admission/reschedulers.ts';

/** How the webhooks are registered: what each sees, and what happens when it does not answer. */

/** Asks for credentials, or carries our parts. */
const OURS =
  "object.metadata.?annotations.orValue({}).exists(k, k.startsWith('countersign.dev/') && !(k in ['countersign.dev/needs','countersign.dev/break-glass'])) || object.spec.?volumes.orValue([]).exists(v, v.name.startsWith('countersign-'))";
const CHANGED =
  "request.operation != 'UPDATE' || object.spec != oldObject.spec || object.metadata.?annotations.orValue({}) != oldObject.metadata.?annotations.orValue({})";
/** Labels, scaling, finalizers and clean-up never depend on us. */
const TEMPLATE_CHANGED =
  "request.operation != 'UPDATE' || (!has(object.metadata.deletionTimestamp) && (object.spec.?template != oldObject.spec.?template || object.spec.?jobTemplate != oldObject.spec.?jobTemplate))";
/** Cel has no better word: the same list that the webhook recognises, so that it sees what it judges as a change. */
const CONTROLLERS = JSON.stringify(BUILT_IN_RESCHEDULERS.map(({ username }) => username));
const BY_CONTROLLER = `request.userInfo.username in ${CONTROLLERS}`;
const BY_HAND = `!(${BY_CONTROLLER})`;

const PODS = { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };

export interface RegistrationOptions {
  readonly url: (endpoint: Endpoint) => string;
  readonly caPem: string;
}

const ENFORCED = { matchLabels: { 'countersign.dev/enforce': 'true' } };

export function mutatingRegistration(options: RegistrationOptions): object {
  const rules = [{ ...PODS, operations: ['CREATE'] }];
  const inject = {
    ...webhook('inject', options),
    failurePolicy: 'Ignore',
    reinvocationPolicy: 'Never',
    rules,
    matchConditions: [{ name: 'ours', expression: OURS }],
  };
  return { ...configuration('MutatingWebhookConfiguration'), webhooks: [inject] };
}

export function validatingRegistration(options: RegistrationOptions): object {
  const pods = { ...PODS, resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] };
  const workloads = [
    { ...PODS, resources: ['pods', 'replicationcontrollers'], operations: ['CREATE', 'UPDATE'] },
    {
      apiGroups: ['apps'],
      apiVersions: ['v1'],
      resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
      operations: ['CREATE', 'UPDATE'],
    },
    {
      apiGroups: ['batch'],
      apiVersions: ['v1'],
      resources: ['jobs', 'cronjobs'],
      operations: ['CREATE', 'UPDATE'],
    },
  ];
  return {
    ...configuration('ValidatingWebhookConfiguration'),
    webhooks: [
      {
        ...webhook('injected', options),
        rules: [pods],
        matchConditions: [
          { name: 'ours', expression: OURS },
          { name: 'changed', expression: CHANGED },
        ],
      },
      {
        ...webhook('change', options),
        rules: workloads,
        namespaceSelector: ENFORCED,
        matchConditions: [
          { name: 'template', expression: TEMPLATE_CHANGED },
          { name: 'by-hand', expression: BY_HAND },
        ],
      },
      {
        ...webhook('reschedule', options),
        failurePolicy: 'Ignore',
        timeoutSeconds: 2,
        rules: [{ ...PODS, operations: ['CREATE'] }],
        namespaceSelector: ENFORCED,
        matchConditions: [{ name: 'by-controller', expression: BY_CONTROLLER }],
      },
      {
        ...webhook('grant', options),
        failurePolicy: 'Ignore',
        timeoutSeconds: 3,
        rules: [
          {
            apiGroups: ['rbac.authorization.k8s.io'],
            apiVersions: ['v1'],
            resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
          },
          { ...PODS, resources: ['serviceaccounts'], operations: ['UPDATE'] },
        ],
      },
    ],
  };
}

function configuration(kind: string): object {
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'countersign' } };
}

function webhook(endpoint: Endpoint, { url, caPem }: RegistrationOptions): object {
  return {
    name: `${endpoint}.countersign.dev`,
    clientConfig: { url: url(endpoint), caBundle: Buffer.from(caPem).toString('base64') },
    admissionReviewVersions: ['v1'],
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: 5,
    failurePolicy: 'Fail',
  };
}
