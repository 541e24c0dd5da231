import { describe, expect, it } from 'vitest';
import type { Binding, Role } from '../../../../src/core/rbac/rules.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { decide } from '../../../../src/core/verdict/decision.ts';
import type { Finding } from '../../../../src/core/verdict/findings.ts';
import { type Fix, fixOf } from '../../../../src/core/verdict/fix.ts';
import { judge } from '../../../../src/core/verdict/verdict.ts';
import { adviceTexts, fixOn, given, indexOf, ruleText } from '../../../support/fix.ts';
import { policy } from '../../../support/policy.ts';
import { API, binding, clusterRole, heldBy, role, rule, urls } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';
import { workload } from '../../../support/workload.ts';

const ME = 'ServiceAccount:shop/api';
const NO_CHANGE = { vault: [], roles: [], narrowed: [], deletions: [], advice: [] };

const narrowedTo = ({ narrowed }: Fix) =>
  narrowed.map(({ kind, namespace = '', name, rules }) => [
    `${kind} ${namespace}/${name}`,
    ...rules.map(ruleText),
  ]);
const deleted = ({ deletions }: Fix) => deletions.map(({ binding: { kind, name } }) => `${kind} ${name}`);

describe('a binding that gives too much', () => {
  const OWN = role('shop/r', rule('get,list', 'pods'));

  it.each([
    ['by its name', ME],
    ['by its name alone, in its namespace', 'ServiceAccount:api'],
    ['as a user', 'User:system:serviceaccount:shop:api'],
  ])('is the account’s where it names it %s', (_, subject) => {
    expect(narrowedTo(fixOn([OWN, binding('shop/b', 'Role:r', subject)], ['get pods']))).toEqual([
      ['Role shop/r', 'get |  | pods |  | '],
    ]);
  });

  it.each([
    ['another account', 'ServiceAccount:shop/web', '2 accounts'],
    ['its namesake in another namespace', 'ServiceAccount:dev/api', '2 accounts'],
    ['the user of another account', 'User:system:serviceaccount:shop:web', '2 accounts'],
    ['a person of its name', 'User:api', '1 account, 1 other subject'],
    ['a group of its name', 'Group:api', '1 account, 1 other subject'],
    ['anything else of its name', 'Robot:api', '1 account, 1 other subject'],
  ])('is shared where it names %s as well', (_, other, whom) => {
    const fix = fixOn([OWN, binding('shop/b', 'Role:r', ME, other)], ['get pods']);

    expect(fix).toMatchObject({ ...NO_CHANGE, advice: [{ kind: 'ask' }] });
    expect(adviceTexts(fix)).toEqual([
      `ask: RoleBinding shop/b → Role r gives more than is needed: the binding is shared, and a change touches ${whom}`,
    ]);
  });

  it('keeps of a role that is bound everywhere what is needed everywhere, and the rest goes to its place', () => {
    const fix = fixOn(
      [
        clusterRole('r', rule('get,list', 'nodes,pods'), urls('get', '/metrics', '/x')),
        binding('b', 'ClusterRole:r', ME),
      ],
      ['get nodes', 'get pods', 'get /metrics'],
      {},
      { labels: ({ kind, name }) => ({ of: `${kind} ${name}` }) },
    );

    expect(narrowedTo(fix)).toEqual([['ClusterRole /r', 'get |  | nodes |  | ', 'get |  |  |  | /metrics']]);
    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | pods |  | '] });
    expect(fix.deletions).toEqual([]);
    expect(fix.narrowed).toMatchObject([
      { labels: { of: 'ClusterRole r' }, namespaceOfRules: undefined, via: { binding: { name: 'b' } } },
    ]);
  });

  it('lets a ClusterRole count where it is bound', () => {
    const fix = fixOn(
      [clusterRole('r', rule('get,list', 'pods')), binding('dev/b', 'ClusterRole:r', ME)],
      ['get pods in dev'],
    );

    expect(fix).toMatchObject({ ...NO_CHANGE, narrowed: [{ kind: 'ClusterRole', namespaceOfRules: 'dev' }] });
  });

  it('gives nothing again that stays held by way of another', () => {
    const fix = fixOn(
      [
        role('shop/shared', rule('get', 'pods')),
        binding('shop/a', 'Role:shared', ME, 'User:jane'),
        clusterRole('view', rule('get,list', 'pods')),
        binding('shop/b', 'ClusterRole:view', ME),
      ],
      ['get pods'],
    );

    expect(fix).toMatchObject({ ...NO_CHANGE, deletions: [{ binding: { name: 'b' } }] });
  });

  it('gives nothing again that stays held by way of one that is for somebody else to change', () => {
    const fix = fixOn(
      [
        role('shop/shared', rule('get,watch', 'pods')),
        binding('shop/a', 'Role:shared', ME, 'User:jane'),
        clusterRole('view', rule('get,list', 'pods')),
        binding('shop/b', 'ClusterRole:view', ME),
      ],
      ['get pods'],
    );

    expect(fix).toMatchObject({
      ...NO_CHANGE,
      deletions: [{ binding: { name: 'b' } }],
      advice: [{ kind: 'ask' }],
    });
  });

  it('gives nothing again that a narrowed role still gives', () => {
    const fix = fixOn(
      [
        role('shop/r', rule('get,delete', 'pods')),
        binding('shop/a', 'Role:r', ME),
        clusterRole('view', rule('get,list', 'pods')),
        binding('shop/b', 'ClusterRole:view', ME),
      ],
      ['get pods'],
    );

    expect([narrowedTo(fix), deleted(fix), given(fix)]).toEqual([
      [['Role shop/r', 'get |  | pods |  | ']],
      ['RoleBinding b'],
      {},
    ]);
  });

  it('gives nothing again that the API server knows to be held otherwise', () => {
    const alsoHeld = scopes('get pods').filter((scope) => scope.kind !== 'vault');
    const fix = fixOn(
      [clusterRole('view', rule('get,list', 'pods')), binding('shop/b', 'ClusterRole:view', ME)],
      ['get pods'],
      { alsoHeld },
    );

    expect([given(fix), deleted(fix)]).toEqual([{}, ['RoleBinding b']]);
  });

  it('keeps nothing that is beyond a ceiling', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('get *') }];
    const fix = fixOn(
      [role('shop/r', rule('get,list,delete', 'pods')), binding('shop/b', 'Role:r', ME)],
      ['get,list pods'],
      { ceilings },
    );

    expect(narrowedTo(fix)).toEqual([['Role shop/r', 'get |  | pods |  | ']]);
  });

  it('goes though it gives what every account holds anyway', () => {
    const review = rule('create', 'selfsubjectaccessreviews', { apiGroups: ['authorization.k8s.io'] });
    const fix = fixOn(
      [clusterRole('r', review, rule('get', 'nodes')), binding('b', 'ClusterRole:r', ME)],
      [],
    );

    expect(deleted(fix)).toEqual(['ClusterRoleBinding b']);
  });

  it('is changed in the order of names, whatever the order of facts', () => {
    const resources = { a: 'services', b: 'pods', c: 'configmaps' };
    const roles = Object.entries(resources).map(([name, resource]) =>
      role(`shop/${name}`, rule('get', resource)),
    );
    const bindings = ['c', 'a', 'b'].map((name) => binding(`shop/${name}`, `Role:${name}`, ME));
    const [one, other] = [
      [...roles, ...bindings],
      [...roles, ...bindings.toReversed()],
    ].map((objects) => deleted(fixOn(objects, [])));

    expect(one).toEqual(['RoleBinding a', 'RoleBinding b', 'RoleBinding c']);
    expect(other).toEqual(one);
  });
});

