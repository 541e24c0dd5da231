import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { ACCESSOR } from './annotations.ts';
import { type Minted, PLACEHOLDER } from './issuance.ts';
import { CONFIG_VARIABLE, INIT_CONTAINER, WRAPPING_VARIABLE } from './names.ts';

/** What a container of ours is told: its configuration as JSON; nothing where it can't be read. */
export function configured(container: JsonObject): JsonObject {
  try {
    const config: unknown = JSON.parse(variable(container, CONFIG_VARIABLE) ?? '');
    return isObject(config) ? config : {};
  } catch {
    return {};
  }
}

/**
 * What was minted for the pod, as it stands in it; `undefined`: its agent is told of nothing. Nothing of it is proved: that is
 * for the seal.
 */
export function mintedIn(pod: unknown): Minted | undefined {
  const annotations = objectOf(objectOf(objectOf(pod)['metadata'])['annotations']);
  const init = listOf(objectOf(objectOf(pod)['spec'])['initContainers'])
    .map(objectOf)
    .find(({ name }) => name === INIT_CONTAINER);
  const expiresAtSeconds = init && objectOf(configured(init)['issuance'])['expiresAtSeconds'];
  if (init === undefined || typeof expiresAtSeconds !== 'number') return undefined;
  return {
    wrappingToken: variable(init, WRAPPING_VARIABLE) ?? PLACEHOLDER.wrappingToken,
    accessor: textOf(annotations[ACCESSOR]) ?? PLACEHOLDER.accessor,
    expiresAtSeconds,
  };
}

function variable(container: JsonObject, name: string): string | undefined {
  const entry = listOf(container['env'])
    .map(objectOf)
    .find((one) => one['name'] === name);
  return textOf(entry?.['value']);
}
