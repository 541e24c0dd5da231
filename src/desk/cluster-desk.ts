import { ACCESS_GRANT_SCHEMA } from '../api/access-grant.ts';
import { RECHECK_ANNOTATION } from '../api/denial.ts';
import { CountersignError } from '../core/errors.ts';
import { objectOf, textOf, textsOf } from '../core/json.ts';
import { shown } from '../core/text.ts';
import { timeText } from '../core/time.ts';
import type { KubeClient } from '../kube/client.ts';
import { refusalOf, unless } from '../kube/refusal.ts';
import type { Desk, StoredDecision, StoredDenial, StoredGrant, Viewer } from './desk.ts';
import { decisionObject, grantObject, wishProblem } from './new-objects.ts';
import { againstReason, type Deciding, objectionTo } from './objections.ts';
import { advised, listAll, orInNamespace, pathOf } from './reach.ts';
import { readDecision, readDenial, readGrant } from './read-objects.ts';
import { rightsIn } from './rights.ts';

export interface DeskOptions {
  /** Looked at by those who may not list the whole cluster: that of the context, as for kubectl. */
  readonly namespace?: string | undefined;
  /** Since the epoch. */
  readonly now?: () => number;
}

/** A desk over the API server, with the identity of the client. */
export function createDesk(
  client: KubeClient,
  { namespace: own = 'default', now = Date.now }: DeskOptions = {},
): Desk {
  let viewer: Promise<Viewer> | undefined;

  function whoAmI(): Promise<Viewer> {
    viewer ??= askWho(client);
    viewer.catch(() => {
      viewer = undefined;
    });
    return viewer;
  }

  async function grantsIn(namespace: string | undefined): Promise<readonly StoredGrant[]> {
    const [grants, decisions] = await Promise.all([
      advised('grant', 'list', listAll(client, 'grant', namespace)),
      decisionsIn(client, namespace),
    ]);
    const byGrant = Map.groupBy(decisions, ({ namespace: place, spec }) => `${place}/${spec.grant}`);
    return grants.flatMap((item) => readGrant(item, byGrant.get(keyOf(item)) ?? [], now()));
  }

  async function grant(namespace: string, name: string): Promise<StoredGrant | undefined> {
    const [item, decisions] = await Promise.all([
      unless([404], advised('grant', 'get', client.get(pathOf('grant', namespace, name)))),
      decisionsIn(client, namespace),
    ]);
    return item === undefined ? undefined : readGrant(item, decisions, now())[0];
  }

  async function denial(namespace: string, id: string): Promise<StoredDenial | undefined> {
    if (!ID.test(id)) return undefined;
    const item = await unless([404], advised('denial', 'get', client.get(pathOf('denial', namespace, id))));
    return item === undefined ? undefined : readDenial(item)[0];
  }

  return {
    whoAmI,
    denials: (namespace) =>
      orInNamespace(namespace, own, async (place) => {
        const items = await advised('denial', 'list', listAll(client, 'denial', place));
        return items.flatMap(readDenial);
      }),
    denial,
    findDenial: (id) =>
      orInNamespace(undefined, own, async (place) => {
        if (place !== undefined || !ID.test(id)) return denial(place ?? own, id);
        const query = { fieldSelector: `metadata.name=${id}` };
        const items = await advised('denial', 'list', listAll(client, 'denial', undefined, query));
        return items.flatMap(readDenial).find(({ name }) => name === id);
      }),
    grants: (namespace) => orInNamespace(namespace, own, grantsIn),
    grant,
    async ask(wish) {
      const { username } = await whoAmI();
      const object = grantObject(wish, username);
      const problem = againstReason(wish.reason) ?? wishProblem(object);
      if (problem !== undefined) throw new CountersignError('ERR_CONFIG', problem);
      const item = await advised('grant', 'create', client.post(pathOf('grant', wish.namespace), object));
      return taken(readGrant(item, [], now())[0]);
    },
    async decide(verdict) {
      const { namespace, grant: name, decision } = verdict;
      const [person, found] = await Promise.all([whoAmI(), grant(namespace, name)]);
      const what = `${decision.toLowerCase()} AccessGrant ${shown(`${namespace}/${name}`)}`;
      if (found === undefined)
        throw refusedHere(what, 'it is not there (any more): kubectl get accessgrants lists those that are');
      const facts = { verdict, viewer: person, grant: found, accountUid: await accountUid(client, found) };
      const objection = objectionTo(facts);
      if (objection !== undefined) throw refusedHere(what, objection);
      const object = decisionObject(verdict, found, person.username);
      const item = await advised('decision', 'create', client.post(pathOf('decision', namespace), object));
      return taken(readDecision(item)[0]);
    },
    async recheck(namespace, id) {
      const metadata = { annotations: { [RECHECK_ANNOTATION]: timeText(now()) } };
      await advised('denial', 'patch', client.patch(pathOf('denial', namespace, id), { metadata }));
    },
    rights: (namespace) => rightsIn(client, namespace),
  };
}

const ID = new RegExp(ACCESS_GRANT_SCHEMA.properties.spec.properties.decision.pattern, 'u');

const WHO = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

async function askWho(client: KubeClient): Promise<Viewer> {
  const review = await client.post(WHO, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'SelfSubjectReview',
  });
  const { username, groups } = objectOf(objectOf(objectOf(review)['status'])['userInfo']);
  const name = textOf(username) ?? '';
  if (name === '') throw new CountersignError('ERR_KUBE_PROTOCOL', `POST ${WHO}: the answer names nobody`);
  return { username: name, groups: textsOf(groups) };
}

async function decisionsIn(
  client: KubeClient,
  namespace: string | undefined,
): Promise<readonly StoredDecision[]> {
  const items = await advised('decision', 'list', listAll(client, 'decision', namespace));
  return items.flatMap(readDecision);
}

/** Who decides may not be allowed to read service accounts: then nothing is known, and every replica looks for itself. */
async function accountUid(
  client: KubeClient,
  { namespace, spec }: StoredGrant,
): Promise<Deciding['accountUid']> {
  const { name, uid } = spec.serviceAccount;
  if (uid === undefined) return undefined;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`;
  try {
    return textOf(objectOf(objectOf(await client.get(path))['metadata'])['uid']);
  } catch (error) {
    const code = refusalOf(error)?.code;
    if (code === 404) return '';
    if (code === 403) return undefined;
    throw error;
  }
}

function keyOf(item: unknown): string {
  const { namespace, name } = objectOf(objectOf(item)['metadata']);
  return `${textOf(namespace) ?? ''}/${textOf(name) ?? ''}`;
}

function refusedHere(what: string, why: string): CountersignError {
  return new CountersignError('ERR_DESK_REFUSED', `cannot ${what}: ${why}`);
}

/** The API server answers a write with what it stored. */
function taken<T>(stored: T | undefined): T {
  if (stored !== undefined) return stored;
  throw new CountersignError('ERR_KUBE_PROTOCOL', 'what the API server stored is not what was sent');
}
