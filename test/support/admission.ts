import { createSecretKey } from 'node:crypto';
import { type Admission, createHandler, type Endpoint, type Handled } from '../../src/admit/handler.ts';
import { BUILT_IN_RESCHEDULERS } from '../../src/core/admission/reschedulers.ts';
import { TEMPLATE_PATHS } from '../../src/core/admission/workload.ts';
import type { InjectionSettings } from '../../src/core/inject/settings.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { WATCHED_KINDS, type WatchedKind } from '../../src/facts/kinds.ts';
import { createWorld, type World } from '../../src/facts/world.ts';
import { TEST_RESOURCES } from './resources.ts';

/** A whole admission in memory: objects in, review in, review out. */

export function worldOf(...objects: readonly JsonObject[]): World {
  const world = createWorld(TEST_RESOURCES);
  for (const object of objects) {
    const kind = textOf(object['kind']) ?? '';
    if (!isWorldKind(kind)) throw new Error(`no fact: ${kind}`);
    world.put(kind, object, {
      report: (problem) => {
        throw new Error(JSON.stringify(problem));
      },
    });
  }
  return world;
}

function isWorldKind(kind: string): kind is WatchedKind {
  return Object.hasOwn(WATCHED_KINDS, kind);
}

const SETTINGS: InjectionSettings = {
  vaults: {
    default: {
      name: 'default',
      address: 'https://vault.vault:8200',
      authMount: 'kubernetes',
      authMethod: 'kubernetes',
      audience: 'vault',
      tokenExpirationSeconds: 600,
      kvMounts: ['secret'],
    },
  },
  agentImage: 'registry.example/countersign-agent:1',
  agentRepositories: ['registry.example/countersign-agent'],
  imagePullPolicy: 'IfNotPresent',
  env: { runtimeClasses: ['gvisor'] },
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '64Mi' } },
  runAsUser: 65_532,
  keys: [createSecretKey(new Uint8Array(32).fill(7))],
};

export interface Reviewed {
  readonly uid?: string;
  readonly operation?: string;
  readonly object: JsonObject;
  readonly oldObject?: JsonObject;
  readonly subResource?: string;
  readonly username?: string;
  readonly dryRun?: boolean;
}

export function reviewOf({
  uid = 'u-1',
  operation = 'CREATE',
  object,
  username = 'jane',
  ...rest
}: Reviewed): JsonObject {
  const metadata = objectOf(object['metadata']);
  const request = {
    uid,
    operation,
    kind: { group: groupOf(object), version: 'v1', kind: textOf(object['kind']) ?? '' },
    namespace: textOf(metadata['namespace']) ?? (isClusterScoped(object) ? '' : 'shop'),
    name: textOf(metadata['name']) ?? '',
    userInfo: { username },
    object,
    ...rest,
  };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

function isClusterScoped({ kind }: JsonObject): boolean {
  return typeof kind === 'string' && isWorldKind(kind) && !WATCHED_KINDS[kind].namespaced;
}

function groupOf({ apiVersion }: JsonObject): string {
  const [group = '', version] = (textOf(apiVersion) ?? '').split('/');
  return version === undefined ? '' : group;
}

export function admissionOn(world: World, more: Partial<Admission> = {}): Admission {
  return {
    facts: world,
    settings: SETTINGS,
    factsMaxAgeSeconds: 300,
    now: () => 0,
    reschedulers: BUILT_IN_RESCHEDULERS,
    templatePaths: TEMPLATE_PATHS,
    ...more,
  };
}

export function ask(
  admission: Admission,
  endpoint: Endpoint,
  body: unknown,
  deadline: AbortSignal = new AbortController().signal,
): Promise<Handled> {
  return createHandler(admission)(endpoint, body, { deadline });
}

/** The `response` of a review, as data. */
export function responseOf({ review }: Handled): JsonObject {
  const plain: unknown = JSON.parse(JSON.stringify(review));
  return isObject(plain) ? objectOf(plain['response']) : {};
}