describe('what is found of one, and known of all', () => {
  const ROLE = role('shop/r', rule('get,list', 'pods'));
  const BINDING = binding('shop/b', 'Role:r', ME);

  /** Judged by its own needs alone; `world`: the objects at hand. */
  function fixAlone(
    needs: readonly string[],
    ofAll: readonly string[],
    world: readonly (Role | Binding)[],
    held = ROLE,
  ): Fix {
    const input = verdictInput(heldBy(API, held, BINDING), scopes(...needs));
    const verdict = judge(input);
    const { onChange: actions } = policy('p', {});
    const index = indexOf({
      roles: world.filter((one): one is Role => 'rules' in one),
      bindings: world.filter((one): one is Binding => 'subjects' in one),
    });
    return fixOf({
      account: API,
      input: { ...input, sharedNeeds: scopes(...ofAll) },
      verdict,
      decision: decide(verdict, { workload: workload(), policy: 'p', actions, dryRun: false }),
      objects: { ...index, labels: () => ({}) },
    });
  }

  it('is for a person where another workload needs all of it', () => {
    const fix = fixAlone(['get pods'], ['get pods', 'list pods'], [ROLE, BINDING]);

    expect(fix).toMatchObject({ ...NO_CHANGE, advice: [{ kind: 'ask' }] });
    expect(adviceTexts(fix)).toEqual([
      'ask: RoleBinding shop/b → Role r gives more than is needed: another workload of the account needs it: give each its own service account',
    ]);
  });

  it('keeps what another workload needs of it', () => {
    expect(narrowedTo(fixAlone([], ['list pods'], [ROLE, BINDING]))).toEqual([
      ['Role shop/r', 'list |  | pods |  | '],
    ]);
  });

  it('goes where another workload needs only some of it', () => {
    const wide = role('shop/r', rule('get,list', 'pods'), rule('get', 'secrets'));

    expect(narrowedTo(fixAlone(['get pods'], ['get,list pods'], [wide, BINDING], wide))).toEqual([
      ['Role shop/r', 'get,list |  | pods |  | '],
    ]);
  });

  it.each([
    ['binding', [ROLE]],
    ['role', [BINDING]],
  ])('is left alone where its %s is not at hand', (_, world) => {
    const fix = fixAlone(['get pods'], ['get pods'], world);

    expect(fix).toMatchObject({ ...NO_CHANGE, advice: [{ kind: 'ask' }] });
    expect(adviceTexts(fix)).toEqual([
      'ask: RoleBinding shop/b → Role r gives more than is needed: it is not known whom else it serves',
    ]);
  });
});

