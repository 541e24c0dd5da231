import { textOf } from '../json.ts';
import { shown } from '../text.ts';
import { type FieldProblem, PREFIX } from './annotations.ts';
import { mountConflicts } from './mounts.ts';
import type { ConsumerChange } from './patch.ts';
import type { NamedContainer, PodOutline } from './pod.ts';
import type { InjectionRequest } from './request.ts';

/** A container of the pod that gets the files. */
export interface Consumer extends NamedContainer {
  readonly list: ConsumerChange['list'];
  readonly index: number;
}

/** The named containers, init containers too; by default every regular one. In the order of the pod. */
export function selectConsumers(
  { containers: names }: InjectionRequest,
  pod: PodOutline,
): { consumers: readonly Consumer[]; problems: readonly FieldProblem[] } {
  const regular = pod.containers.map((one, index): Consumer => ({ ...one, list: 'containers', index }));
  const init = pod.initContainers.map((one, index): Consumer => ({ ...one, list: 'initContainers', index }));
  const all = [...regular, ...init];
  const consumers = names === undefined ? regular : all.filter(({ name }) => names.includes(name));
  const unknown = (names ?? []).filter((name) => !all.some((one) => one.name === name));
  const known = shown(all.map(({ name }) => name).join(', '), 200);
  return {
    consumers,
    problems: [
      ...unknown.map((name) => ({
        field: `${PREFIX}containers`,
        message: `there is no container ${shown(name, 63)} in the pod; there are ${known}`,
      })),
      ...consumers.flatMap(({ list, name, container }) =>
        mountConflicts(container, `spec.${list}[${shown(name, 63)}]`),
      ),
    ],
  };
}

/** Proxies that carry all traffic of the pod; as native sidecars they run before later init containers. */
const MESH_PROXIES = ['istio-proxy', 'linkerd-proxy'];

/**
 * Where our init container goes: never behind a consumer, and with `auto` behind the mesh proxy that it
 * needs.
 */
export function initPosition(
  { order }: InjectionRequest,
  pod: PodOutline,
  consumers: readonly Consumer[],
): number {
  const proxy = pod.initContainers.findLastIndex(
    ({ name, container }) => MESH_PROXIES.includes(name) && textOf(container['restartPolicy']) === 'Always',
  );
  const wanted = order === 'auto' ? proxy + 1 : 0;
  const reading = consumers.find(({ list }) => list === 'initContainers');
  return reading === undefined ? wanted : Math.min(wanted, reading.index);
}
