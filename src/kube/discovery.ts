import { CountersignError } from '../core/errors.ts';
import { listOf, objectOf, textOf } from '../core/json.ts';
import type { ResourceEntry } from '../core/scope/resources.ts';
import type { KubeClient } from './client.ts';

/** Which resources the API server has, custom ones included, and whether they are namespaced. */

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/**
 * Two requests, whatever the number of groups (KEP-3352, aggregated discovery; stable since 1.30). ERR_KUBE_PROTOCOL where
 * the API server does not have it.
 */
export async function discoverResources(
  client: KubeClient,
  signal: AbortSignal,
): Promise<readonly ResourceEntry[]> {
  const lists = await Promise.all(
    ['/api', '/apis'].map((path) => client.get(path, { accept: `${AGGREGATED},application/json`, signal })),
  );
  return lists.flatMap(readGroups);
}

function readGroups(list: unknown): readonly ResourceEntry[] {
  const { kind, items } = objectOf(list);
  if (kind !== 'APIGroupDiscoveryList') {
    throw new CountersignError('ERR_KUBE_PROTOCOL', 'the API server has no aggregated discovery');
  }
  return listOf(items).flatMap((item) => {
    const { metadata, versions } = objectOf(item);
    const group = textOf(objectOf(metadata)['name']) ?? '';
    return listOf(versions).flatMap((version) => readVersion(group, version));
  });
}

/** A resource that several versions have comes once for each: `createResources` keeps the first, which is the preferred. */
function readVersion(group: string, version: unknown): readonly ResourceEntry[] {
  return listOf(objectOf(version)['resources']).flatMap((item) => {
    const { resource, scope, subresources } = objectOf(item);
    if (typeof resource !== 'string') return [];
    const names = listOf(subresources).flatMap((sub) => textOf(objectOf(sub)['subresource']) ?? []);
    return [{ group, resource, namespaced: scope === 'Namespaced', subresources: names }];
  });
}