describe('what is open', () => {
  const MUCH = rule('get', Array.from({ length: 201 }, (_, at) => `r${at}`).join(','), {
    apiGroups: Array.from({ length: 100 }, (_, at) => `g${at}`),
  });

  it('is a rule that is too large to be looked at', () => {
    const fix = fixOn([clusterRole('r', MUCH), binding('shop/b', 'ClusterRole:r', ME)], ['get pods']);

    expect({ ...fix, roles: [] }).toMatchObject({ ...NO_CHANGE, advice: [{ kind: 'open' }] });
    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | pods |  | '] });
    expect(adviceTexts(fix)).toEqual([
      'open: what is too much is left alone: a rule multiplies out to more scopes than are looked at, so split its role',
    ]);
  });

  it('is nothing where nothing is too much, though a sibling declares nothing', () => {
    const fix = fixOn([], ['get pods'], { undeclaredSiblings: ['Deployment web'] });

    expect(given(fix)).toEqual({ 'Role shop/countersign-api': ['get |  | pods |  | '] });
    expect(adviceTexts(fix)).toEqual([]);
  });

  it('is whether a role that is not filled yet gives it, beside what is given and what goes', () => {
    const sum = { ...clusterRole('sum'), gathers: [] };
    const fix = fixOn(
      [
        sum,
        binding('shop/s', 'ClusterRole:sum', ME),
        role('shop/r', rule('list', 'pods')),
        binding('shop/b', 'Role:r', ME),
      ],
      ['get pods'],
    );

    expect(adviceTexts(fix)).toEqual([
      'open: get pods in shop may be given by ClusterRole sum, whose rules are not known',
    ]);
    expect([given(fix), deleted(fix)]).toEqual([{}, ['RoleBinding b']]);
  });

  it('is not whether a need of Vault is beyond a ceiling: that is not said', () => {
    const ceilings = [{ policy: 'p', scopes: scopes('vault read secret/data/*') }];

    expect(fixOn([], ['vault read secret/data/x'], { ceilings })).toEqual(NO_CHANGE);
  });

  it('is not a need of Vault that is forbidden: that is refused', () => {
    const forbid = scopes('vault read secret/data/*').map((scope) => ({ policy: 'p', scope }));

    expect(adviceTexts(fixOn([], ['vault read secret/data/x'], { forbid }))).toEqual([
      'refused: vault read secret/data/x is forbidden by policy p: take it out of countersign.dev/needs',
    ]);
  });

  it('is nothing but the siblings where what is too much is open because of them', () => {
    const fix = fixOn(
      [role('shop/r', rule('get,list', 'pods')), binding('shop/b', 'Role:r', ME)],
      ['get pods'],
      { undeclaredSiblings: ['Deployment web'] },
    );

    expect(fix).toMatchObject({ ...NO_CHANGE, advice: [{ kind: 'open' }] });
    expect(adviceTexts(fix)).toEqual([
      'open: what is too much is left alone: the account is shared with Deployment web, whose needs are not known',
    ]);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['goes with what is proved', [], ['get']],
    ['stays where it is not proved', ['delete pods in shop'], ['get,delete']],
    ['stays where none of it is proved', ['delete pods in shop', 'list pods in shop'], []],
  ])('%s', (_, unproved, verbs) => {
    const objects = [role('shop/r', rule('get,list', 'pods'), rule('delete', 'pods'))];
    const bindings = [binding('shop/b', 'Role:r', ME)];
    const input = verdictInput(heldBy(API, ...objects, ...bindings), scopes('get pods'));
    const { findings } = judge(input);
    const known = findings.map((finding): Finding => {
      const isOpen = finding.scope !== undefined && unproved.includes(printScope(finding.scope));
      return isOpen ? { ...finding, undetermined: true } : finding;
    });
    const acted = known.map((finding) => ({ ...finding, action: 'Warn' as const }));
    const fix = fixOf({
      account: API,
      input,
      verdict: { findings: known },
      decision: { findings: acted },
      objects: { ...indexOf({ roles: objects, bindings }), labels: () => ({}) },
    });

    expect(fix).toMatchObject({ roles: [], deletions: [], advice: [] });
    expect(fix.narrowed.flatMap(({ rules }) => rules.map((one) => one.verbs.join(',')))).toEqual(verbs);
  });
});
