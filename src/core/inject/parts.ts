import { isObject, type Json, type JsonObject, listOf, objectOf, textOf } from '../json.ts';
import { compareText } from '../scope/canonical.ts';
import { ISSUANCE, isSealedKey } from './annotations.ts';
import { OUR_CONTAINERS, VOLUME_PREFIX } from './names.ts';
import { quantityOf } from './quantity.ts';

/**
 * What in a pod is ours: the request's annotations, our label, volumes and containers, and whatever in other
 * containers uses them. Taken apart, so that equal pods have equal parts and a difference has a name. What
 * others may change is left out: the image (checked by itself), the pull policy (AlwaysPullImages), what the
 * API server fills in, limits that LimitRanger adds, and variables that do our containers no harm.
 */
export interface Part {
  /** For example `spec.initContainers`, `countersign-init`, `securityContext`. */
  readonly path: readonly [place: string, ...rest: string[]];
  readonly value: Json;
}

export interface PartsOptions {
  /** The platform chooses user and SELinux label of a container (OpenShift): they are no part. */
  readonly platformUsers: boolean;
}

export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Total: takes any JSON. */
export function partsOf(pod: unknown, options: PartsOptions): readonly Part[] {
  const metadata = objectOf(objectOf(pod)['metadata']);
  const spec = objectOf(objectOf(pod)['spec']);
  const parts: Part[] = [];
  for (const [key, value] of Object.entries(objectOf(metadata['annotations']))) {
    if (isSealedKey(key)) parts.push({ path: ['metadata.annotations', key], value: value ?? null });
  }
  const labels = objectOf(metadata['labels']);
  if (Object.hasOwn(labels, ISSUANCE)) {
    parts.push({ path: ['metadata.labels', ISSUANCE], value: labels[ISSUANCE] ?? null });
  }
  for (const volume of listOf(spec['volumes']).map(objectOf)) {
    const name = textOf(volume['name']) ?? '';
    if (isOurVolume(name)) parts.push({ path: ['spec.volumes', name], value: volume });
  }
  for (const list of CONTAINER_LISTS) {
    for (const container of listOf(spec[list]).map(objectOf)) {
      const name = textOf(container['name']) ?? '';
      const found = OUR_CONTAINERS.includes(name) ? containerParts(container, options) : usesOf(container);
      for (const { path, value } of found) parts.push({ path: [`spec.${list}`, name, ...path], value });
    }
  }
  const keyed = parts.map((part) => ({ part, key: part.path.join('\0') }));
  return keyed.toSorted((a, b) => compareText(a.key, b.key)).map(({ part }) => part);
}

export function isOurVolume(name: unknown): boolean {
  return typeof name === 'string' && name.startsWith(VOLUME_PREFIX);
}

interface Piece {
  readonly path: readonly string[];
  readonly value: Json;
}

/**
 * How a container that is not ours uses our volumes: by mounting them, and by variables read from their
 * files.
 */
export function usesOf(container: JsonObject): readonly Piece[] {
  return [
    ...pieces(container, 'volumeMounts').filter(({ value }) => mountsOurs(objectOf(value))),
    ...pieces(container, 'env').filter(({ value }) => readsOurs(objectOf(value))),
  ];
}

export function mountsOurs(mount: JsonObject): boolean {
  return isOurVolume(mount['name']);
}

/** KEP-3721: a variable whose value stands in a file of a volume. */
export function readsOurs(variable: JsonObject): boolean {
  return isOurVolume(objectOf(objectOf(variable['valueFrom'])['fileKeyRef'])['volumeName']);
}

/** One piece for each entry of a list, under its name. */
function pieces(container: JsonObject, field: string): readonly Piece[] {
  return listOf(container[field]).map((item) => {
    const entry = objectOf(item);
    return { path: [field, textOf(entry['name']) ?? ''], value: entry };
  });
}

/** A variable that changes which code runs, whom TLS trusts, what is logged, or what the agent is told. */
const HARMFUL_VARIABLE =
  /^(?:NODE_|LD_|GLIBC_|MALLOC_|GCONV_|OPENSSL_|SSL|UV_|DEBUG|VAULT_|BAO_|COUNTERSIGN_)/;

type PiecesOf = (container: JsonObject, options: PartsOptions) => readonly Piece[];

/** Fields of our containers that are no part as they stand. */
const SPECIAL: Readonly<Record<string, PiecesOf>> = {
  image: () => [],
  imagePullPolicy: () => [],
  terminationMessagePath: ({ terminationMessagePath: path }) =>
    path === '/dev/termination-log' ? [] : [{ path: ['terminationMessagePath'], value: path ?? null }],
  env: (container) =>
    pieces(container, 'env').filter(({ path: [, name = ''] }) => HARMFUL_VARIABLE.test(name)),
  volumeMounts: (container) => pieces(container, 'volumeMounts'),
  resources: resourcePieces,
  securityContext: securityPieces,
};

function containerParts(container: JsonObject, options: PartsOptions): readonly Piece[] {
  return Object.entries(container).flatMap(([field, value]): readonly Piece[] => {
    const special = Object.hasOwn(SPECIAL, field) ? SPECIAL[field] : undefined;
    if (special !== undefined) return special(container, options);
    return isEmpty(value) ? [] : [{ path: [field], value: value ?? null }];
  });
}

/** The API server stores no empty list and no empty object. */
function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Amounts that LimitRanger may add where we write none. Claims and devices would bring more into the
 * container.
 */
const MAY_BE_ADDED = ['limits.cpu', 'limits.ephemeral-storage', 'requests.ephemeral-storage'];

/** Amounts by value: the API server rewrites them. */
function resourcePieces(container: JsonObject): readonly Piece[] {
  const resources = container['resources'];
  if (!isObject(resources)) return [{ path: ['resources'], value: resources ?? null }];
  return Object.entries(resources).flatMap(([kind, amounts]): readonly Piece[] => {
    if (!isObject(amounts))
      return isEmpty(amounts) ? [] : [{ path: ['resources', kind], value: amounts ?? null }];
    return Object.entries(amounts)
      .filter(([name]) => !MAY_BE_ADDED.includes(`${kind}.${name}`))
      .map(([name, amount]) => ({
        path: ['resources', kind, name],
        value: quantityOf(amount)?.toString() ?? amount ?? null,
      }));
  });
}

const PLATFORM_FIELDS = ['runAsUser', 'seLinuxOptions'];

function securityPieces(container: JsonObject, { platformUsers }: PartsOptions): readonly Piece[] {
  const context = container['securityContext'];
  if (!isObject(context)) return [{ path: ['securityContext'], value: context ?? null }];
  return Object.entries(context)
    .filter(([field, value]) => !isEmpty(value) && !(platformUsers && PLATFORM_FIELDS.includes(field)))
    .filter(([field, value]) => !(field === 'privileged' && value === false))
    .map(([field, value]) => ({ path: ['securityContext', field], value: value ?? null }));
}
