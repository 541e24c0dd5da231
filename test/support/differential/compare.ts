import { isObject, listOf, objectOf } from '../../../src/core/json.ts';
import { uncovered } from '../../../src/core/scope/covers.ts';
import type { Account, KubernetesScope } from '../../../src/core/scope/scope.ts';
import { createWorld, type World } from '../../../src/facts/world.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { TEST_RESOURCES } from '../resources.ts';
import { ask, awaitAuthorizer, createNamespaces, createObjects, inParallel } from './server.ts';
import { type DrawnObject, type DrawnWorld, type Question, settle } from './worlds.ts';

/** Asks the same of the evaluator and of the real API server. */
export interface Disagreement {
  readonly world: DrawnWorld;
  readonly question: Question;
  readonly server: boolean;
}

export interface Outcome {
  readonly asked: number;
  /** Of these, how many the server allowed: a comparison of refusals alone would prove little. */
  readonly allowed: number;
  readonly disagreements: readonly Disagreement[];
}

/** The worlds of a batch are written together and judged together, as one cluster. */
export async function compareBatch(
  client: KubeClient,
  worlds: readonly DrawnWorld[],
  prefix: string,
): Promise<Outcome> {
  const names = worlds.map((_, at) => `${prefix}-${at}`);
  const settled = worlds.map((world, at) => settle(world, names[at] ?? ''));
  await createNamespaces(
    client,
    names.flatMap((name) => [name, `${name}-b`]),
  );
  await createObjects(
    client,
    settled.flatMap(({ objects }) => objects),
  );
  await awaitAuthorizer(client, `${prefix}-sentinel`);
  const facts = await readRbac(client);
  const disagreements: Disagreement[] = [];
  let asked = 0;
  let allowed = 0;
  await inParallel([...settled.entries()], async ([at, { questions }]) => {
    const account = { namespace: names[at] ?? '', name: 'api' };
    for (const [index, question] of questions.entries()) {
      const server = await ask(client, account, question);
      asked += 1;
      if (server) allowed += 1;
      const [world, drawn] = [worlds[at], worlds[at]?.questions[index]];
      if (server !== holds(facts, account, question) && world !== undefined && drawn !== undefined) {
        disagreements.push({ world, question: drawn, server });
      }
    }
  });
  return { asked, allowed, disagreements };
}

/** Everything the server has, read as the product reads it. */
export async function readRbac(client: KubeClient): Promise<World> {
  const world = createWorld(TEST_RESOURCES);
  for (const [kind, plural] of [
    ['Role', 'roles'],
    ['ClusterRole', 'clusterroles'],
    ['RoleBinding', 'rolebindings'],
    ['ClusterRoleBinding', 'clusterrolebindings'],
  ] as const) {
    const list = await client.get(`/apis/rbac.authorization.k8s.io/v1/${plural}`);
    for (const object of listOf(objectOf(list)['items']).filter(isObject)) world.put(kind, object);
  }
  return world;
}

export function holds(facts: World, account: Account, question: Question): boolean {
  return uncovered(facts.held(account).rules, scopeOf(question)).length === 0;
}

/** A request is the scope of one permission; one that carries no name is covered only by rules that name none. */
function scopeOf(question: Question): KubernetesScope {
  if ('path' in question) return { kind: 'url', verbs: [question.verb], url: question.path };
  const { verb, group, resource, subresource, name, namespace } = question;
  return {
    kind: 'resource',
    verbs: [verb],
    group,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    names: [name],
    place: namespace === '' ? 'everywhere' : { namespace },
  };
}

/** The smallest world that still disagrees, found by leaving out objects, subjects, rules and words one after the other. */
export async function shrink(client: KubeClient, found: Disagreement, prefix: string): Promise<Disagreement> {
  let smallest: Disagreement = { ...found, world: { ...found.world, questions: [found.question] } };
  let tried = 0;
  for (let progress = true; progress; ) {
    progress = false;
    for (const objects of smallerWorlds(smallest.world.objects)) {
      tried += 1;
      const world = { objects, questions: [found.question] };
      const { disagreements } = await compareBatch(client, [world], `${prefix}-s${tried}`);
      const [still] = disagreements;
      if (still === undefined) continue;
      smallest = still;
      progress = true;
      break;
    }
  }
  return smallest;
}

function* smallerWorlds(objects: readonly DrawnObject[]): Generator<readonly DrawnObject[]> {
  for (const at of objects.keys()) yield without(objects, at);
  for (const [at, object] of objects.entries()) {
    for (const smaller of smallerObjects(object)) yield objects.with(at, smaller);
  }
}

function* smallerObjects(object: DrawnObject): Generator<DrawnObject> {
  const { subjects = [], rules = [] } = object;
  for (const at of subjects.keys()) yield { ...object, subjects: without(subjects, at) };
  for (const at of rules.keys()) yield { ...object, rules: without(rules, at) };
  for (const [at, rule] of rules.entries()) {
    for (const [field, words] of Object.entries(rule)) {
      // The API server wants at least one of each in a rule.
      if (!Array.isArray(words) || words.length < 2) continue;
      for (const word of words.keys())
        yield { ...object, rules: rules.with(at, { ...rule, [field]: without(words, word) }) };
    }
  }
}

function without<T>(items: readonly T[], at: number): readonly T[] {
  return items.filter((_, index) => index !== at);
}
