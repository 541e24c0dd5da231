import { type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';
import { ENV_FILE, ENV_VOLUME } from './names.ts';
import { readsOurs } from './parts.ts';
import type { VariableRequest } from './variable.ts';

/**
 * KEP-3721: kubelet takes the value out of the env file when it makes the container, which need not mount the volume.
 * `optional` is written as the API server would fill it in: no container starts without the value.
 */
export function envEntry(variable: string): JsonObject {
  const fileKeyRef = { volumeName: ENV_VOLUME, path: ENV_FILE, key: variable, optional: false };
  return { name: variable, valueFrom: { fileKeyRef } };
}

/** Variables that the container has already: of two entries of one name the last one counts, whoever wrote it. */
export function envConflicts(
  container: JsonObject,
  variables: readonly VariableRequest[],
  place: string,
): readonly FieldProblem[] {
  const asked = new Map(variables.map((one) => [one.variable, one]));
  return listOf(container['env']).flatMap((entry) => {
    const name = textOf(objectOf(entry)['name']) ?? '';
    const one = asked.get(name);
    if (one === undefined) return [];
    return [
      {
        field: `${place}.env[${shown(name, 63)}]`,
        message: `sets the same variable as ${one.field}; keep one of the two`,
      },
    ];
  });
}

/** In an injected pod: entries that take the place of ours. */
export function envOverrides(container: JsonObject, place: string): readonly FieldProblem[] {
  const entries = listOf(container['env']).map(objectOf);
  const ours = new Set(entries.filter(readsOurs).map(({ name }) => name));
  return entries
    .filter((entry) => !readsOurs(entry) && ours.has(entry['name']))
    .map(({ name }) => ({
      field: `${place}.env[${shown(textOf(name) ?? '', 63)}]`,
      message: "sets a variable of Countersign's to another value",
    }));
}
