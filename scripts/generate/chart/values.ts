import type { SchemaNode } from '../../../src/api/schema-node.ts';
import { configValues } from './config.ts';

/**
 * The values of the chart: their schema, defaults and descriptions. values.yaml, values.schema.json and the chart's README
 * follow from it. `x-open`: Kubernetes' own shape, which the API server checks.
 */

/** RFC 1123, without anchors. */
const NAME = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SECRET_NAME = '[a-z0-9]([-.a-z0-9]*[a-z0-9])?';
const SECONDS = { type: 'string', pattern: '^[0-9]+(h|m|s)([0-9]+(m|s))*$' };

export interface ValueNode extends SchemaNode {
  readonly properties?: Readonly<Record<string, ValueNode>>;
  readonly items?: ValueNode;
  readonly pattern?: string;
  readonly patternProperties?: Readonly<Record<string, ValueNode>>;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
}

const labels = (description: string): ValueNode => ({
  type: 'object',
  additionalProperties: { type: 'string' },
  default: {},
  description,
});
const open = (type: 'object' | 'array', description: string, value?: unknown): ValueNode => ({
  type,
  default: value ?? (type === 'array' ? [] : {}),
  description,
});
const flag = (value: boolean, description: string): ValueNode => ({
  type: 'boolean',
  default: value,
  description,
});
const text = (description: string, pattern?: string): ValueNode => ({
  type: 'string',
  default: '',
  description,
  ...(pattern !== undefined && { pattern: `^(?:${pattern})?$` }),
});
const group = (description: string, properties: Readonly<Record<string, ValueNode>>): ValueNode => ({
  type: 'object',
  additionalProperties: false,
  description,
  properties,
});
const namespaces = (value: readonly string[], description: string): ValueNode => ({
  type: 'array',
  items: { type: 'string', pattern: `^${NAME}$`, maxLength: 63 },
  uniqueItems: true,
  default: value,
  description,
});
const port = (value: number, description: string): ValueNode => ({
  type: 'integer',
  minimum: 1,
  maximum: 65_535,
  default: value,
  description,
});

const TLS = group('Certificate of the webhook, and how the API server comes to trust it.', {
  mode: {
    type: 'string',
    enum: ['selfSigned', 'certManager', 'existingSecret', 'openshift'],
    default: 'selfSigned',
    description:
      '`selfSigned`: an own CA, made and rotated by the replica that leads. `certManager`: cert-manager makes it and tells the API server. `existingSecret`: yours, with `secretName` and `caBundle`. `openshift`: the service CA of OpenShift.',
  },
  secretName: text(
    'With `existingSecret`: the Secret of type `kubernetes.io/tls`, for the name `countersign.NAMESPACE.svc`.',
    SECRET_NAME,
  ),
  caBundle: text(
    'With `existingSecret`: the CA certificates that the API server is to trust, PEM.',
    '\\s*-----BEGIN CERTIFICATE-----[\\s\\S]+-----END CERTIFICATE-----\\s*',
  ),
  certManager: group('With `certManager`.', {
    issuer: group('Issuer of the certificate. Without `name` the chart makes a CA of its own.', {
      name: text('Its name.', SECRET_NAME),
      kind: {
        type: 'string',
        enum: ['Issuer', 'ClusterIssuer'],
        default: 'Issuer',
        description: 'Its kind.',
      },
    }),
    duration: { ...SECONDS, default: '2160h', description: 'Lifetime of the certificate.' },
    renewBefore: { ...SECONDS, default: '720h', description: 'How long before its end it is renewed.' },
  }),
});

const CALLER = group('Who may call the webhook.', {
  mode: {
    type: 'string',
    enum: ['path', 'mtls'],
    default: 'path',
    description:
      '`path`: who knows the last segment of the path, which the leader makes. `mtls`: who has a client certificate; for control planes whose API server you configure.',
  },
  clientCASecretName: text('With `mtls`: the Secret whose `ca.crt` signs client certificates.', SECRET_NAME),
  allowedNames: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    uniqueItems: true,
    default: [],
    description: 'With `mtls`: names that a client certificate may carry.',
  },
});

const MONITORING = group('What Prometheus and Grafana take up by themselves.', {
  serviceMonitor: group('ServiceMonitor of the Prometheus operator.', {
    enabled: flag(false, 'Make one.'),
    interval: { ...SECONDS, default: '30s', description: 'How often the metrics are read.' },
    labels: labels('Labels by which your Prometheus selects it.'),
  }),
  prometheusRule: group('PrometheusRule with alerts.', {
    enabled: flag(false, 'Make one.'),
    labels: labels('Labels by which your Prometheus selects it.'),
  }),
  dashboard: group('Dashboard of Grafana, in a ConfigMap for its sidecar.', {
    enabled: flag(false, 'Make one.'),
    labels: { ...labels('Labels by which the sidecar selects it.'), default: { grafana_dashboard: '1' } },
  }),
});

const SPREAD = ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
  maxSkew: 1,
  topologyKey,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'countersign' } },
}));

