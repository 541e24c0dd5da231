/** Where a value would be found that belongs nowhere but in the memory of its pod. */
import { filesWith } from './leaks.ts';
import { containerNames, eventsOf, type RunningPod, type TestNode } from './node.ts';
import type { Registered } from './registered.ts';

/** In memory, by what is mounted there; and what is in the images. */
const inMemory = ['kubelet/pods', 'containerd'];

/** The names of those places, of pod, cluster and node, that hold one of `values`; all of them are looked at. */
export async function placesWith(
  values: readonly string[],
  node: TestNode,
  pod: RunningPod,
  { webhook }: Registered,
): Promise<readonly string[]> {
  const object = await pod.read();
  const names = [...containerNames(object, 'initContainers'), ...containerNames(object, 'containers')];
  const texts: readonly (readonly [place: string, text: string])[] = [
    ['the pod', JSON.stringify(object)],
    ['the events', await eventsOf(node, pod.namespace)],
    ['the log of the webhook', JSON.stringify(webhook.log)],
    ...(await Promise.all(names.map(async (name) => [`the log of ${name}`, await pod.logs(name)] as const))),
  ];
  return [
    ...texts.filter(([, text]) => values.some((value) => text.includes(value))).map(([place]) => place),
    // etcd's files, the audit log, the servers' logs.
    ...(await filesWith(node.cluster.dir, values)),
    // The kubelet's and containerd's logs and state, the pods' logs.
    ...(await filesWith(node.dir, values, inMemory)),
  ];
}
