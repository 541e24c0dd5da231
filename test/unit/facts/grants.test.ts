import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { loadFolder } from '../../../src/facts/folder/folder.ts';
import { printProblem } from '../../../src/facts/folder/problem.ts';
import { createWorld, type World } from '../../../src/facts/world.ts';
import { decisionObject, decisionOn, grant, grantObject } from '../../support/grants.ts';
import { API } from '../../support/rbac.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';

const GRANT = grant('get secrets');
const OBJECT = grantObject(['get secrets']);

let world: World;

beforeEach(() => {
  world = createWorld(TEST_RESOURCES);
});

function problemsOf(kind: 'AccessGrant' | 'AccessDecision', object: JsonObject): readonly string[] {
  const said: string[] = [];
  world.put(kind, object, { report: ({ path, message }) => said.push(`${path.join('.')}: ${message}`) });
  return said;
}

describe('the grants of an account', () => {
  it('come with the decisions on them, in whatever order they came', () => {
    world.put('AccessDecision', decisionObject(GRANT));
    world.put('AccessGrant', OBJECT);

    expect(world.grants(API)).toEqual([{ grant: GRANT, decisions: [decisionOn(GRANT)] }]);
    expect(world.grants({ namespace: 'shop', name: 'web' })).toEqual([]);
    expect(world.grants({ namespace: 'dev', name: 'api' })).toEqual([]);
  });

  it('are sorted by name', () => {
    for (const name of ['b', 'c', 'a']) world.put('AccessGrant', grantObject([], {}, { name, uid: name }));

    expect(world.grants(API).map(({ grant: { name } }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('go when they are deleted, and so do decisions', () => {
    world.put('AccessGrant', OBJECT);
    world.put('AccessDecision', decisionObject(GRANT));
    world.drop('AccessDecision', { namespace: 'shop', name: 'debug-1' });
    expect(world.grants(API)).toEqual([{ grant: GRANT, decisions: [] }]);

    world.retain('AccessGrant', new Set());
    expect(world.grants(API)).toEqual([]);
  });

  it('are of the account that a grant names now', () => {
    world.put('AccessGrant', OBJECT);
    world.put(
      'AccessGrant',
      grantObject(['get secrets'], { serviceAccount: { name: 'web' } }, { uid: 'g-2' }),
    );

    expect(world.grants(API)).toEqual([]);
    expect(world.grants({ namespace: 'shop', name: 'web' })).toHaveLength(1);
  });

  it('are read from a list, whose items name no kind', () => {
    const { apiVersion: _, kind: __, ...item } = OBJECT;
    world.put('AccessGrant', item);

    expect(world.grants(API)).toHaveLength(1);
  });

  it('leave out one that cannot be read, and one that became so', () => {
    const wrong = grantObject(['get secrets'], { checks: ['forbidden'] });
    expect(problemsOf('AccessGrant', wrong)).toEqual([
      'spec.checks.0: expected one of missing, excess, overreach, undeclared',
    ]);
    world.put('AccessGrant', OBJECT);
    world.put('AccessGrant', wrong);

    expect(world.grants(API)).toEqual([]);
  });

  it('are bounded by namespace, and what takes one back is always kept', () => {
    for (let at = 0; at < 1000; at += 1) {
      world.put('AccessGrant', grantObject([], {}, { name: `g${at}` }));
      world.put('AccessDecision', decisionObject(GRANT, {}, { name: `d${at}` }));
    }

    expect(problemsOf('AccessGrant', grantObject([], {}, { name: 'more' }))).toEqual([
      ': expected at most 1000 of them in namespace shop',
    ]);
    expect(problemsOf('AccessDecision', decisionObject(GRANT, {}, { name: 'more' }))).toHaveLength(1);
    expect(problemsOf('AccessGrant', grantObject([], {}, { name: 'g0' }))).toEqual([]);
    expect(problemsOf('AccessGrant', grantObject([], {}, { name: 'a', namespace: 'dev' }))).toEqual([]);

    world.put('AccessGrant', grantObject([], {}, { name: 'debug', namespace: 'dev' }));
    expect(
      problemsOf('AccessDecision', decisionObject(GRANT, { decision: 'Revoke' }, { name: 'last' })),
    ).toEqual([]);
    world.drop('AccessGrant', { namespace: 'shop', name: 'g1' });
    world.put('AccessGrant', OBJECT);
    const [record] = world.grants(API);
    expect(record?.decisions.filter(({ decision }) => decision === 'Revoke')).toHaveLength(1);
  });
});

describe('grants in a folder', () => {
  async function load(...objects: readonly JsonObject[]) {
    const text = objects.map((object) => JSON.stringify(object, undefined, 1)).join('\n---\n');
    return loadFolder(Readable.from([Buffer.from(text)]));
  }

  it('are facts like all others', async () => {
    const folder = await load(OBJECT, decisionObject(GRANT));

    expect(folder.problems).toEqual([]);
    expect(folder.world.grants(API)).toEqual([{ grant: GRANT, decisions: [decisionOn(GRANT)] }]);
  });

  it('are told of where they are wrong', async () => {
    const { problems } = await load(grantObject(['get pods in']), decisionObject(GRANT, { decision: 'No' }));

    expect(problems.map(printProblem)).toEqual([
      '-:15:16: document 1: spec.scopes[0]: expected a namespace after `in`',
      '-:41:15: document 2: spec.decision: expected one of Approve, Reject, Revoke',
    ]);
  });
});
