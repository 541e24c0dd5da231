import { isObject, type JsonObject, objectOf } from '../core/json.ts';
import type { CallOptions, KubeClient } from '../kube/client.ts';
import { refusalOf } from '../kube/refusal.ts';

const TRIES = 6;

/**
 * Changes the status of an object on the version that was read, again whenever somebody else was faster, so that what
 * several replicas add to it adds up.
 *
 * Needs `get` on the objects and `patch` on their status.
 *
 * @param path of the object.
 * @param first the object as it is known; absent: it is read.
 * @param statusOf the fields that change; `undefined`: nothing does.
 * @returns the object as it is now; fails as the client does, with 409 after six tries.
 */
export async function patchStatus(
  client: KubeClient,
  path: string,
  statusOf: (object: JsonObject) => object | undefined,
  { first, ...call }: CallOptions & { readonly first?: unknown } = {},
): Promise<JsonObject> {
  let object = first;
  for (let tries = 1; ; tries += 1) {
    const current = isObject(object) ? object : objectOf(await client.get(path, call));
    const status = statusOf(current);
    if (status === undefined) return current;
    const { resourceVersion } = objectOf(current['metadata']);
    try {
      return objectOf(await client.patch(`${path}/status`, { metadata: { resourceVersion }, status }, call));
    } catch (error) {
      if (refusalOf(error)?.code !== 409 || tries === TRIES) throw error;
      object = undefined;
    }
  }
}
