import { execFile } from 'node:child_process';
import { parseAllDocuments, stringify } from 'yaml';
import { helmPath } from '../../scripts/cluster/helm.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';

/** The chart as the real Helm renders it. */
export const CHART = 'charts/countersign';

export interface Helm {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param input what `--values -` reads */
export function helm(args: readonly string[], input = ''): Promise<Helm> {
  return new Promise((resolve) => {
    const child = execFile(helmPath(), [...args], { maxBuffer: 64 << 20 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out, err });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

export function template(values: object = {}, ...flags: string[]): Promise<Helm> {
  const args = ['template', 'countersign', CHART, '--namespace=countersign', '--values=-', ...flags];
  return helm(args, stringify(values));
}

/** Fails where Helm does. */
export async function rendered(values: object = {}, ...flags: string[]): Promise<Rendered> {
  const { code, out, err } = await template(values, ...flags);
  if (code !== 0) throw new Error(err);
  return readObjects(out);
}

export interface Rendered {
  readonly text: string;
  readonly objects: readonly JsonObject[];
  /** The one of this kind, and, where there are several, of this name; an empty object where there is none. */
  one(kind: string, name?: string): JsonObject;
}

export function readObjects(text: string): Rendered {
  const objects = parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS();
    return isObject(value) ? [value] : [];
  });
  return {
    text,
    objects,
    one(kind, name = 'countersign') {
      return objectOf(objects.find((object) => object['kind'] === kind && nameOf(object) === name));
    },
  };
}

export function kindOf(object: JsonObject): string {
  return textOf(object['kind']) ?? '';
}

/** `Kind/name` */
export function titleOf(object: JsonObject): string {
  return `${kindOf(object)}/${nameOf(object)}`;
}

export function nameOf(object: JsonObject): string {
  return textOf(objectOf(object['metadata'])['name']) ?? '';
}

/** What stands at a path, `undefined` where it does not lead anywhere. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof key === 'number' ? listOf(inner)[key] : objectOf(inner)[key]),
    value,
  );
}

/** A certificate in shape, for values that only have to look like one. */
export const SOME_PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Values that together turn on every part of the chart, and vary every value. */
export const COMBINATIONS: Readonly<Record<string, object>> = {
  defaults: {},
  'one replica, nothing around it': {
    replicas: 1,
    podDisruptionBudget: { enabled: false },
    networkPolicy: { enabled: false },
    priorityClassName: '',
    crds: { enabled: false },
    topologySpreadConstraints: [],
  },
  'Vault, read by Countersign': {
    config: {
      vaults: {
        default: {
          address: 'https://vault.vault.svc:8200',
          ca: SOME_PEM,
          audience: 'bao',
          facts: { role: 'countersign' },
        },
        other: { address: 'https://other.example.com' },
      },
      injection: { resources: { limits: { memory: '64Mi' } } },
      reschedulers: [{ username: 'system:serviceaccount:argo:rollouts', owners: ['ReplicaSet'] }],
      log: { level: 'debug' },
      shutdown: { graceSeconds: 20 },
    },
  },
  'cert-manager with a CA of its own': { tls: { mode: 'certManager' } },
  'cert-manager with an issuer': {
    tls: {
      mode: 'certManager',
      certManager: {
        issuer: { name: 'corporate', kind: 'ClusterIssuer' },
        duration: '24h',
        renewBefore: '8h',
      },
    },
  },
  'an existing Secret': {
    tls: { mode: 'existingSecret', secretName: 'webhook-tls', caBundle: SOME_PEM },
  },
  OpenShift: { openshift: true, tls: { mode: 'openshift' } },
  'client certificates, wrapped tokens': {
    caller: { mode: 'mtls', clientCASecretName: 'api-server-ca', allowedNames: ['kube-apiserver'] },
    config: {
      vaults: { default: { address: 'https://vault.example.com', facts: { role: 'countersign' } } },
      injection: { wrapped: {} },
    },
  },
  EKS: { hostNetwork: true, ports: { webhook: 10_260, operations: 10_261 } },
  AKS: {
    webhooks: { annotations: { 'admissions.enforcer/disabled': 'true' }, labels: { team: 'platform' } },
  },
  everything: {
    image: {
      repository: 'registry.example.com:5000/countersign',
      tag: '1.2.3',
      digest: `sha256:${'a'.repeat(64)}`,
      pullPolicy: 'Always',
    },
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    imagePullSecrets: [{ name: 'registry' }],
    replicas: 5,
    podDisruptionBudget: { maxUnavailable: 2 },
    workloadKinds: [
      {
        kind: 'Rollout',
        template: 'spec.template',
        apiGroup: 'argoproj.io',
        apiVersion: 'v1alpha1',
        resource: 'rollouts',
      },
    ],
    vaultNamespaces: ['secrets'],
    excludedNamespaces: ['calico-system'],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: { nodeAffinity: {} },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    podAnnotations: { a: 'b' },
    podLabels: { c: 'd' },
    serviceAccount: { annotations: { e: 'f' } },
    extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/ca/ca.crt' }],
    extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
    extraVolumeMounts: [{ name: 'ca', mountPath: '/ca', readOnly: true }],
    networkPolicy: {
      apiServerCIDRs: ['10.0.0.0/28'],
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    },
    monitoring: {
      serviceMonitor: { enabled: true, interval: '1m', labels: { release: 'prometheus' } },
      prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
      dashboard: { enabled: true, labels: { grafana: 'main' } },
    },
  },
};
