import { isObject, type JsonObject, textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';

/**
 * A pod whose outline is known to be right, so that a patch can be laid over it. What is inside stays
 * unknown.
 */
export interface PodOutline {
  readonly metadata: JsonObject;
  readonly annotations: JsonObject;
  readonly spec: JsonObject;
  readonly volumes: readonly JsonObject[];
  readonly initContainers: readonly NamedContainer[];
  readonly containers: readonly NamedContainer[];
}

export interface NamedContainer {
  readonly name: string;
  readonly container: JsonObject;
}

/** Far beyond any pod that runs; a request may hold a quarter of a million. */
const MAX_CONTAINERS = 1000;

/** `null` counts as absent, as it does for the API server. */
export function readPod(pod: unknown): { outline: PodOutline; problems: readonly FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const object = (value: unknown, field: string): JsonObject => {
    if (isObject(value)) return value;
    if (value !== undefined && value !== null) problems.push({ field, message: 'expected an object' });
    return {};
  };
  const objects = (value: unknown, field: string): readonly JsonObject[] => {
    if (Array.isArray(value)) return value.map((item, at) => object(item, `${field}[${at}]`));
    if (value !== undefined && value !== null) problems.push({ field, message: 'expected a list' });
    return [];
  };
  const containers = (value: unknown, field: string): readonly NamedContainer[] =>
    objects(value, field).map((container, at) => {
      const name = textOf(container['name']);
      if (name === undefined) problems.push({ field: `${field}[${at}].name`, message: 'expected a string' });
      const place = `${field}[${name === undefined ? at : shown(name, 63)}]`;
      objects(container['volumeMounts'], `${place}.volumeMounts`);
      objects(container['env'], `${place}.env`);
      return { name: name ?? '', container };
    });
  const root = object(pod, 'pod');
  const metadata = object(root['metadata'], 'metadata');
  const spec = object(root['spec'], 'spec');
  object(metadata['labels'], 'metadata.labels');
  const outline: PodOutline = {
    metadata,
    annotations: object(metadata['annotations'], 'metadata.annotations'),
    spec,
    volumes: objects(spec['volumes'], 'spec.volumes'),
    initContainers: containers(spec['initContainers'], 'spec.initContainers'),
    containers: containers(spec['containers'], 'spec.containers'),
  };
  if (outline.containers.length + outline.initContainers.length > MAX_CONTAINERS) {
    problems.push({ field: 'spec', message: `expected at most ${MAX_CONTAINERS} containers` });
  }
  if (outline.containers.length === 0 && problems.length === 0) {
    problems.push({ field: 'spec.containers', message: 'expected at least one container' });
  }
  return { outline, problems };
}
