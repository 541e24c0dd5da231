import { type Json, type JsonObject, listOf, objectOf } from '../json.ts';
import { largest, quantityOf } from './quantity.ts';

/**
 * Of a pod that is of class Guaranteed by its containers, so that one of ours could spoil it: the largest cpu
 * limit of a regular container. An init container that takes no more adds nothing to what the pod reserves.
 * Else `undefined`.
 */
export function guaranteedCpu(spec: JsonObject): Json | undefined {
  if (!isGuaranteed(spec)) return undefined;
  const limits = listOf(spec['containers']).map(
    (container) => objectOf(objectOf(objectOf(container)['resources'])['limits'])['cpu'],
  );
  return limits.reduce((most, limit) => largest(most, limit), undefined);
}

/**
 * Every container, init containers included, has limits for cpu and memory, and requests equal to them
 * (pkg/apis/core/v1/helper/qos/qos.go). Where the pod itself has resources, those decide its class and ours
 * can't change it.
 */
function isGuaranteed(spec: JsonObject): boolean {
  if (hasOwnResources(spec['resources'])) return false;
  const containers = [...listOf(spec['initContainers']), ...listOf(spec['containers'])];
  return containers.every((container) => equalResources(objectOf(objectOf(container)['resources'])));
}

function hasOwnResources(resources: unknown): boolean {
  return ['requests', 'limits'].some((kind) => Object.keys(objectOf(objectOf(resources)[kind])).length > 0);
}

function equalResources(resources: JsonObject): boolean {
  const limits = objectOf(resources['limits']);
  const requests = objectOf(resources['requests']);
  return ['cpu', 'memory'].every((name) => {
    const limit = quantityOf(limits[name]);
    // A request that is not set is the limit (SetDefaults_Pod).
    return limit !== undefined && limit > 0n && quantityOf(requests[name] ?? limits[name]) === limit;
  });
}
