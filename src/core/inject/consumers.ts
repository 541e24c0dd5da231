import { textOf } from '../json.ts';
import { shown } from '../text.ts';
import { type FieldProblem, PREFIX } from './annotations.ts';
import type { Containers } from './containers.ts';
import { envConflicts } from './env-entries.ts';
import { mountConflicts, type OwnVolumes, ownVolumes } from './mounts.ts';
import { hasFiles } from './outputs.ts';
import type { ConsumerChange } from './patch.ts';
import type { NamedContainer, PodOutline } from './pod.ts';
import type { InjectionRequest } from './request.ts';
import type { VariableRequest } from './variable.ts';

/** A container of the pod that gets files or variables. */
export interface Consumer extends NamedContainer {
  readonly list: ConsumerChange['list'];
  readonly index: number;
  readonly files: boolean;
  readonly variables: readonly VariableRequest[];
}

/** The named containers, init containers too; by default every regular one. In the order of the pod. */
export function selectConsumers(
  request: InjectionRequest,
  pod: PodOutline,
): { consumers: readonly Consumer[]; problems: readonly FieldProblem[] } {
  const given = hasFiles(request);
  const consumer = (
    { name, container }: NamedContainer,
    index: number,
    list: Consumer['list'],
  ): Consumer => ({
    name,
    container,
    list,
    index,
    files: given && isChosen(request.fileContainers, name, list),
    variables: request.env.filter(({ containers }) => isChosen(containers, name, list)),
  });
  const all = [
    ...pod.containers.map((one, index) => consumer(one, index, 'containers')),
    ...pod.initContainers.map((one, index) => consumer(one, index, 'initContainers')),
  ];
  const consumers = all.filter(({ files, variables }) => files || variables.length > 0);
  const own = ownVolumes(pod.spec);
  return {
    consumers,
    problems: [...unknownNames(request, all), ...consumers.flatMap((one) => conflicts(one, own))],
  };
}

function isChosen(containers: Containers, name: string, list: Consumer['list']): boolean {
  return containers === undefined ? list === 'containers' : containers.has(name);
}

function unknownNames({ selections }: InjectionRequest, all: readonly Consumer[]): readonly FieldProblem[] {
  const known = new Set(all.map(({ name }) => name));
  const names = shown([...known].join(', '), 200);
  return selections.flatMap(({ field, names: wanted }) =>
    wanted
      .filter((name) => !known.has(name))
      .map((name) => ({
        field,
        message: `there is no container ${shown(name, 63)} in the pod; there are ${names}`,
      })),
  );
}

function conflicts(
  { list, name, container, files, variables }: Consumer,
  own: OwnVolumes,
): readonly FieldProblem[] {
  const place = `spec.${list}[${shown(name, 63)}]`;
  return [
    ...(files ? mountConflicts(container, place, own) : []),
    ...envConflicts(container, variables, place),
  ];
}

/** Proxies that carry all traffic of the pod; as native sidecars they run before later init containers. */
const MESH_PROXIES = ['istio-proxy', 'linkerd-proxy'];

/**
 * Where our containers go: never behind a consumer, and with `auto` behind the mesh proxy that they need.
 */
export function initPosition(
  { order }: InjectionRequest,
  { initContainers }: PodOutline,
  consumers: readonly Consumer[],
): { at: number; problems: readonly FieldProblem[] } {
  const reading = consumers.find(({ list }) => list === 'initContainers');
  if (typeof order === 'object') return behind(order.after, initContainers, reading);
  const proxy = initContainers.findLastIndex(
    ({ name, container }) => MESH_PROXIES.includes(name) && textOf(container['restartPolicy']) === 'Always',
  );
  const wanted = order === 'auto' ? proxy + 1 : 0;
  return { at: Math.min(wanted, reading?.index ?? wanted), problems: [] };
}

function behind(
  after: string,
  initContainers: readonly NamedContainer[],
  reading: Consumer | undefined,
): ReturnType<typeof initPosition> {
  const at = initContainers.findIndex(({ name }) => name === after) + 1;
  const field = `${PREFIX}order`;
  if (at === 0) {
    const known = shown(initContainers.map(({ name }) => name).join(', '), 200) || 'none';
    const message = `there is no init container ${shown(after, 63)} in the pod; there are ${known}`;
    return { at, problems: [{ field, message }] };
  }
  if (reading === undefined || reading.index >= at) return { at, problems: [] };
  const message = `init container ${shown(reading.name, 63)} needs credentials and would start before they are there`;
  return { at, problems: [{ field, message }] };
}
