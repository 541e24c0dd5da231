import { shown } from '../text.ts';
import { type FieldProblem, isRecord } from './annotations.ts';
import { canonicalText } from './canonical-text.ts';
import { OUR_CONTAINERS, VOLUME_PREFIX } from './names.ts';
import type { Part } from './parts.ts';

/** Differences between parts, each with its place and the reason why it is one. */

const ANNOTATIONS = 'metadata.annotations';
const LABELS = 'metadata.labels';
const VOLUMES = 'spec.volumes';
/** Lists whose entries go by name. */
const KEYED = ['env', 'volumeMounts'];

/** Everything that only Countersign may put into a pod, in a pod that it did not inject. */
export function intrusions(parts: readonly Part[]): readonly FieldProblem[] {
  return parts
    .filter(({ path: [place, name = '', field], path }) => {
      if (place === ANNOTATIONS) return isRecord(name);
      return !isOurContainer(path) || field === 'name';
    })
    .map((part) => ({ field: placeOf(part), message: whyNotThere(part) }));
}

/** What stands in `actual` and not in `expected`, the other way round, or in both with other values. */
export function differences(expected: readonly Part[], actual: readonly Part[]): readonly FieldProblem[] {
  const [wanted, found] = [valuesByPlace(expected), valuesByPlace(actual)];
  const missing = [...wanted.values()]
    .filter(({ place }) => !found.has(place))
    .map(({ part }) => ({
      field: placeOf(part),
      message: 'is missing: Countersign wrote it, and it was removed',
    }));
  const others = [...found.values()].flatMap(({ place, part, values }) => {
    const before = wanted.get(place);
    if (before === undefined) return [{ field: placeOf(part), message: whyNotThere(part) }];
    return before.values === values
      ? []
      : [{ field: placeOf(part), message: 'is not what Countersign wrote' }];
  });
  return [...missing, ...others];
}

interface Placed {
  readonly place: string;
  readonly part: Part;
  /** Of all parts in that place, as one text. */
  readonly values: string;
}

function valuesByPlace(parts: readonly Part[]): ReadonlyMap<string, Placed> {
  const placed = new Map<string, Placed>();
  for (const part of parts) {
    const place = JSON.stringify(part.path);
    const before = placed.get(place);
    placed.set(place, { place, part, values: `${before?.values ?? ''}${canonicalText(part.value)}\n` });
  }
  return placed;
}

function isOurContainer([place, name = '']: Part['path']): boolean {
  return place !== ANNOTATIONS && place !== LABELS && place !== VOLUMES && OUR_CONTAINERS.includes(name);
}

function whyNotThere({ path }: Part): string {
  if (path[0] === LABELS) return 'is for Countersign to write';
  if (path[0] === ANNOTATIONS) {
    return isRecord(path[1] ?? '')
      ? 'is for Countersign to write'
      : 'was not there when the pod was injected';
  }
  if (path[0] === VOLUMES) return `volume names that start with "${VOLUME_PREFIX}" belong to Countersign`;
  if (!isOurContainer(path))
    return "uses a volume of Countersign's, which only Countersign may give to a container";
  return path[2] === 'name'
    ? "this container's name belongs to Countersign"
    : "may not be there: nobody may add to Countersign's own container";
}

/**
 * A place as people write it: `spec.initContainers[countersign-init].env[NODE_OPTIONS]`; an annotation is its
 * key.
 */
function placeOf({ path: [place, name = '', field, ...rest] }: Part): string {
  if (place === ANNOTATIONS) return shown(name);
  if (place === LABELS) return `${place}[${name}]`;
  const entry = `${place}[${shown(name, 63)}]`;
  // The name stands for the container itself.
  if (field === undefined || field === 'name') return entry;
  const inside = rest.map((word) => (KEYED.includes(field) ? `[${shown(word, 63)}]` : `.${shown(word, 63)}`));
  return `${entry}.${shown(field, 63)}${inside.join('')}`;
}
