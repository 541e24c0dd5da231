import { objectOf } from '../../core/json.ts';
import type { ResourceEntry } from '../../core/scope/resources.ts';
import { complain, objectsAt, requiredObjectAt, type Spot, textAt } from '../spot.ts';

/** The resource that a CustomResourceDefinition adds; none where it does not say which. */
export function readCrd(spot: Spot): readonly ResourceEntry[] {
  const spec = requiredObjectAt(spot, 'spec');
  const group = textAt(spec, 'group');
  const scope = textAt(spec, 'scope');
  const names = requiredObjectAt(spec, 'names');
  const resource = textAt(names, 'plural');
  const subresources = objectsAt(spec, 'versions').flatMap(({ object }) =>
    Object.keys(objectOf(object['subresources'])),
  );
  if (!group) complain(spec, 'group', 'expected an API group, found nothing');
  if (!resource) complain(names, 'plural', 'expected the name of the resource, found nothing');
  if (scope !== 'Namespaced' && scope !== 'Cluster')
    complain(spec, 'scope', 'expected Namespaced or Cluster');
  if (!group || !resource) return [];
  return [{ group, resource, namespaced: scope === 'Namespaced', subresources: [...new Set(subresources)] }];
}
