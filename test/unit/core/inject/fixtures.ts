import { createSecretKey } from 'node:crypto';
import type { Login } from '../../../../src/core/inject/config.ts';
import type { Minted } from '../../../../src/core/inject/issuance.ts';
import { applyPlan, type InjectionPlan } from '../../../../src/core/inject/patch.ts';
import { type PlanInput, planInjection } from '../../../../src/core/inject/plan.ts';
import { type InjectionRequest, parseInjection } from '../../../../src/core/inject/request.ts';
import type { InjectionSettings } from '../../../../src/core/inject/settings.ts';
import { type JsonObject, listOf, objectOf } from '../../../../src/core/json.ts';

/** Settings and pods that the tests of injection start from. */

export const SETTINGS: InjectionSettings = {
  vaults: {
    default: {
      name: 'default',
      address: 'https://vault.example:8200',
      authMount: 'kubernetes',
      authMethod: 'kubernetes',
      audience: 'vault',
      tokenExpirationSeconds: 600,
      kvMounts: ['secret', 'team/kv'],
    },
    far: {
      name: 'far',
      address: 'https://far.example',
      namespace: 'eu',
      authMount: 'k8s-eu',
      authMethod: 'jwt',
      audience: 'https://far.example',
      tokenExpirationSeconds: 3600,
      ca: '-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n',
      tlsServerName: 'vault.far',
      kvMounts: [],
    },
  },
  agentImage: 'registry.example/countersign/agent:1.0.0',
  agentRepositories: ['registry.example/countersign/agent', 'mirror.example:5000/agent'],
  imagePullPolicy: 'IfNotPresent',
  env: { runtimeClasses: ['gvisor'] },
  resources: {
    requests: { cpu: '10m', memory: '32Mi' },
    limits: { memory: '64Mi' },
  },
  runAsUser: 65532,
  keys: [createSecretKey(new Uint8Array(32).fill(1)), createSecretKey(new Uint8Array(32).fill(2))],
};

export const ASKS: Readonly<Record<string, string>> = {
  'countersign.dev/inject': 'true',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
};

export function podWith(annotations: Readonly<Record<string, string>>, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'api-', annotations },
    spec: {
      serviceAccountName: 'api',
      containers: [{ name: 'api', image: 'shop/api:3' }],
      ...spec,
    },
  };
}

export function requestOf(annotations: Readonly<Record<string, unknown>>): InjectionRequest {
  const { request, problems } = parseInjection(annotations);
  if (request === undefined) throw new Error(`not a request: ${JSON.stringify(problems)}`);
  return request;
}

export function inputFor(
  pod: JsonObject,
  annotations: Readonly<Record<string, string>> = ASKS,
  settings: InjectionSettings = SETTINGS,
): PlanInput {
  return {
    request: requestOf(annotations),
    pod,
    namespace: 'shop',
    account: 'api',
    login: loginFor(pod, annotations),
    settings,
    nodes: () => [],
  };
}

export const MINTED: Minted = {
  wrappingToken: 'hvs.CAESIHdyYXBwaW5nLXRva2Vu',
  accessor: 'kQHyW0bHXZ7B8yJfYwq1Yw0x',
  expiresAtSeconds: 1_796_000_120,
};

/** What policy would give a pod that asks so; the pods of Jobs are those that may not log in. */
export function loginFor(pod: JsonObject, annotations: Readonly<Record<string, unknown>>): Login {
  if (annotations['countersign.dev/inject'] !== 'wrapped') return LOGIN;
  const { kind } = objectOf(listOf(objectOf(pod['metadata'])['ownerReferences'])[0]);
  const fallback = kind === 'Job' ? 'none' : 'login';
  return { ...LOGIN, issuance: { kind: 'wrapped', tokenRole: 'wrapped_shop_api', fallback }, minted: MINTED };
}

export const LOGIN: Login = { role: 'shop_api', issuance: { kind: 'login' } };

export function planFor(input: PlanInput): InjectionPlan {
  const outcome = planInjection(input);
  if (outcome.kind !== 'plan') throw new Error(`no plan: ${JSON.stringify(outcome)}`);
  return outcome.plan;
}

export function injected(input: PlanInput): JsonObject {
  return applyPlan(planFor(input), input.pod);
}
