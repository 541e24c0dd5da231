import { readWorkload, type Workload } from '../core/admission/workload.ts';
import { ACCESSOR, PREFIX } from '../core/inject/annotations.ts';
import { mintedIn } from '../core/inject/configured.ts';
import { INIT_CONTAINER } from '../core/inject/names.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../core/json.ts';

/** The token that was made for a pod, as the pod says. Nothing of it is proved: that is for the seal. */
export interface GivenToken {
  readonly pod: Workload;
  readonly uid: string;
  /** Name of the connection. */
  readonly vault: string;
  readonly accessor: string;
}

/** @param object a pod as the API server has it, of any shape; `undefined`: it was given none. */
export function givenToken(object: unknown): GivenToken | undefined {
  // The items of a list do not say what they are.
  const pod = readWorkload({ ...objectOf(object), apiVersion: 'v1', kind: 'Pod' });
  const accessor = pod?.annotations[ACCESSOR];
  if (pod?.uid === undefined || accessor === undefined) return undefined;
  return { pod, uid: pod.uid, vault: pod.annotations[`${PREFIX}vault`]?.trim() ?? 'default', accessor };
}

/** Of our init container, as kubelet reports it. */
export function initStatuses(object: unknown): readonly JsonObject[] {
  const status = objectOf(objectOf(object)['status']);
  return listOf(status['initContainerStatuses'])
    .map(objectOf)
    .filter(({ name }) => name === INIT_CONTAINER);
}

/**
 * When nobody may come for the token any more, in seconds since 1970, where nobody of the pod's own has: its init container
 * had not started by then. `undefined`: it had, or nothing waits.
 */
export function unclaimedFrom(object: unknown): number | undefined {
  const endsAtSeconds = mintedIn(object)?.expiresAtSeconds;
  if (endsAtSeconds === undefined) return undefined;
  return initStatuses(object).some((status) => hadStarted(status, endsAtSeconds)) ? undefined : endsAtSeconds;
}

/** Of a container that was started again only the last start is known, and that the first was before it. */
function hadStarted({ restartCount, state }: JsonObject, bySeconds: number): boolean {
  if (typeof restartCount === 'number' && restartCount > 0) return true;
  const { running, terminated } = objectOf(state);
  const startedAt = textOf(objectOf(running)['startedAt']) ?? textOf(objectOf(terminated)['startedAt']);
  return startedAt !== undefined && Date.parse(startedAt) / 1000 < bySeconds;
}
