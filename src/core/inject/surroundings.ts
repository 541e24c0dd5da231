import { type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { shown } from '../text.ts';
import type { FieldProblem } from './annotations.ts';
import type { Login } from './config.ts';
import { configured } from './configured.ts';
import { envOverrides } from './env-entries.ts';
import { creationPath, type Issuance } from './issuance.ts';
import { mountConflicts, ownVolumes } from './mounts.ts';
import { AGENT_CONTAINER, CONFIG_VARIABLE, FILES_VOLUME, INIT_CONTAINER, OUR_CONTAINERS } from './names.ts';
import { CONTAINER_LISTS, usesOf } from './parts.ts';
import type { InjectionSettings } from './settings.ts';

/**
 * What must be right about an injected pod and no seal can say: the image, which may be of another release;
 * the order among containers that others add; mounts and variables of others over ours; the role and the issuance, which
 * a policy may have withdrawn since.
 */
export function surroundingProblems(
  pod: unknown,
  login: Login,
  settings: InjectionSettings,
): readonly FieldProblem[] {
  const spec = objectOf(objectOf(pod)['spec']);
  return [
    ...imageProblems(spec, settings.agentRepositories),
    ...orderProblems(spec),
    ...shadowProblems(spec),
    ...loginProblems(spec, login),
  ];
}

interface Located {
  readonly place: string;
  readonly container: JsonObject;
}

function located(spec: JsonObject, wanted: (container: JsonObject) => boolean): readonly Located[] {
  return CONTAINER_LISTS.flatMap((list) =>
    listOf(spec[list])
      .map(objectOf)
      .filter(wanted)
      .map((container) => ({
        place: `spec.${list}[${shown(textOf(container['name']) ?? '', 63)}]`,
        container,
      })),
  );
}

function isOurContainer(container: JsonObject): boolean {
  return OUR_CONTAINERS.includes(textOf(container['name']) ?? '');
}

function isConsumer(container: JsonObject): boolean {
  return !isOurContainer(container) && usesOf(container).length > 0;
}

/** One that only gets variables has nothing that a mount could hide. */
function hasFiles(container: JsonObject): boolean {
  return listOf(container['volumeMounts']).some((mount) => objectOf(mount)['name'] === FILES_VOLUME);
}

/** Our containers run an image of the configured repositories, by whatever tag or digest. */
export function imageProblems(spec: JsonObject, repositories: readonly string[]): readonly FieldProblem[] {
  return located(spec, isOurContainer)
    .filter(({ container }) => !isOfRepository(textOf(container['image']) ?? '', repositories))
    .map(({ place, container }) => ({
      field: `${place}.image`,
      message:
        `${shown(textOf(container['image']) ?? '', 120) || 'no image'} is not the agent's; expected an image of ` +
        repositories.join(' or '),
    }));
}

/** A tag, a digest, both or neither, as github.com/distribution/reference writes them. */
const VERSION = /^(?::\w[\w.-]{0,127})?(?:@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,})?$/;

function isOfRepository(image: string, repositories: readonly string[]): boolean {
  return repositories.some(
    (repository) => image.startsWith(repository) && VERSION.test(image.slice(repository.length)),
  );
}

/** No init container that reads something may start before it is written, nor the sidecar that takes it over. */
function orderProblems(spec: JsonObject): readonly FieldProblem[] {
  const containers = listOf(spec['initContainers']).map(objectOf);
  const ours = containers.findIndex(({ name }) => name === INIT_CONTAINER);
  return containers
    .slice(0, Math.max(ours, 0))
    .filter((container) => isConsumer(container) || container['name'] === AGENT_CONTAINER)
    .map(({ name }) => ({
      field: `spec.initContainers[${shown(textOf(name) ?? '', 63)}]`,
      message: `starts before ${INIT_CONTAINER}, which writes what it reads`,
    }));
}

function shadowProblems(spec: JsonObject): readonly FieldProblem[] {
  const own = ownVolumes(spec);
  return located(spec, isConsumer).flatMap(({ place, container }) => [
    ...(hasFiles(container) ? mountConflicts(container, place, own) : []),
    ...envOverrides(container, place),
  ]);
}

function loginProblems(spec: JsonObject, { role, issuance }: Login): readonly FieldProblem[] {
  return located(spec, isOurContainer).flatMap(({ place, container }) => {
    const field = `${place}.env[${CONFIG_VARIABLE}]`;
    const config = configured(container);
    const named = textOf(objectOf(config['vault'])['role']);
    const otherRole = `names another Vault role than ${shown(role, 100)}, which this pod has by policy`;
    const otherIssuance = `says another issuance than ${issuanceText(issuance)}, which this pod has by policy`;
    return [
      ...(named === role ? [] : [{ field, message: otherRole }]),
      ...(isIssued(objectOf(config['issuance']), issuance) ? [] : [{ field, message: otherIssuance }]),
    ];
  });
}

/** Where login is the fallback, the webhook itself may have fallen back to it. */
function isIssued({ kind, creationPath: path, fallback }: JsonObject, issuance: Issuance): boolean {
  const logsIn = kind === undefined;
  if (issuance.kind === 'login') return logsIn;
  if (logsIn) return issuance.fallback === 'login';
  return path === creationPath(issuance.tokenRole) && fallback === issuance.fallback;
}

function issuanceText(issuance: Issuance): string {
  return issuance.kind === 'login' ? 'Login' : `Wrapped by token role ${shown(issuance.tokenRole, 100)}`;
}
