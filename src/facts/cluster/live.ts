import type { ClusterTruth, RunningWorkload } from '../../admit/ports.ts';
import { type Owner, readWorkload, type WorkloadClaim } from '../../core/admission/workload.ts';
import { CountersignError } from '../../core/errors.ts';
import { isObject, type JsonObject, objectOf } from '../../core/json.ts';
import { groupsOf, objectKey, type RbacOverlay, userName, type Via } from '../../core/rbac/held.ts';
import type { Account, KubernetesScope } from '../../core/scope/scope.ts';
import type { GrantRecord } from '../../core/verdict/grants.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Clock, sleep, systemClock } from '../../kube/clock.ts';
import { listPages } from '../../kube/list.ts';
import { unless } from '../../kube/refusal.ts';
import { collectionPath, FOLDER_KINDS, isKind, isWorkloadKind, objectPath } from '../kinds.ts';
import { createPool } from '../pool.ts';
import { readBinding, readRole } from '../read-rbac.ts';
import { ignore, spotOf } from '../spot.ts';
import { listGrants } from './live-grants.ts';
import { createQuestions } from './questions.ts';

/**
 * The API server, asked before a denial. Needs `create` on subjectaccessreviews.authorization.k8s.io, `get` on roles,
 * bindings and the workload kinds, and `list` on pods, accessgrants and accessdecisions. What it refuses or does not answer is no answer.
 */
export function createLiveTruth(client: KubeClient, clock: Clock = systemClock): ClusterTruth {
  const access = createQuestions<boolean>(clock);
  const rbac = createQuestions<RbacOverlay>(clock);
  const pods = createQuestions<readonly RunningWorkload[]>(clock);
  const grants = createQuestions<readonly GrantRecord[]>(clock);
  const owners = createQuestions<WorkloadClaim>(clock);
  return {
    allows: (account, scope, signal) =>
      access.ask(
        JSON.stringify([account, scope]),
        () => orNothing(reviewTwice(client, clock, account, scope)),
        signal,
      ),
    reread: (via, signal) =>
      rbac.ask(
        JSON.stringify([objectKey(via.binding), via.role]),
        () => orNothing(readVia(client, via)),
        signal,
      ),
    pods: (account, signal) =>
      pods.ask(JSON.stringify(account), () => orNothing(listPods(client, account)), signal),
    grants: (account, signal) =>
      grants.ask(JSON.stringify(account), () => orNothing(listGrants(client, account)), signal),
    owner: (owner, namespace, signal) =>
      owners.ask(
        JSON.stringify([owner, namespace]),
        () => orNothing(getOwner(client, owner, namespace)),
        signal,
      ),
  };
}

const TIMEOUT = { timeoutSeconds: 1 } as const;
/** The pod waits for it, and a scheduler for the pod. */
const OWNER_TIMEOUT = { timeoutSeconds: 0.2 } as const;

/** A failure of the API server is no answer; anything else is a bug, and comes out. */
async function orNothing<T>(answer: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CountersignError) return undefined;
    throw error;
  }
}

/** The authorizer of the API server has caches of its own, which a binding reaches within some 50 ms. */
const PROPAGATION_MS = 150;

async function reviewTwice(
  client: KubeClient,
  clock: Clock,
  account: Account,
  scope: KubernetesScope,
): Promise<boolean> {
  if (await review(client, account, scope)) return true;
  await sleep(clock, PROPAGATION_MS, new AbortController().signal);
  return review(client, account, scope);
}

async function review(client: KubeClient, account: Account, scope: KubernetesScope): Promise<boolean> {
  const spec = { user: userName(account), groups: groupsOf(account), ...attributesOf(scope) };
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
  const answer = await client.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', body, TIMEOUT);
  return objectOf(objectOf(answer)['status'])['allowed'] === true;
}

function attributesOf(scope: KubernetesScope): object {
  const [verb = ''] = scope.verbs;
  if (scope.kind === 'url') return { nonResourceAttributes: { path: scope.url, verb } };
  const [resource = '', ...sub] = scope.resource.split('/');
  return {
    resourceAttributes: {
      namespace: typeof scope.place === 'object' ? scope.place.namespace : '',
      verb,
      group: scope.group,
      resource,
      subresource: sub.join('/'),
      name: scope.names[0] ?? '',
    },
  };
}

async function readVia(client: KubeClient, { binding, role }: Via): Promise<RbacOverlay> {
  const [bound, granted] = await Promise.all([getOrGone(client, binding), getOrGone(client, role)]);
  return {
    bindings: new Map([
      [objectKey(binding), bound && readBinding(binding.kind, spotOf(bound, ignore), binding, createPool())],
    ]),
    roles: new Map([
      [objectKey(role), granted && readRole(kindOfRole(role), spotOf(granted, ignore), role, createPool())],
    ]),
  };
}

function kindOfRole({ kind }: Via['role']): 'Role' | 'ClusterRole' {
  return kind === 'Role' ? 'Role' : 'ClusterRole';
}

interface Named {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `undefined`: there is none. */
async function getOrGone(
  client: KubeClient,
  { kind, namespace, name }: Named,
): Promise<JsonObject | undefined> {
  if (!isKind(kind)) return undefined;
  const object = await unless([404], client.get(objectPath(FOLDER_KINDS[kind], name, namespace), TIMEOUT));
  return object === undefined ? undefined : objectOf(object);
}

/** Of the metadata alone: who controls the pod, and what it declares. */
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const MAX_PAGES = 4;

async function listPods(
  client: KubeClient,
  account: Account,
): Promise<readonly RunningWorkload[] | undefined> {
  const selector = `spec.serviceAccountName=${account.name},status.phase!=Succeeded,status.phase!=Failed`;
  const path = collectionPath(FOLDER_KINDS.Pod, account.namespace);
  const pods: RunningWorkload[] = [];
  let pages = 0;
  for await (const { items } of listPages(client, path, {
    ...TIMEOUT,
    query: { fieldSelector: selector },
    accept: METADATA,
  })) {
    pages += 1;
    if (pages > MAX_PAGES) return undefined;
    for (const item of items) {
      const spec = { serviceAccountName: account.name };
      const pod = isObject(item) && readWorkload({ ...item, kind: 'Pod', spec }, account.namespace);
      if (pod && !pod.deleting) pods.push(pod);
    }
  }
  return pods;
}

async function getOwner(
  client: KubeClient,
  { kind, name }: Owner,
  namespace: string,
): Promise<WorkloadClaim | undefined> {
  if (!isKind(kind) || !isWorkloadKind(kind)) return undefined;
  const object = await client.get(objectPath(FOLDER_KINDS[kind], name, namespace), OWNER_TIMEOUT);
  return readWorkload({ ...objectOf(object), kind }, namespace);
}
