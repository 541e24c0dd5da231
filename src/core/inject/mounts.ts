import { isObject, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';
import { FILES_PATH } from './names.ts';
import { CONTAINER_LISTS, isOurVolume } from './parts.ts';

/**
 * Mounts of a consumer at, above or below the place of our files. Below, they could hide or forge a file;
 * above, a container that shares the volume could move our folder away. A container without the files has nothing to hide.
 */
export function mountConflicts(
  container: JsonObject,
  place: string,
  own: OwnVolumes,
): readonly FieldProblem[] {
  return listOf(container['volumeMounts'])
    .map(objectOf)
    .filter((mount) => !isOurVolume(mount['name']) && conflicts(mount, own))
    .map((mount) => ({
      field: `${place}.volumeMounts`,
      message:
        `the mount at ${shown(textOf(mount['mountPath']) ?? '', 100)} overlaps ${FILES_PATH}, ` +
        'where the credentials are; mount it elsewhere, or select other containers',
    }));
}

/** `/var/run` is a link to `/run` in most images. */
const PLACES = [FILES_PATH, FILES_PATH.replace('/var/run/', '/run/')].map(folder);

function conflicts(mount: JsonObject, own: OwnVolumes): boolean {
  const mounted = folder(textOf(mount['mountPath']) ?? '');
  if (PLACES.some((place) => mounted.startsWith(place))) return true;
  return PLACES.some((place) => place.startsWith(mounted)) && !isHarmless(mount, own);
}

/** Into what is read-only the runtime can't make our folder. */
function isHarmless({ name, readOnly, mountPropagation }: JsonObject, own: OwnVolumes): boolean {
  return own.has(name) && readOnly !== true && (mountPropagation ?? 'None') === 'None';
}

/** Names of volumes. */
export type OwnVolumes = ReadonlySet<unknown>;

/**
 * Each `emptyDir` that one container of the pod has for itself, as images with a read-only root need at `/run`. Runtimes
 * mount by the depth of the path, so our folder lies on top of it. Linux lets whoever shares a volume rename that folder,
 * which takes the mount away; here nobody else does, and in its own mount namespace it is busy.
 */
export function ownVolumes(spec: JsonObject): OwnVolumes {
  const mounters = new Map<unknown, number>();
  for (const container of CONTAINER_LISTS.flatMap((list) => listOf(spec[list]))) {
    const names = listOf(objectOf(container)['volumeMounts']).map((mount) => objectOf(mount)['name']);
    for (const name of new Set(names)) mounters.set(name, (mounters.get(name) ?? 0) + 1);
  }
  const empty = listOf(spec['volumes'])
    .map(objectOf)
    .filter((volume) => isObject(volume['emptyDir']))
    .map(({ name }) => name);
  return new Set(empty.filter((name) => mounters.get(name) === 1));
}

/** As kubelet and runtime take it: absolute, without empty and dot segments; with a slash at its end. */
function folder(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.map((segment) => `${segment}/`).join('')}`;
}
