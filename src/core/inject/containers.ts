import { shown } from '../text.ts';
import { type Asked, PREFIX, type Report } from './annotations.ts';
import { OUR_CONTAINERS } from './names.ts';

/** RFC 1123 label, as the API server checks container names. */
const CONTAINER_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAMES = 500;

/** Names of containers, init containers included; `undefined`: every regular container. */
export type Containers = ReadonlySet<string> | undefined;

/** One annotation that names containers. */
export interface Selection {
  /** Its key. */
  readonly field: string;
  readonly names: readonly string[];
}

/** What goes to which containers: a credential by its name; `undefined`: the token and identities. */
export type Thing = string | undefined;

export interface ContainerChoice {
  readonly selections: readonly Selection[];
  of(thing: Thing): Containers;
}

/**
 * Reads `containers` and `containers.<credential>`; the latter replaces the former for its credential.
 * @param credentials names of those that there are.
 */
export function readContainers(
  asked: readonly Asked[],
  credentials: readonly string[],
  report: Report,
): ContainerChoice {
  const lists = new Map(asked.map((one) => [one.argument, readList(one, report)]));
  const known = new Set(credentials);
  for (const { key, argument } of asked) {
    if (argument === undefined || known.has(argument)) continue;
    const add = `add ${PREFIX}credential.<name>: <Vault path>`;
    report(key, `there is no credential ${shown(argument, 40)}; ${add}`);
  }
  const sets = new Map([...lists].map(([thing, names]) => [thing, new Set(names)]));
  return {
    selections: asked.map(({ key, argument }) => ({ field: key, names: lists.get(argument) ?? [] })),
    of: (thing) => sets.get(thing) ?? sets.get(undefined),
  };
}

/**
 * The containers that get the files. All files of a pod are in one volume, and a mount of a part of it would not
 * follow the swap of a set: who gets one file gets them all. Variables are given one by one.
 * @param things what the files are made of.
 */
export function fileContainers(
  choice: ContainerChoice,
  things: readonly Thing[],
  report: Report,
): Containers {
  const wanted = new Set(things.map((thing) => choice.of(thing)));
  const [first = choice.of(undefined)] = wanted;
  if (new Set([...wanted].map(textOf)).size > 1) {
    const mend = `name the same ones for all in ${PREFIX}containers, or hand this credential over in ${PREFIX}env.<VAR>`;
    const fields = new Set(things.map((thing) => `${PREFIX}containers.${thing ?? ''}`));
    for (const { field } of choice.selections.filter((one) => fields.has(one.field))) {
      report(field, `all files of a pod go to the same containers, and other files go to others; ${mend}`);
    }
  }
  return first;
}

function textOf(containers: Containers): string | undefined {
  return containers && [...containers].toSorted().join(',');
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
