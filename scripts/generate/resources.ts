/** The table of API resources, from the discovery documents that Kubernetes keeps in its repository. */
import { type JsonObject, listOf, objectOf, textOf, textsOf } from '../../src/core/json.ts';
import { fromModule, KUBERNETES, moduleFileNames, readModuleFile } from './kubernetes-module.ts';
import type { Page } from './page.ts';

const FOLDER = 'api/discovery';

export const resourcesPage: Page = {
  name: 'resources',
  path: 'src/core/scope/resources-table.ts',
  source: `${KUBERNETES} (${FOLDER})`,
  render: () =>
    fromModule((module) => {
      const names = moduleFileNames(module, FOLDER).filter((name) => name.includes('__'));
      return renderResources(
        names.map((name) => JSON.parse(readModuleFile(module, `${FOLDER}/${name}`)) as unknown),
      );
    }),
};

interface Resource {
  readonly group: string;
  /** With its subresource. */
  readonly name: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
}

/**
 * What only the authorizer knows: no discovery document has it. Impersonation (apiserver/pkg/endpoints/filters/
 * impersonation), signers and node requests (certificates admission), the kubelet's API (pkg/kubelet/server/auth.go), claims
 * (pkg/registry/resource/utils.go), hand-written endpoints (pkg/registry/core/endpoint), webhook tokens
 * (pkg/registry/core/serviceaccount). The metrics API is another server's, which nearly every cluster has.
 */
const AUTHORIZED_ONLY: readonly (readonly [group: string, scope: 'cluster' | 'namespaced', names: string])[] =
  [
    ['', 'cluster', 'users groups'],
    [
      '',
      'cluster',
      'nodes/checkpoint nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/spec nodes/stats',
    ],
    ['', 'cluster', 'nodes/statusz'],
    ['', 'namespaced', 'endpoints/restricted'],
    [
      'authentication.k8s.io',
      'cluster',
      'admissionReviewAPIGroups groups nodes uids userextras userextras/* users',
    ],
    ['authentication.k8s.io', 'namespaced', 'serviceaccounts'],
    ['certificates.k8s.io', 'cluster', 'signers'],
    [
      'certificates.k8s.io',
      'cluster',
      'certificatesigningrequests/nodeclient certificatesigningrequests/selfnodeclient',
    ],
    ['metrics.k8s.io', 'cluster', 'nodes'],
    ['metrics.k8s.io', 'namespaced', 'pods'],
    ['resource.k8s.io', 'namespaced', 'resourceclaims/binding resourceclaims/driver'],
  ];

interface Table {
  readonly namespaced: Record<string, string[]>;
  readonly cluster: Record<string, string[]>;
}

/** Documents of another kind than `APIResourceList` are passed over. */
export function renderResources(documents: readonly unknown[]): string {
  const lists = documents.map(objectOf).filter((document) => document['kind'] === 'APIResourceList');
  const resources = [...lists.flatMap(servedBy), ...AUTHORIZED_ONLY.flatMap(authorized)];
  resources.sort((a, b) => compare(a.group, b.group) || compare(a.name, b.name));
  return `
    interface Group {
      /** Resource → its subresources; one that is \`*\` stands for any. */
      readonly namespaced: Readonly<Record<string, readonly string[]>>;
      readonly cluster: Readonly<Record<string, readonly string[]>>;
    }

    export const RESOURCE_TABLE: Readonly<Record<string, Group>> = ${JSON.stringify(tableOf(resources))};

    export const SHORT_NAMES: Readonly<Record<string, string>> = ${JSON.stringify(shortNamesOf(resources))};`;
}

function servedBy(list: JsonObject): readonly Resource[] {
  const version = textOf(list['groupVersion']) ?? '';
  const group = version.includes('/') ? version.slice(0, version.indexOf('/')) : '';
  return listOf(list['resources']).map((item) => {
    const { name, namespaced, shortNames } = objectOf(item);
    return {
      group,
      name: textOf(name) ?? '',
      namespaced: namespaced === true,
      shortNames: textsOf(shortNames),
    };
  });
}

function authorized([group, scope, names]: (typeof AUTHORIZED_ONLY)[number]): readonly Resource[] {
  return names
    .split(' ')
    .map((name) => ({ group, name, namespaced: scope === 'namespaced', shortNames: [] }));
}

function tableOf(resources: readonly Resource[]): Record<string, Table> {
  const table: Record<string, Table> = {};
  for (const { group, name, namespaced } of resources) {
    const { [group]: entry = { namespaced: {}, cluster: {} } } = table;
    table[group] = entry;
    const [base = '', sub] = name.split('/', 2);
    const subresources = (entry[namespaced ? 'namespaced' : 'cluster'][base] ??= []);
    if (sub !== undefined && !subresources.includes(sub)) subresources.push(sub);
  }
  return table;
}

/** A short name of several resources means the first. */
function shortNamesOf(resources: readonly Resource[]): Record<string, string> {
  const pairs = resources.flatMap(({ name, shortNames }) =>
    shortNames.map((short) => [short, name] as const),
  );
  return Object.fromEntries(pairs.toReversed().toSorted(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