export const VALUES: ValueNode = {
  type: 'object',
  additionalProperties: false,
  properties: {
    image: group('Image of the webhook, and of the agent in pods.', {
      repository: {
        type: 'string',
        minLength: 1,
        pattern: '^[^:@\\s]+(:[0-9]+/[^:@\\s]+)?$',
        default: 'countersign',
        description:
          'Its repository, with the registry. The default is what `npm run image` makes, for nodes that have it.',
      },
      tag: text('Its tag; empty: the version of the chart’s app.', '\\w[\\w.-]{0,127}'),
      digest: text('`sha256:…`: that very image, whatever the tag says.', 'sha256:[0-9a-f]{64}'),
      pullPolicy: {
        type: 'string',
        enum: ['IfNotPresent', 'Always', 'Never'],
        default: 'IfNotPresent',
        description: 'When it is pulled.',
      },
    }),
    imagePullSecrets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: { type: 'string', minLength: 1 } },
      },
      default: [],
      description: 'Secrets for a registry that wants to know who pulls: `[{ name: … }]`.',
    },
    replicas: {
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: 3,
      description: 'How many. With one, every rollout and drained node is an outage of admission.',
    },
    config: configValues(),
    workloadKinds: {
      type: 'array',
      default: [],
      description: 'Further kinds that are judged as workloads, beside the built-in ones.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['kind', 'template', 'apiGroup', 'apiVersion', 'resource'],
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
          apiGroup: {
            type: 'string',
            pattern: '^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$',
            description: 'As in `argoproj.io`.',
          },
          apiVersion: { type: 'string', pattern: '^v[0-9]', description: 'As in `v1alpha1`.' },
          resource: { type: 'string', pattern: '^[a-z][a-z0-9]*$', description: 'As in `rollouts`.' },
        },
      },
    },
    vaultNamespaces: namespaces(
      ['vault', 'openbao'],
      'Namespaces of Vault: never judged, since their pods must start when Countersign does not.',
    ),
    excludedNamespaces: namespaces(
      [],
      'Further namespaces that are never judged: those of the network and storage drivers, if not kube-system.',
    ),
    tls: TLS,
    caller: CALLER,
    webhooks: group('The registrations. What they see and how they fail is not a matter of values.', {
      annotations: labels(
        'Annotations of both. On AKS `admissions.enforcer/disabled: "true"` keeps its enforcer away.',
      ),
      labels: labels('Labels of both.'),
    }),
    openshift: flag(false, 'Leave users to OpenShift: for our pods, and for the agent in others.'),
    ports: group('Where the process listens.', {
      webhook: port(8443, 'The webhook. On private GKE clusters 10250, or a firewall rule for this one.'),
      operations: port(9090, 'Health and metrics, plain HTTP.'),
    }),
    hostNetwork: flag(
      false,
      'Use the node’s network: where the API server cannot reach pods (EKS with another CNI). The namespace then cannot be `restricted`.',
    ),
    resources: open(
      'object',
      'Resources of a replica. A limit of CPU would make admission slow for nothing.',
      {
        requests: { cpu: '100m', memory: '128Mi' },
        limits: { memory: '512Mi' },
      },
    ),
    priorityClassName: {
      type: 'string',
      default: 'system-cluster-critical',
      description:
        'Empty: none. A class `system-…` comes with the ResourceQuota that some platforms want for it.',
    },
    podDisruptionBudget: group('How many replicas may be evicted.', {
      enabled: flag(true, 'Make one.'),
      maxUnavailable: { type: 'integer', minimum: 1, maximum: 49, default: 1, description: 'At once.' },
    }),
    topologySpreadConstraints: open('array', 'How replicas are spread.', SPREAD),
    affinity: open('object', 'Affinity of replicas.'),
    nodeSelector: labels('Nodes for replicas.'),
    tolerations: open('array', 'Tolerations of replicas.'),
    podAnnotations: labels('Further annotations of replicas.'),
    podLabels: labels('Further labels of replicas.'),
    serviceAccount: group('The account. Its rights are not a matter of values.', {
      annotations: labels('Further annotations of the account.'),
    }),
    extraEnv: open('array', 'Further environment variables, as in a container’s `env`.'),
    extraVolumes: open('array', 'Further volumes, for files that `config` names.'),
    extraVolumeMounts: open('array', 'Where they are mounted.'),
    networkPolicy: group('Who may connect to replicas.', {
      enabled: flag(true, 'Make one: the webhook and metrics, nothing else.'),
      apiServerCIDRs: {
        type: 'array',
        items: { type: 'string', pattern: '^[0-9a-fA-F.:]+/[0-9]{1,3}$' },
        default: [],
        description:
          'Addresses of the API servers. Empty: everybody may connect, since no selector names them.',
      },
      metricsFrom: open('array', 'Who may read metrics, as `from` of a NetworkPolicy. Empty: everybody.'),
    }),
    crds: group('CustomResourceDefinitions.', {
      enabled: flag(true, 'Install and upgrade them with the chart. They stay when it is removed.'),
    }),
    monitoring: MONITORING,
  },
};
