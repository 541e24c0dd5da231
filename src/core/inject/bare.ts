import { isObject, type Json, type JsonObject, objectOf, textOf } from '../json.ts';
import { ISSUANCE, isRecord } from './annotations.ts';
import { OUR_CONTAINERS } from './names.ts';
import { CONTAINER_LISTS, isOurVolume, mountsOurs, readsOurs } from './parts.ts';

/**
 * The pod without anything that only Countersign may put there: what an injection would start from. Total.
 */
export function withoutOurs(pod: unknown): JsonObject {
  const root = objectOf(pod);
  const metadata = objectOf(root['metadata']);
  const annotations = Object.entries(objectOf(metadata['annotations'])).filter(([key]) => !isRecord(key));
  const labels = Object.entries(objectOf(metadata['labels'])).filter(([key]) => key !== ISSUANCE);
  const spec = kept(objectOf(root['spec']), 'volumes', ({ name }) => !isOurVolume(name));
  return {
    ...root,
    metadata: {
      ...metadata,
      ...(isObject(metadata['labels']) && { labels: Object.fromEntries(labels) }),
      annotations: Object.fromEntries(annotations),
    },
    spec: CONTAINER_LISTS.reduce(bareContainers, spec),
  };
}

function bareContainers(spec: JsonObject, list: string): JsonObject {
  const theirs = kept(spec, list, ({ name }) => !OUR_CONTAINERS.includes(textOf(name) ?? ''));
  const containers = theirs[list];
  return Array.isArray(containers) ? { ...theirs, [list]: containers.map(bareContainer) } : theirs;
}

function bareContainer(container: Json): Json {
  if (!isObject(container)) return container;
  return kept(
    kept(container, 'volumeMounts', (mount) => !mountsOurs(mount)),
    'env',
    (entry) => !readsOurs(entry),
  );
}

/** The object with only those entries of one of its lists; anything but a list stays as it is. */
function kept(holder: JsonObject, field: string, keep: (entry: JsonObject) => boolean): JsonObject {
  const list = holder[field];
  return Array.isArray(list) ? { ...holder, [field]: list.filter((entry) => keep(objectOf(entry))) } : holder;
}
