import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parsePolicy } from '../../src/api/parse-policy.ts';
import { writtenProblems } from '../../src/api/policy-status.ts';
import { objectOf, textOf } from '../../src/core/json.ts';
import { PLAIN_CHECKS, RISKS } from '../../src/core/verdict/compile-actions.ts';
import { type Action, isMilder } from '../../src/core/verdict/policy.ts';
import { type ClusterFacts, watchCluster } from '../../src/facts/cluster/cluster.ts';
import { createKubeClient } from '../../src/kube/client.ts';
import { loadKubeAccess } from '../../src/kube/config.ts';
import { BAD_POLICIES } from '../support/bad-policies.ts';
import { sharedCluster } from '../support/cluster.ts';
import { blocksOf } from '../support/markdown.ts';

const cluster = sharedCluster();

function policy(name: string, spec: unknown): object {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy', metadata: { name }, spec };
}

/** One as it is: of a list kubectl would check the shape by itself. */
function create(object: object) {
  const input = JSON.stringify(object);
  return cluster.kubectl(['create', '--dry-run=server', '-o', 'name', '-f', '-'], {
    input,
    allowFailure: true,
  });
}

function strictestFirst(a: Action, b: Action): number {
  return isMilder(a, b) ? 1 : -1;
}

type Named = readonly [where: string, object: object];

function policiesOf(where: string, text: string): readonly Named[] {
  return parseAllDocuments(text)
    .map((document) => objectOf(document.toJS()))
    .filter(({ kind }) => kind === 'ScopePolicy')
    .map((object) => [`${where}: ${textOf(objectOf(object['metadata'])['name'])}`, object]);
}

async function policiesIn(dir: string): Promise<readonly Named[]> {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.yaml'));
  const found = files.map(async (file) => policiesOf(file, await readFile(join(dir, file), 'utf8')));
  return (await Promise.all(found)).flat();
}

const PAGES = ['docs/policy.md', 'docs/reference/scope-policy.md'];

const shipped = await policiesIn('manifests/policies');
const examples = await policiesIn('manifests/examples');
const pages = await Promise.all(PAGES.map(async (file) => blocksOf(await readFile(file, 'utf8'))));
const documented = pages
  .flat()
  .filter(({ language, info }) => language === 'yaml' && info !== 'invalid')
  .flatMap(({ text }) => policiesOf('page', text));

describe('the API server takes', () => {
  it('the three policies that ship, and those that the documents show', () => {
    expect(shipped).toHaveLength(3);
    expect(documented.length).toBeGreaterThan(3);
  });

  it.each([...shipped, ...documented, ...examples])('%s', async (_, object) => {
    expect(await create(object)).toMatchObject({ code: 0, stderr: '' });
    expect(parsePolicy(object).problems).toEqual([]);
  });
});

describe('what the API server refuses, a folder refuses too, naming the same field:', () => {
  it.each(BAD_POLICIES)('%s', async (_, spec, field, by) => {
    const object = policy('bad', spec);
    const said = writtenProblems(parsePolicy(object).problems).find(({ path }) => path === field);
    const { code, stderr } = await create(object);

    expect(code).toBe(1);
    expect(stderr).toContain(field);
    expect(said).toBeDefined();
    if (by === 'rule') expect(stderr).toContain(said?.message);
  });

  it.each(['Production', 'a_b', '-a', 'a..b', 'a.-b', 'a b'])('the name %s', async (name) => {
    const { code, stderr } = await create(policy(name, {}));

    expect(code).toBe(1);
    expect(stderr).toContain('metadata.name');
    expect(parsePolicy(policy(name, {})).problems).toMatchObject([{ path: ['metadata', 'name'] }]);
  });

  const action = fc.constantFrom<Action>('Deny', 'Warn', 'Ignore');
  const some = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
    fc.record(Object.fromEntries(keys.map((key) => [key, value])), { requiredKeys: [] });
  // Strictest first, as is right for risks: of any actions only few are in order.
  const ordered = fc
    .array(action, { minLength: 4, maxLength: 4 })
    .map((four) => Object.fromEntries(RISKS.map((risk, at) => [risk, four.toSorted(strictestFirst)[at]])));
  const excess = fc.oneof(fc.constant({}), ordered, some(RISKS, action));
  const checks = fc.subarray([...PLAIN_CHECKS], { maxLength: 2 });
  const actions = fc
    .tuple(
      checks.chain((keys) => some(keys, action)),
      excess,
    )
    .map(([plain, byRisk]) => ({ ...plain, excess: byRisk }));
  const moments = some(['onChange', 'onReschedule', 'onGrant'], actions);

  it('any contradiction between actions, and nothing that is none', async () => {
    const specs = fc.sample(moments, { numRuns: 800, seed: 7 });
    const accepted = specs.flatMap((spec, at) =>
      parsePolicy(policy(`p${at}`, spec)).policy === undefined ? [] : [`p${at}`],
    );
    const { stdout } = await create({
      apiVersion: 'v1',
      kind: 'List',
      items: specs.map((spec, at) => policy(`p${at}`, spec)),
    });

    expect(stdout.trim().split('\n')).toEqual(accepted.map((name) => `scopepolicy.countersign.dev/${name}`));
    expect(accepted.length).toBeGreaterThan(100);
    expect(accepted.length).toBeLessThan(700);
  });
});

