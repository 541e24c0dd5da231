import { type JsonObject, listOf, objectOf, textOf } from '../core/json.ts';
import type { KubeClient } from '../kube/client.ts';
import { listPages } from '../kube/list.ts';
import { RELEASE } from './check.ts';

/** What is registered with the API server under our names. */
export interface Registrations {
  /** Of the configurations named after the release. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** Kinds whose configuration is there. */
  readonly kinds: readonly RegistrationKind[];
  /** Other configurations with webhooks of our names, as `Kind/name`. */
  readonly others: readonly string[];
}

export type RegistrationKind = 'Mutating' | 'Validating';

export interface RegisteredWebhook {
  readonly kind: RegistrationKind;
  readonly name: string;
  readonly entry: JsonObject;
}

const PLURALS: Readonly<Record<RegistrationKind, string>> = {
  Mutating: 'mutatingwebhookconfigurations',
  Validating: 'validatingwebhookconfigurations',
};
const OURS = /\.countersign\.dev$/;

export async function readRegistrations(client: KubeClient): Promise<Registrations> {
  const [mutating, validating] = await Promise.all([
    listed(client, 'Mutating'),
    listed(client, 'Validating'),
  ]);
  const all = [...mutating, ...validating];
  const ours = all.filter(({ name }) => name === RELEASE);
  return {
    kinds: ours.map(({ kind }) => kind),
    webhooks: ours.flatMap(({ kind, entries }) =>
      entries.map((entry) => ({ kind, name: textOf(entry['name']) ?? '', entry })),
    ),
    others: all
      .filter(({ name, entries }) => name !== RELEASE && entries.some(isOurs))
      .map(({ kind, name }) => `${kind}WebhookConfiguration/${name}`),
  };
}

function isOurs(entry: JsonObject): boolean {
  return OURS.test(textOf(entry['name']) ?? '');
}

interface Configuration {
  readonly kind: RegistrationKind;
  readonly name: string;
  readonly entries: readonly JsonObject[];
}

async function listed(client: KubeClient, kind: RegistrationKind): Promise<readonly Configuration[]> {
  const found: Configuration[] = [];
  const path = `/apis/admissionregistration.k8s.io/v1/${PLURALS[kind]}`;
  for await (const { items } of listPages(client, path)) {
    for (const item of items.map(objectOf)) {
      const name = textOf(objectOf(item['metadata'])['name']) ?? '';
      found.push({ kind, name, entries: listOf(item['webhooks']).map(objectOf) });
    }
  }
  return found;
}

/** Where the API server calls it: a path of the Service, or a URL. */
export function calledAt({ entry }: RegisteredWebhook): {
  readonly byUrl: boolean;
  readonly path: string;
  readonly service: JsonObject;
} {
  const { url, service } = objectOf(entry['clientConfig']);
  const text = textOf(url);
  return {
    byUrl: text !== undefined,
    path: text === undefined ? (textOf(objectOf(service)['path']) ?? '/') : (URL.parse(text)?.pathname ?? ''),
    service: objectOf(service),
  };
}
