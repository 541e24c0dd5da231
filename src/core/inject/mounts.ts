import { type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';
import { FILES_PATH } from './names.ts';
import { isOurVolume } from './parts.ts';

/**
 * Mounts of a consumer at, above or below the place of our files. Below, they could hide or forge a file;
 * above, a container that shares the volume could move our folder away.
 */
export function mountConflicts(container: JsonObject, place: string): readonly FieldProblem[] {
  return listOf(container['volumeMounts'])
    .map(objectOf)
    .filter((mount) => !isOurVolume(mount['name']) && overlaps(textOf(mount['mountPath']) ?? ''))
    .map((mount) => ({
      field: `${place}.volumeMounts`,
      message:
        `the mount at ${shown(textOf(mount['mountPath']) ?? '', 100)} overlaps ${FILES_PATH}, ` +
        'where the credentials are; mount it elsewhere, or select other containers',
    }));
}

/** `/var/run` is a link to `/run` in most images. */
const PLACES = [FILES_PATH, FILES_PATH.replace('/var/run/', '/run/')].map(folder);

function overlaps(mountPath: string): boolean {
  const mounted = folder(mountPath);
  return PLACES.some((place) => place.startsWith(mounted) || mounted.startsWith(place));
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