describe('what only we can tell', () => {
  it.each<[string, unknown, object]>([
    [
      'a scope line that can’t be read',
      { allow: ['get pods in'] },
      { path: 'spec.allow[0]', line: 1, column: 12 },
    ],
    [
      'one of several lines in an entry',
      { forbid: ['get pods', 'get pods\nget secrets in'] },
      { path: 'spec.forbid[1]', line: 2, column: 15 },
    ],
    ['a line without a scope', { ceiling: ['# nothing'] }, { path: 'spec.ceiling[0]' }],
  ])('%s is taken by the API server, and a problem with its place', async (_, spec, problem) => {
    const object = policy('unreadable', spec);

    expect(await create(object)).toMatchObject({ code: 0, stderr: '' });
    expect(writtenProblems(parsePolicy(object).problems)).toMatchObject([problem]);
  });
});

describe('in a cluster', () => {
  const NAME = 'scope-policy-test';
  const stops: (() => Promise<void>)[] = [];

  async function watchingCluster(): Promise<ClusterFacts> {
    const stop = new AbortController();
    const client = createKubeClient(await loadKubeAccess({ kubeconfig: cluster.kubeconfig }));
    const log = { info: () => undefined, warn: () => undefined };
    const facts = watchCluster({ client, signal: stop.signal, log });
    stops.push(async () => {
      stop.abort();
      await facts.done;
    });
    await facts.synced;
    return facts;
  }

  async function apply(spec: object): Promise<void> {
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(policy(NAME, spec)) });
  }

  function priorityIn({ world }: ClusterFacts): number | undefined {
    return world.policies().find(({ name }) => name === NAME)?.priority;
  }

  async function writeStatus(status: object): Promise<void> {
    const patch = JSON.stringify({ status });
    await cluster.kubectl([
      ...['patch', 'scopepolicy', NAME, '--subresource=status', '--type=merge', '-p', patch],
    ]);
  }

  // It matches nothing, so that no other test meets it.
  const match = { serviceAccounts: ['no-such-namespace/none'] };
  const unreadable = { match, priority: 9, allow: ['get pods in'] };

  beforeAll(() => apply({ match, priority: 5 }));
  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await cluster.kubectl(['delete', 'scopepolicy', NAME, '--ignore-not-found']);
  });

  it('a policy is watched, and one that becomes invalid keeps its last valid version', async () => {
    const facts = await watchingCluster();
    expect(priorityIn(facts)).toBe(5);

    await apply({ match, priority: 7 });
    await expect.poll(() => priorityIn(facts)).toBe(7);

    await apply(unreadable);
    await expect
      .poll(() => facts.problems())
      .toContain(
        `ScopePolicy ${NAME} is not valid, so its last valid version counts: spec.allow[0]: line 1, column 12: expected a namespace after \`in\``,
      );
    expect(priorityIn(facts)).toBe(7);
  });

  it('a replica that starts then has it from the status, and without it no policy', async () => {
    const before = await watchingCluster();
    expect(priorityIn(before)).toBeUndefined();
    expect(before.world.policyStates()).toMatchObject([{ name: NAME, state: 'none' }]);

    await writeStatus({ lastValid: { match, priority: 7 } });
    await expect.poll(() => priorityIn(before)).toBe(7);
    const after = await watchingCluster();
    expect(priorityIn(after)).toBe(7);
    expect(after.world.policyStates()).toMatchObject([{ name: NAME, state: 'lastValid' }]);
  });

  it('kubectl get prints what a platform team looks for', async () => {
    const time = '2026-01-02T03:04:05Z';
    const condition = { lastTransitionTime: time, reason: 'Unreadable', message: 'spec.allow[0]: …' };
    await writeStatus({
      observedGeneration: 3,
      mode: 'Enforce',
      matchedWorkloads: 12,
      wouldDeny: 3,
      wouldWarn: 4,
      evaluatedAt: time,
      conditions: [{ type: 'Valid', status: 'False', ...condition }],
      problems: [{ path: 'spec.allow[0]', line: 1, column: 12, message: 'expected a namespace' }],
    });
    const { stdout } = await cluster.kubectl(['get', 'scopepolicies', NAME]);

    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/u)),
    ).toEqual([
      ['NAME', 'PRIORITY', 'MODE', 'VALID', 'WORKLOADS', 'WOULD-DENY', 'WOULD-WARN', 'AGE'],
      [NAME, '9', 'Enforce', 'False', '12', '3', '4', expect.stringMatching(/^\d/u)],
    ]);
    expect((await cluster.kubectl(['get', 'countersign', '-o', 'name'])).stdout).toContain(NAME);
  });

  it('is gone when it is deleted', async () => {
    const facts = await watchingCluster();
    await cluster.kubectl(['delete', 'scopepolicy', NAME]);

    await expect.poll(() => priorityIn(facts)).toBeUndefined();
    expect(facts.world.policyStates()).toEqual([]);
  });
});
