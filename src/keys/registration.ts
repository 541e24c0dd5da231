import { REGISTRATIONS } from '../api/registration.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../core/json.ts';

/**
 * Our entries in a webhook configuration, and the patch that puts CA and path right. Nothing else of it is ours to change:
 * what a platform adds (AKS: a namespaceSelector) stays.
 */
export interface Registration {
  /** `undefined`: the CA is somebody else's. PEM. */
  readonly bundle: string | undefined;
  readonly segments: SegmentWish;
}

export interface SegmentWish {
  readonly current: string;
  /** Also accepted: stays where it is registered, until every replica knows the current one. */
  readonly previous: string | undefined;
  /** Every replica accepts the current one. */
  readonly known: boolean;
}

/** An entry that calls our Service. One that calls a URL is its author's. */
interface OwnEntry {
  readonly index: number;
  readonly name: string;
  readonly endpoint: string;
  /** PEM. */
  readonly bundle: string;
  readonly path: string | undefined;
}

const ENDPOINTS: ReadonlyMap<string, string> = new Map(
  REGISTRATIONS.map(({ name, endpoint }) => [name, endpoint]),
);

export function ownEntries(configuration: JsonObject): readonly OwnEntry[] {
  return listOf(configuration['webhooks']).flatMap((item, index) => {
    const entry = objectOf(item);
    const name = textOf(entry['name']) ?? '';
    const endpoint = ENDPOINTS.get(name);
    const { service, caBundle } = objectOf(entry['clientConfig']);
    if (endpoint === undefined || service === undefined) return [];
    const bundle = Buffer.from(textOf(caBundle) ?? '', 'base64').toString('utf8');
    return [{ index, name, endpoint, bundle, path: textOf(objectOf(service)['path']) }];
  });
}

/** JSON Patch (RFC 6902); empty when all is as it should be. The test: entries may have moved since they were read. */
export function registrationPatch(configuration: JsonObject, wanted: Registration): readonly JsonObject[] {
  return ownEntries(configuration).flatMap((entry) => {
    const { bundle } = wanted;
    const path = pathFor(entry, wanted.segments);
    const at = `/webhooks/${entry.index}`;
    const changes = [
      ...(bundle === undefined || bundle === entry.bundle
        ? []
        : [add(`${at}/clientConfig/caBundle`, Buffer.from(bundle).toString('base64'))]),
      ...(path === entry.path ? [] : [add(`${at}/clientConfig/service/path`, path)]),
    ];
    return changes.length === 0 ? [] : [{ op: 'test', path: `${at}/name`, value: entry.name }, ...changes];
  });
}

/** Does each of our entries trust all these CAs? */
export function trusts(configuration: JsonObject, authorities: readonly { readonly pem: string }[]): boolean {
  return ownEntries(configuration).every(({ bundle }) =>
    authorities.every(({ pem }) => bundle.includes(pem)),
  );
}

/** Does each of our entries call by this segment? */
export function calls(configuration: JsonObject, segment: string): boolean {
  return ownEntries(configuration).every(({ path, endpoint }) => path === `/${endpoint}/${segment}`);
}

function pathFor({ endpoint, path }: OwnEntry, { current, previous, known }: SegmentWish): string {
  if (known || previous === undefined) return `/${endpoint}/${current}`;
  const accepted = [`/${endpoint}/${current}`, `/${endpoint}/${previous}`];
  return accepted.find((one) => one === path) ?? `/${endpoint}/${previous}`;
}

function add(path: string, value: string): JsonObject {
  return { op: 'add', path, value };
}
