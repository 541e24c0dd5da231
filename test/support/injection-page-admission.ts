/** The manifests of docs/injection.md on their way through admission, with the configuration that the page shows. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPatch } from 'rfc6902';
import type { Endpoint } from '../../src/admit/handler.ts';
import { messageOf, patchOf } from '../../src/cli/kubectl.ts';
import { injectionSettings } from '../../src/config/injection.ts';
import { readConfig } from '../../src/config/load.ts';
import { readWorkload } from '../../src/core/admission/workload.ts';
import type { InjectionSettings } from '../../src/core/inject/settings.ts';
import { type JsonObject, objectOf, textOf } from '../../src/core/json.ts';
import { WATCHED_KINDS } from '../../src/facts/kinds.ts';
import { selfSigned } from '../../src/server/self-signed.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from './admission.ts';
import type { PageExample } from './injection-page.ts';

export interface Admitted {
  readonly allowed: boolean;
  readonly warnings: unknown;
  readonly message: string;
  /** The object as admission leaves it. */
  readonly object: JsonObject;
}

/** The injection settings of a configuration that names its files relative to its own folder. */
export async function settingsOfPage(config: string): Promise<InjectionSettings> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-page-'));
  try {
    await Promise.all([mkdir(join(dir, 'tls')), mkdir(join(dir, 'keys'))]);
    const { cert, key } = await selfSigned();
    const files = { 'tls/tls.crt': cert, 'tls/tls.key': key, 'keys/current': Buffer.alloc(32, 7) };
    await Promise.all(Object.entries(files).map(([file, content]) => writeFile(join(dir, file), content)));
    const loaded = readConfig(config, join(dir, 'config.yaml'));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const settings = injectionSettings(loaded.config);
    if (settings === undefined) throw new Error('the configuration injects nothing');
    return settings;
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** One object through one webhook, in the world that the example sets up around it. */
export async function admit(
  settings: InjectionSettings,
  { around }: Pick<PageExample, 'around'>,
  endpoint: Endpoint,
  object: JsonObject,
): Promise<Admitted> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'cart', namespace: 'shop' } };
  const facts = around.filter(({ kind }) => Object.hasOwn(WATCHED_KINDS, textOf(kind) ?? ''));
  const admission = admissionOn(worldOf(account, ...facts), { settings });
  const handled = await ask(admission, endpoint, reviewOf({ object }));
  const after = structuredClone(object);
  for (const problem of applyPatch(after, [...patchOf(handled.review)] as Parameters<typeof applyPatch>[1])) {
    if (problem !== null) throw problem;
  }
  const { allowed, warnings } = responseOf(handled);
  return { allowed: allowed === true, warnings, message: messageOf(handled.review), object: after };
}

/** The pod that a controller makes of a workload; a pod is its own. */
export function podOfWorkload(object: JsonObject): JsonObject {
  const workload = readWorkload(object);
  if (workload === undefined) throw new Error('no workload');
  if (workload.kind === 'Pod') return object;
  const { template, namespace, name } = workload;
  const metadata = { ...objectOf(template['metadata']), namespace, generateName: `${name}-` };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: objectOf(template['spec']) };
}

/** A workload whose pods would be like this one. */
export function deploymentOf({ metadata, spec }: JsonObject): JsonObject {
  const { annotations = {} } = objectOf(metadata);
  const template = { metadata: { annotations, labels: { app: 'cart' } }, spec: spec ?? {} };
  const selector = { matchLabels: { app: 'cart' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { selector, template },
  };
}
