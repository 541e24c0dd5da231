import { nearest } from './nearest.ts';
import { printResource } from './print.ts';
import { RESOURCE_TABLE, SHORT_NAMES } from './resources-table.ts';

/** What is known of API resources. Used to place scopes and to suggest names; an unknown resource is never a denial. */
export interface Resources {
  /** Is the resource (without subresource) namespaced? `undefined`: not known. `group` may be `*`: any group that has it. */
  namespaced(group: string, resource: string): boolean | undefined;
  /** The subresources of a known resource; one that is `*` stands for any. `undefined`: the resource is not known. */
  subresources(group: string, resource: string): readonly string[] | undefined;
  /** The nearest real `resource[.group]` to an unknown one, for a note. */
  nearest(group: string, resource: string): string | undefined;
}

export interface ResourceEntry {
  readonly group: string;
  /** The plural name. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
}

/** Resource → its entry in each group that has it. */
type Index = Map<string, ResourceEntry[]>;

/** The built-in table of the current release, and `extra`: the CRDs at hand. They can't redefine what is built in. */
export function createResources(extra: readonly ResourceEntry[] = []): Resources {
  const index: Index = new Map();
  const groups = new Set<string>();
  for (const entry of [...builtIn(), ...extra]) {
    const entries = index.get(entry.resource);
    if (entries?.some(({ group }) => group === entry.group)) continue;
    if (entries === undefined) index.set(entry.resource, [entry]);
    else entries.push(entry);
    groups.add(entry.group);
  }
  const find = (group: string, resource: string) =>
    (index.get(resource) ?? []).filter((entry) => group === '*' || entry.group === group);
  return {
    namespaced(group, resource) {
      const entries = find(group, resource);
      return entries.length === 0 ? undefined : entries.some((entry) => entry.namespaced);
    },
    subresources(group, resource) {
      const entries = find(group, resource);
      return entries.length === 0 ? undefined : entries.flatMap((entry) => entry.subresources);
    },
    nearest: (group, resource) => nearestResource(index, groups, group, resource),
  };
}

/** Our own kinds, which policies and roles speak of before their CRDs are anywhere. */
const OWN_TABLE: typeof RESOURCE_TABLE = {
  'countersign.dev': {
    namespaced: { accessdecisions: [], accessgrants: ['status'], denials: ['status'] },
    cluster: { scopepolicies: ['status'] },
  },
};

function* builtIn(): Generator<ResourceEntry> {
  for (const [group, { namespaced, cluster }] of Object.entries({ ...RESOURCE_TABLE, ...OWN_TABLE })) {
    for (const [resource, subresources] of Object.entries(namespaced)) {
      yield { group, resource, namespaced: true, subresources };
    }
    for (const [resource, subresources] of Object.entries(cluster)) {
      yield { group, resource, namespaced: false, subresources };
    }
  }
}

const API_VERSION = /^v\d+(?:(?:alpha|beta)\d+)?(?:\.|$)/;

function nearestResource(
  index: Index,
  groups: ReadonlySet<string>,
  group: string,
  resource: string,
): string | undefined {
  const target = nearestGroup(groups, group);
  if (target === undefined) return undefined;
  const lower = resource.toLowerCase();
  const name = Object.hasOwn(SHORT_NAMES, lower) ? (SHORT_NAMES[lower] ?? lower) : lower;
  const entry =
    pick(index.get(name), target) ??
    pick(index.get(name), '*') ??
    pick(index.get(nearest(name, namesIn(index, target)) ?? ''), target);
  return entry && printResource(entry.group, entry.resource);
}

function namesIn(index: Index, group: string): readonly string[] {
  return [...index].flatMap(([name, entries]) => (pick(entries, group) === undefined ? [] : [name]));
}

/** The group that is meant, `*` when it can be any; `undefined` for another API's group, of which nothing is known. */
function nearestGroup(groups: ReadonlySet<string>, group: string): string | undefined {
  const unversioned = group.replace(API_VERSION, '');
  if (unversioned === '' || unversioned === '*') return '*';
  if (groups.has(unversioned)) return unversioned;
  return nearest(unversioned, groups) ?? (unversioned.includes('.') ? undefined : '*');
}

function pick(entries: readonly ResourceEntry[] | undefined, group: string): ResourceEntry | undefined {
  return entries?.find((entry) => group === '*' || entry.group === group);
}
