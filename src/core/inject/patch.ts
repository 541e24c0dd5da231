import { isObject, type Json, type JsonObject, listOf, objectOf } from '../json.ts';

/**
 * What injection adds to a pod, as data: no secret is in it but a wrapping token, where one was minted, and nothing of the
 * pod is removed or replaced.
 */
export interface InjectionPlan {
  /** In this order: token, state, files, env; what is not used is not there. */
  readonly volumes: readonly JsonObject[];
  readonly consumers: readonly ConsumerChange[];
  /** The init container, then the sidecar, put in front of what is now at `at`. */
  readonly initContainers: { readonly at: number; readonly containers: readonly JsonObject[] };
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What one of the pod's own containers gets. */
export interface ConsumerChange {
  readonly list: 'containers' | 'initContainers';
  /** Its place before anything is added. */
  readonly index: number;
  /** At the head of the list, so that the container's own variables can refer to them. */
  readonly env: readonly JsonObject[];
  /** At the end of the list. */
  readonly volumeMounts: readonly JsonObject[];
}

/** RFC 6902. */
export interface PatchOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: Json;
}

/**
 * The same plan and pod give the same operations, to the byte. Places in lists are the pod's own until the
 * last step.
 */
export function toPatch(plan: InjectionPlan, pod: JsonObject): readonly PatchOperation[] {
  const spec = objectOf(pod['spec']);
  const { at, containers } = plan.initContainers;
  return [
    ...insertion('/spec/volumes', spec['volumes'], plan.volumes),
    ...plan.consumers.flatMap(({ list, index, env, volumeMounts }) => {
      const container = objectOf(listOf(spec[list])[index]);
      const place = `/spec/${list}/${index}`;
      return [
        ...insertion(`${place}/env`, container['env'], env, 0),
        ...insertion(`${place}/volumeMounts`, container['volumeMounts'], volumeMounts),
      ];
    }),
    ...insertion('/spec/initContainers', spec['initContainers'], containers, at),
    ...metadataOperations(plan, pod['metadata']),
  ];
}

/** @param at where in the list; at its end when absent. */
function insertion(
  path: string,
  list: unknown,
  items: readonly JsonObject[],
  at?: number,
): readonly PatchOperation[] {
  if (items.length === 0) return [];
  if (!Array.isArray(list)) return [{ op: 'add', path, value: items }];
  return items.map((value, offset) => ({
    op: 'add',
    path: `${path}/${at === undefined ? '-' : at + offset}`,
    value,
  }));
}

function metadataOperations(
  { labels, annotations }: InjectionPlan,
  metadata: unknown,
): readonly PatchOperation[] {
  if (!isObject(metadata)) {
    const value = { ...(Object.keys(labels).length > 0 && { labels }), annotations };
    return [{ op: 'add', path: '/metadata', value }];
  }
  return [
    ...entryOperations('/metadata/labels', metadata['labels'], labels),
    ...entryOperations('/metadata/annotations', metadata['annotations'], annotations),
  ];
}

function entryOperations(
  path: string,
  there: unknown,
  entries: Readonly<Record<string, string>>,
): readonly PatchOperation[] {
  if (Object.keys(entries).length === 0) return [];
  if (!isObject(there)) return [{ op: 'add', path, value: entries }];
  return Object.entries(entries).map(([key, value]) => ({
    op: 'add',
    path: `${path}/${escaped(key)}`,
    value,
  }));
}

/** RFC 6901. */
function escaped(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The pod as the patch makes it, without the patch. */
export function applyPlan(plan: InjectionPlan, pod: JsonObject): JsonObject {
  const spec = objectOf(pod['spec']);
  const metadata = objectOf(pod['metadata']);
  const { at, containers } = plan.initContainers;
  const initContainers = changedList(plan, 'initContainers', spec['initContainers']);
  return {
    ...pod,
    metadata: {
      ...metadata,
      ...(Object.keys(plan.labels).length > 0 && {
        labels: { ...objectOf(metadata['labels']), ...plan.labels },
      }),
      annotations: { ...objectOf(metadata['annotations']), ...plan.annotations },
    },
    spec: {
      ...spec,
      volumes: [...jsonList(spec['volumes']), ...plan.volumes],
      containers: changedList(plan, 'containers', spec['containers']),
      initContainers: [...initContainers.slice(0, at), ...containers, ...initContainers.slice(at)],
    },
  };
}

function changedList(
  plan: InjectionPlan,
  list: ConsumerChange['list'],
  value: Json | undefined,
): readonly Json[] {
  return jsonList(value).map((container, index) => {
    const change = plan.consumers.find((consumer) => consumer.list === list && consumer.index === index);
    if (change === undefined || !isObject(container)) return container;
    const { env, volumeMounts } = change;
    return {
      ...container,
      ...(env.length > 0 && { env: [...env, ...jsonList(container['env'])] }),
      ...(volumeMounts.length > 0 && {
        volumeMounts: [...jsonList(container['volumeMounts']), ...volumeMounts],
      }),
    };
  });
}

function jsonList(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
