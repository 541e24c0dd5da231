import * as fc from 'fast-check';
import { canonicalText } from '../../../../src/core/inject/canonical-text.ts';
import { isOurVolume, readsOurs } from '../../../../src/core/inject/parts.ts';
import { isObject, type Json, type JsonObject, listOf, objectOf } from '../../../../src/core/json.ts';

/** One change to one place of what Countersign wrote into a pod. */

export type Path = readonly (string | number)[];

/** Annotations that an injection does not rest on. */
const DECLARATIONS = ['countersign.dev/needs', 'countersign.dev/break-glass'];

/** Others may change these, by the last two keys of their paths. */
const FREE = /(?:\/imagePullPolicy|limits\/cpu)$/;

export function tampered(pod: JsonObject): fc.Arbitrary<JsonObject> {
  const places = ourPlaces(pod).flatMap((path) => below(path, valueAt(pod, path)));
  return fc
    .tuple(
      fc.constantFrom(...places),
      fc.constantFrom('remove', 'replace', 'add'),
      fc.jsonValue({ maxDepth: 1 }),
      fc.string({ minLength: 1 }),
    )
    .map(([path, how, value, key]) => {
      const before = valueAt(pod, path);
      if (how === 'add' && isObject(before) && !Object.hasOwn(before, key)) {
        return changedAt(pod, path, { ...before, [`x${key}`]: [value] });
      }
      return changedAt(pod, path, how === 'replace' ? value : undefined);
    })
    .filter((changed) => canonicalText(changed) !== canonicalText(pod));
}

function ourPlaces(pod: JsonObject): readonly Path[] {
  const spec = objectOf(pod['spec']);
  const annotations = Object.keys(objectOf(objectOf(pod['metadata'])['annotations'])).filter(
    (key) => key.startsWith('countersign.dev/') && !DECLARATIONS.includes(key),
  );
  const labels = Object.keys(objectOf(objectOf(pod['metadata'])['labels'])).filter(
    (key) => key === 'countersign.dev/issuance',
  );
  const named = (list: string, at: Path, entries: unknown): readonly Path[] =>
    listOf(entries).flatMap((entry, index) =>
      isOurVolume(objectOf(entry)['name']) ? [[...at, list, index]] : [],
    );
  const uses = ['initContainers', 'containers'].flatMap((list) =>
    listOf(spec[list]).flatMap((container, index) => [
      ...named('volumeMounts', ['spec', list, index], objectOf(container)['volumeMounts']),
      ...listOf(objectOf(container)['env']).flatMap((entry, at): Path[] =>
        readsOurs(objectOf(entry)) ? [['spec', list, index, 'env', at]] : [],
      ),
    ]),
  );
  return [
    ...annotations.map((key): Path => ['metadata', 'annotations', key]),
    ...labels.map((key): Path => ['metadata', 'labels', key]),
    ...named('volumes', ['spec'], spec['volumes']),
    ...named('initContainers', ['spec'], spec['initContainers']),
    ...uses,
  ];
}

/** The place itself and every place in it. */
function below(path: Path, value: Json | undefined): readonly Path[] {
  if (FREE.test(path.join('/'))) return [];
  if (typeof value !== 'object' || value === null) return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...keys.flatMap((key) => below([...path, key], valueAt(value, [key])))];
}

export function valueAt(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) ? inner[String(key)] : undefined;
  }, value);
}

/** `undefined` removes. */
export function changedAt(pod: JsonObject, path: Path, value: Json | undefined): JsonObject {
  const copy = structuredClone(pod);
  const holder = valueAt(copy, path.slice(0, -1)) as Record<string, unknown> | unknown[];
  const key = path.at(-1) ?? '';
  if (Array.isArray(holder)) holder.splice(Number(key), 1, ...(value === undefined ? [] : [value]));
  else if (value === undefined) delete holder[String(key)];
  else holder[String(key)] = value;
  return copy;
}
