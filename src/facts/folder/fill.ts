import { isObject, type JsonObject, objectOf, textOf } from '../../core/json.ts';
import { bootstrapRoles } from '../../core/rbac/bootstrap-roles.ts';
import { shown } from '../../core/text.ts';
import { identify, identityOf, keyOf } from '../identity.ts';
import { isWorkloadKind, type WatchedKind, type WorkloadKind } from '../kinds.ts';
import { checkTemplate } from '../read-workload.ts';
import { spotOf } from '../spot.ts';
import type { Reading, World } from '../world.ts';
import type { FoundObject } from './objects.ts';
import type { Locate } from './yaml.ts';

/** A workload as it is written, to be judged. */
export interface WorkloadDocument {
  readonly kind: WorkloadKind | 'Pod';
  /** Its own, or the one where objects go that name none. */
  readonly namespace: string;
  readonly object: JsonObject;
  readonly file: string;
  /** In the file, from 1. */
  readonly document: number;
  /** Where the object starts. */
  readonly line: number;
  /** Where a field of the object stands; `within` is a place in the text of the field. */
  readonly locate: Locate;
}

/**
 * Puts the objects of a folder into a world, with what an API server would add to them: the roles that every cluster has,
 * the namespaces that are only used, and the label that carries a namespace's name.
 * @param namespace of objects that name none.
 * @returns the workloads and pods, in the same order.
 */
export function fillWorld(
  world: World,
  objects: readonly FoundObject[],
  namespace: string,
): readonly WorkloadDocument[] {
  // First, so that a role of the same name in the folder takes the place of the stock one.
  for (const { kind, rules, gathers, ...metadata } of bootstrapRoles()) {
    const aggregationRule = gathers && { clusterRoleSelectors: gathers };
    world.put(kind, { metadata, rules, aggregationRule });
  }
  const workloads = objects.flatMap((found) => workloadOf(found, namespace) ?? []);
  const used = new Set(workloads.map((workload) => workload.namespace));
  for (const key of putAll(world, objects, namespace)) used.add(identityOf(key).namespace ?? '');
  for (const name of used) {
    if (world.namespace(name) === undefined) world.put('Namespace', labelled({ metadata: { name } }));
  }
  return workloads;
}

function workloadOf(found: FoundObject, fallback: string): WorkloadDocument | undefined {
  const { kind, object, file, document, locate, report } = found;
  if (kind !== 'Pod' && !isWorkloadKind(kind)) return undefined;
  checkTemplate(kind, spotOf(object, report));
  const namespace = textOf(objectOf(object['metadata'])['namespace']) || fallback;
  return {
    kind,
    namespace,
    object,
    file,
    document,
    // Only asked for where something is said about the object, and in a list it takes a second reading.
    get line() {
      return locate([]).line;
    },
    locate,
  };
}

/** The keys of the objects that are put. */
function putAll(world: World, objects: readonly FoundObject[], namespace: string): readonly string[] {
  const seen = new Map<string, FoundObject>();
  return objects.flatMap((found, index) => {
    const { kind, report } = found;
    if (kind === 'CustomResourceDefinition') return [];
    const object = named(found.object, index);
    const key = putOne(world, kind, object, { report, namespace });
    if (key === undefined) return [];
    const first = seen.get(`${kind} ${key}`);
    if (first === undefined) seen.set(`${kind} ${key}`, found);
    else report({ path: ['metadata', 'name'], message: `the same ${kind} is in ${where(first)}` });
    return [key];
  });
}

function putOne(
  world: World,
  kind: WatchedKind | 'Pod',
  object: JsonObject,
  reading: Required<Reading>,
): string | undefined {
  if (kind === 'Namespace') return world.put(kind, labelled(object), reading);
  if (kind !== 'Pod') return world.put(kind, object, reading);
  // Pods are judged, and no facts: their workload is.
  const identity = identify(kind, spotOf(object, reading.report), reading.namespace);
  return identity && keyOf(identity);
}

/** An object that leaves its name to the API server gets one, so that several of them can be there. */
function named(object: JsonObject, index: number): JsonObject {
  const metadata = objectOf(object['metadata']);
  const prefix = textOf(metadata['generateName']);
  const unnamed = metadata['name'] === undefined && prefix;
  return unnamed ? { ...object, metadata: { ...metadata, name: `${prefix}${index}` } } : object;
}

/** `kubernetes.io/metadata.name` is on every Namespace, whatever its author wrote. */
function labelled(object: JsonObject): JsonObject {
  const metadata = objectOf(object['metadata']);
  const labels = metadata['labels'] ?? {};
  if (!isObject(labels)) return object;
  return {
    ...object,
    metadata: { ...metadata, labels: { ...labels, 'kubernetes.io/metadata.name': metadata['name'] } },
  };
}

function where({ file, document }: FoundObject): string {
  return `${shown(file)}, document ${document}`;
}
