import { shown } from '../text.ts';
import { type Asked, PREFIX, type Report } from './annotations.ts';
import { OUR_CONTAINERS } from './names.ts';
import { unsupported } from './options.ts';

/** RFC 1123 label, as the API server checks container names. */
const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAMES = 500;

/**
 * The containers that get the files, from `containers` and `containers.<credential>`. All files of a pod are
 * in one volume: who gets one credential gets them all, so lists that would tell credentials apart are
 * refused.
 * @param things credentials by name, and `undefined` for what goes by `containers` alone (the token).
 */
export function readContainers(
  asked: readonly Asked[],
  things: readonly (string | undefined)[],
  report: Report,
): readonly string[] | undefined {
  const lists = new Map(asked.map((one) => [one.argument, readList(one, report)]));
  const known = new Set(things);
  for (const { key, argument } of asked) {
    if (argument === undefined || known.has(argument)) continue;
    const add = `add ${PREFIX}credential.<name>: <Vault path>`;
    report(key, `there is no credential ${shown(argument, 40)}; ${add}`);
  }
  const wanted = things.map((thing) => lists.get(thing) ?? lists.get(undefined));
  const [first = lists.get(undefined)] = wanted;
  if (new Set(wanted.map(setOf)).size > 1) {
    const instead = `name the same ones for all in ${PREFIX}containers`;
    for (const { key } of asked.filter(({ argument }) => argument !== undefined)) {
      report(key, unsupported('a choice of containers for one credential', instead));
    }
  }
  return first;
}

function setOf(list: readonly string[] | undefined): string | undefined {
  return list?.toSorted().join(',');
}

function readList({ key, value }: Asked, report: Report): readonly string[] {
  const names = value.split(',').map((name) => name.trim());
  const different = new Set(names);
  const ours = OUR_CONTAINERS.filter((name) => different.has(name));
  if (!names.every((name) => CONTAINER_NAME.test(name)) || names.length > MAX_NAMES) {
    report(key, `expected names of containers, separated by commas, at most ${MAX_NAMES}`);
  } else if (different.size < names.length) report(key, 'names a container twice');
  if (ours.length > 0) report(key, `${ours.join(', ')} is Countersign's own container`);
  return names;
}
