/** What kubelet says of a container. */
import { type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';

export interface ContainerStatus {
  /** Empty before it has been made. */
  readonly id: string;
  readonly restarts: number;
  /** In milliseconds since 1970, of its last run; whole seconds. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** What its end says, and its code. */
  readonly message: string | undefined;
  readonly exitCode: number | undefined;
}

/** Init containers included. */
export function statusOf(pod: JsonObject, container: string): ContainerStatus {
  const { initContainerStatuses, containerStatuses } = objectOf(pod['status']);
  const found = [...listOf(initContainerStatuses), ...listOf(containerStatuses)]
    .map(objectOf)
    .find(({ name }) => name === container);
  const { running, terminated } = objectOf(found?.['state']);
  const end = objectOf(terminated);
  const time = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : undefined);
  return {
    id: (textOf(found?.['containerID']) ?? '').replace(/^.*:\/\//u, ''),
    restarts: Number(found?.['restartCount'] ?? 0),
    startedAt: time(objectOf(running ?? terminated)['startedAt']),
    finishedAt: time(end['finishedAt']),
    message: textOf(end['message']),
    exitCode: typeof end['exitCode'] === 'number' ? end['exitCode'] : undefined,
  };
}
