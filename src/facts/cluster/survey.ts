import type { RunningWorkload } from '../../admit/ports.ts';
import { objectOf, textMapOf } from '../../core/json.ts';
import type { Labels } from '../../core/labels.ts';
import { bootstrapRoles } from '../../core/rbac/bootstrap-roles.ts';
import { objectKey } from '../../core/rbac/held.ts';
import { createResources } from '../../core/scope/resources.ts';
import type { RbacObjects } from '../../core/verdict/fix.ts';
import type { KubeClient } from '../../kube/client.ts';
import { discoverResources } from '../../kube/discovery.ts';
import { listPages } from '../../kube/list.ts';
import { refusalOf } from '../../kube/refusal.ts';
import { identify } from '../identity.ts';
import { collectionPath, groupOf, isWorkloadKind, WATCHED_KINDS, type WatchedKind } from '../kinds.ts';
import { ignore, spotOf } from '../spot.ts';
import { createWorld, type World } from '../world.ts';

/** The facts as far as a person may list them, read once. */
export interface Survey {
  readonly world: World;
  readonly objects: RbacObjects;
  /** What runs, without what something else there controls that runs as the same account. */
  readonly workloads: readonly RunningWorkload[];
  /** What could not be listed, in sentences. */
  readonly incomplete: readonly string[];
  /** Roles or bindings are among it: what seems to be missing may be held all the same. */
  readonly partial: boolean;
  /** Workloads or accounts are among it: what nobody seems to need may be needed all the same. */
  readonly unseenNeeds: boolean;
  /** That of a connection, where it was to be read as well. */
  readonly vault?: SurveyedVault;
}

export interface SurveyedVault {
  /** Of the connection. */
  readonly name: string;
  /** What it gives is in the world. */
  readonly read: boolean;
  /** What of it could not be read, in sentences. */
  readonly incomplete: readonly string[];
}

const RBAC: readonly WatchedKind[] = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];
/** Nodes decide nothing here. */
const LISTED = (Object.keys(WATCHED_KINDS) as readonly WatchedKind[]).filter((kind) => kind !== 'Node');
const TIMEOUT_SECONDS = 30;

/** @param namespace whose workloads are looked at; `undefined`: those of the cluster. */
export async function surveyOf(client: KubeClient, namespace: string | undefined): Promise<Survey> {
  const resources = await discoverResources(client, AbortSignal.timeout(TIMEOUT_SECONDS * 1000));
  const world = createWorld(createResources(resources));
  const labels = new Map<string, Labels>();
  const lists = await Promise.all(
    LISTED.map(async (kind) => [kind, await listKind(client, kind, namespace)] as const),
  );
  const missing = lists.filter(([, { complete }]) => !complete).map(([kind]) => kind);
  if (missing.includes('ClusterRole')) putStockRoles(world);
  for (const [kind, { items }] of lists) {
    for (const item of items) {
      world.put(kind, item);
      const identity = identify(kind, spotOf(item, ignore));
      if (identity === undefined || !RBAC.includes(kind)) continue;
      labels.set(objectKey({ kind, ...identity }), textMapOf(objectOf(objectOf(item)['metadata'])['labels']));
    }
  }
  return {
    world,
    objects: { ...world.rbac, labels: (object) => labels.get(objectKey(object)) ?? {} },
    workloads: [...world.workloads()].filter((one) => !isCovered(one, world)),
    incomplete: missing.map((kind) => sentenceOf(kind, namespace)),
    partial: missing.some((kind) => RBAC.includes(kind)),
    unseenNeeds: missing.some((kind) => isWorkloadKind(kind) || kind === 'ServiceAccount'),
  };
}

/** The ReplicaSet of a Deployment is, unless it is an old one of when the Deployment ran as another account. */
function isCovered({ controller, account }: RunningWorkload, world: World): boolean {
  const owner = controller === undefined ? undefined : world.workload(controller.uid);
  return owner?.account.name === account.name;
}

interface Listed {
  readonly items: readonly unknown[];
  readonly complete: boolean;
}

/** Accounts and what runs as them are looked at in their namespace; what they are given may be anywhere. */
async function listKind(
  client: KubeClient,
  kind: WatchedKind,
  namespace: string | undefined,
): Promise<Listed> {
  const entry = WATCHED_KINDS[kind];
  if (namespace !== undefined && entry.namespaced && !RBAC.includes(kind)) {
    return listed(client, collectionPath(entry, namespace));
  }
  if (namespace !== undefined && kind === 'Namespace') {
    return listed(client, collectionPath(entry), { fieldSelector: `metadata.name=${namespace}` });
  }
  const everywhere = await listed(client, collectionPath(entry));
  if (everywhere.complete || namespace === undefined || !entry.namespaced) return everywhere;
  return { ...(await listed(client, collectionPath(entry, namespace))), complete: false };
}

async function listed(
  client: KubeClient,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Listed> {
  const items: unknown[] = [];
  try {
    for await (const page of listPages(client, path, { query })) items.push(...page.items);
    return { items, complete: true };
  } catch (error) {
    const code = refusalOf(error)?.code;
    // Kinds that are not installed have no objects.
    if (code === 404) return { items: [], complete: true };
    if (code === 403) return { items: [], complete: false };
    throw error;
  }
}

/** Every cluster has them, and hardly one has others under these names. */
function putStockRoles(world: World): void {
  for (const { kind, rules, gathers, ...metadata } of bootstrapRoles()) {
    world.put(kind, { metadata, rules, aggregationRule: gathers && { clusterRoleSelectors: gathers } });
  }
}

/** In the scope language, so that it can be asked for as it stands. */
function sentenceOf(kind: WatchedKind, namespace: string | undefined): string {
  const { apiVersion, plural } = WATCHED_KINDS[kind];
  const group = groupOf(apiVersion);
  const resource = group === '' ? plural : `${plural}.${group}`;
  const inOne = namespace !== undefined && (isWorkloadKind(kind) || kind === 'ServiceAccount');
  return `you may not list all ${plural}: it takes list ${resource} ${inOne ? `in ${namespace}` : 'everywhere'}`;
}
