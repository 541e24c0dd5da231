import { isObject, type JsonObject, listOf, objectOf, textMapOf, textOf } from '../json.ts';
import type { Account } from '../scope/scope.ts';
import { type TokenMounts, tokenMountsOf } from './exposure.ts';

/** What of a workload is judged: who it is, what it runs as, and what it says of itself. */
export interface WorkloadClaim {
  readonly kind: string;
  readonly namespace: string;
  /** The name, or the `generateName` of an object that has none yet. */
  readonly name: string;
  readonly account: Account;
  /** The template's annotations. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly tokens: TokenMounts;
  readonly controller: Owner | undefined;
  /** What controls its controller at the end, where that is known. */
  readonly top?: Owner | undefined;
  readonly uid: string | undefined;
}

/** A workload as it stands in a request. */
export interface Workload extends WorkloadClaim {
  readonly apiVersion: string;
  /** Metadata and spec of the pods it makes; of the pod itself when it is one. */
  readonly template: JsonObject;
  /** The annotations of the workload object itself, where it is not a pod. */
  readonly ownAnnotations: Readonly<Record<string, string>>;
  readonly deleting: boolean;
}

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** By kind, where it keeps its pod template. */
export type TemplatePaths = Readonly<Record<string, readonly string[]>>;

/** Of the built-in kinds. */
export const TEMPLATE_PATHS: TemplatePaths = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/**
 * Reads any JSON as a workload. `undefined` where the kind is none, or its template is missing.
 * @param paths of the kinds that are read.
 * @param namespace where the request is made; else the object's own, else `default`.
 */
export function readWorkload(
  object: unknown,
  namespace?: string,
  paths: TemplatePaths = TEMPLATE_PATHS,
): Workload | undefined {
  if (!isObject(object)) return undefined;
  const kind = textOf(object['kind']) ?? '';
  const path = Object.hasOwn(paths, kind) ? paths[kind] : undefined;
  const template = path === undefined ? undefined : at(object, path);
  if (!isObject(template)) return undefined;
  const metadata = objectOf(object['metadata']);
  const place = namespace ?? textOf(metadata['namespace']) ?? 'default';
  const annotations = textMapOf(objectOf(template['metadata'])['annotations']);
  const account = { namespace: place, name: accountName(objectOf(template['spec'])) };
  return {
    apiVersion: textOf(object['apiVersion']) ?? '',
    kind,
    namespace: place,
    name: textOf(metadata['name']) || textOf(metadata['generateName']) || '',
    account,
    template,
    annotations,
    tokens: tokenMountsOf(objectOf(template['spec']), account.name),
    ownAnnotations: kind === 'Pod' ? {} : textMapOf(metadata['annotations']),
    controller: controllerOf(metadata),
    uid: textOf(metadata['uid']),
    deleting: metadata['deletionTimestamp'] !== undefined && metadata['deletionTimestamp'] !== null,
  };
}

function at(object: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => objectOf(value)[key], object);
}

/** Templates are not defaulted by the API server, and may carry the deprecated `serviceAccount` alone. */
function accountName(podSpec: JsonObject): string {
  return textOf(podSpec['serviceAccountName']) || textOf(podSpec['serviceAccount']) || 'default';
}

function controllerOf(metadata: JsonObject): Owner | undefined {
  const owner = listOf(metadata['ownerReferences'])
    .map(objectOf)
    .find((item) => item['controller'] === true);
  const [apiVersion, kind, name, uid] = ['apiVersion', 'kind', 'name', 'uid'].map((key) =>
    textOf(owner?.[key]),
  );
  return kind && name && uid ? { apiVersion: apiVersion ?? '', kind, name, uid } : undefined;
}
