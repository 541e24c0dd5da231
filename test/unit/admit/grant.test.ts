import { describe, expect, it } from 'vitest';
import type { LiveTruth } from '../../../src/admit/ports.ts';
import { type JsonObject, objectOf, textsOf } from '../../../src/core/json.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { APPROVED_MS, decisionObject, grant, grantObject } from '../../support/grants.ts';
import { liveTruth } from '../../support/live.ts';
import { workloadObject } from '../../support/workload.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const NEEDS_PODS = { 'countersign.dev/needs': 'get,list pods' };
const API_DEPLOYMENT = workloadObject({ annotations: NEEDS_PODS, metadata: { uid: 'd-1' } });

function roleObject(name: string, verbs: string, resources: string, metadata: JsonObject = {}): JsonObject {
  const rules = [{ apiGroups: [''], resources: resources.split(','), verbs: verbs.split(',') }];
  const [namespace, own] = name.split('/');
  return own === undefined
    ? { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name, ...metadata }, rules }
    : { apiVersion: RBAC, kind: 'Role', metadata: { name: own, namespace, ...metadata }, rules };
}

function bindingObject(name: string, role: string, ...subjects: JsonObject[]): JsonObject {
  const [kind, target] = role.split(':');
  const [namespace, own] = name.split('/');
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: target };
  return own === undefined
    ? { apiVersion: RBAC, kind: 'ClusterRoleBinding', metadata: { name }, roleRef, subjects }
    : { apiVersion: RBAC, kind: 'RoleBinding', metadata: { name: own, namespace }, roleRef, subjects };
}

const API = { kind: 'ServiceAccount', name: 'api', namespace: 'shop' };
const group = (name: string) => ({ kind: 'Group', name });
const READER = roleObject('shop/reader', 'get,list', 'pods');
const READERS = bindingObject('shop/readers', 'Role:reader', API);
const SHOP = [API_DEPLOYMENT, READER, READERS];

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'production' },
  spec: {
    onGrant: {
      missing: 'Deny',
      excess: { critical: 'Deny', high: 'Warn', medium: 'Warn', low: 'Ignore' },
      forbidden: 'Deny',
    },
    forbid: ['create pods'],
  },
};

interface Asked {
  readonly on: readonly JsonObject[];
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly object: JsonObject;
  readonly before?: JsonObject;
  readonly username?: string;
  readonly dryRun?: boolean;
  readonly live?: LiveTruth;
}

/** A delete carries the object as `oldObject` only. */
async function asked({ on, operation, object, before, live, ...rest }: Asked) {
  const review = reviewOf({ operation, object, ...(before && { oldObject: before }), ...rest });
  const namespace = objectOf(object['metadata'])['namespace'] ?? '';
  const request = { ...objectOf(review['request']), namespace };
  const deleted = operation === 'DELETE' ? { object: null, oldObject: object } : {};
  const body = { ...review, request: { ...request, ...deleted } };
  const handled = await ask(admissionOn(worldOf(...on), live && { live }), 'grant', body);
  const response = responseOf(handled);
  const { allowed, status } = response;
  const warnings = textsOf(response['warnings']);
  return { response, allowed, status: objectOf(status), warnings, record: handled.record };
}

const deleting = (object: JsonObject, on: readonly JsonObject[] = SHOP, more: Partial<Asked> = {}) =>
  asked({ on, operation: 'DELETE', object, ...more });
const creating = (object: JsonObject, on: readonly JsonObject[] = SHOP, more: Partial<Asked> = {}) =>
  asked({ on, operation: 'CREATE', object, ...more });
const updating = (before: JsonObject, object: JsonObject, on: readonly JsonObject[] = SHOP) =>
  asked({ on, operation: 'UPDATE', object, before });

describe('rights that are taken away', () => {
  it('warns that deleting a binding breaks a workload, by its name', async () => {
    const answer = await deleting(READERS);

    expect(answer).toMatchObject({ allowed: true, record: { verdict: 'warn', codes: ['Missing'] } });
    expect(answer.warnings).toMatchInlineSnapshot(`
      [
        "RoleBinding shop/readers: deleting it would break 1 workload: shop/api (Deployment) [d-zb0bpswt, policy default]",
        "missing shop/api (Deployment): get,list pods in shop",
      ]
    `);
  });

  it.each<[string, () => ReturnType<typeof asked>]>([
    ['the role is deleted', () => deleting(READER)],
    ['the role gives less', () => updating(READER, roleObject('shop/reader', 'get', 'pods'))],
    [
      'the binding is for another',
      () => updating(READERS, bindingObject('shop/readers', 'Role:reader', { ...API, name: 'web' })),
    ],
    [
      'it came through a group',
      () => {
        const all = bindingObject('shop/readers', 'Role:reader', group('system:serviceaccounts:shop'));
        return deleting(all, [API_DEPLOYMENT, READER, all]);
      },
    ],
  ])('warns when %s', async (_, ask) => {
    const answer = await ask();

    expect(answer).toMatchObject({ allowed: true });
    expect(String(answer.warnings)).toContain('would break 1 workload: shop/api (Deployment)');
  });

  it.each<[string, () => ReturnType<typeof asked>]>([
    [
      'another binding gives the same',
      () => deleting(READERS, [...SHOP, bindingObject('shop/more', 'Role:reader', API)]),
    ],
    ['nobody declared a need', () => deleting(READERS, [workloadObject(), READER, READERS])],
    ['nothing runs', () => deleting(READERS, [READER, READERS])],
    [
      'only labels change',
      () =>
        updating(READERS, {
          ...READERS,
          metadata: { name: 'readers', namespace: 'shop', labels: { a: 'b' } },
        }),
    ],
    ['the role of nobody is deleted', () => deleting(roleObject('shop/other', '*', '*'))],
    [
      'what is taken away was not needed',
      () =>
        deleting(bindingObject('shop/x', 'Role:x', API), [...SHOP, roleObject('shop/x', 'get', 'secrets')]),
    ],
    [
      'the namespace ends',
      () =>
        deleting(READERS, [
          ...SHOP,
          {
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: 'shop', deletionTimestamp: '2026-01-01T00:00:00Z' },
          },
        ]),
    ],
    [
      'the garbage collector does it',
      () =>
        deleting(READERS, SHOP, { username: 'system:serviceaccount:kube-system:generic-garbage-collector' }),
    ],
    [
      'the aggregation controller does it',
      () =>
        deleting(READERS, SHOP, {
          username: 'system:serviceaccount:kube-system:clusterrole-aggregation-controller',
        }),
    ],
    ['it is another API’s kind of that name', () => deleting({ ...READERS, apiVersion: 'iam.example/v1' })],
    [
      'the account goes',
      () =>
        deleting({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } }),
    ],
  ])('says nothing when %s', async (_, ask) => {
    const { record, response } = await ask();

    expect(response).toEqual({ uid: 'u-1', allowed: true });
    expect(record).toMatchObject({ verdict: 'allow', codes: [] });
  });

  it('refuses where the policy says so, on a dry-run as well, and says what to do', async () => {
    const answer = await deleting(READERS, [...SHOP, POLICY], { dryRun: true });

    expect(answer).toMatchObject({
      allowed: false,
      record: { verdict: 'deny', responseCode: 403, codes: ['Missing'] },
      status: {
        code: 403,
        reason: 'Forbidden',
        details: { causes: [{ reason: 'Missing', message: 'shop/api (Deployment): get,list pods in shop' }] },
      },
    });
    expect(answer.status['message']).toMatchInlineSnapshot(`
      "RoleBinding shop/readers: deleting it would break 1 workload: shop/api (Deployment) [d-ddxexkre, policy production]
        missing shop/api (Deployment): get,list pods in shop
      next: keep a role and binding that give what is missing, or take it out of countersign.dev/needs first"
    `);
  });

  it('speaks of the Deployment, not of the ReplicaSet that it makes', async () => {
    const controlled = {
      ownerReferences: [{ kind: 'Deployment', name: 'api', uid: 'd-1', controller: true }],
    };
    const replicaSet = workloadObject({
      kind: 'ReplicaSet',
      name: 'api-1',
      annotations: NEEDS_PODS,
      metadata: controlled,
    });
    const answer = await deleting(READERS, [...SHOP, replicaSet]);

    expect(String(answer.warnings)).toContain('1 workload: shop/api (Deployment)');
    expect(String(answer.warnings)).not.toContain('ReplicaSet');
  });
});

describe('rights that are given', () => {
  it('tells the excess that is new, once for the account, with its risk and where it comes from', async () => {
    const other = workloadObject({ name: 'web', annotations: NEEDS_PODS });
    const answer = await creating(
      bindingObject('all', 'ClusterRole:secrets', group('system:serviceaccounts')),
      [...SHOP, other, roleObject('secrets', 'get', 'secrets')],
    );

    expect(answer.warnings).toMatchInlineSnapshot(`
      [
        "ClusterRoleBinding all: creating it would give unneeded rights to 1 account: shop/api [d-6n04v2vc, policy default]",
        "critical serviceaccount shop/api: get secrets everywhere via ClusterRoleBinding all → ClusterRole secrets (group system:serviceaccounts)",
      ]
    `);
  });

  it('tells only what is new: of a rule that grows, the part that grew, at its own risk', async () => {
    const before = roleObject('shop/reader', 'get,list,create', 'pods');
    const answer = await updating(before, roleObject('shop/reader', 'get,list,create,watch', 'pods'), [
      API_DEPLOYMENT,
      before,
      READERS,
    ]);

    expect(answer.warnings).toEqual([
      expect.stringContaining('would give unneeded rights to 1 account: shop/api [d-'),
      'low serviceaccount shop/api: watch pods in shop via RoleBinding shop/readers → Role reader',
    ]);
  });

  it('refuses what is forbidden, and not what only stands beside it', async () => {
    const before = roleObject('shop/reader', 'get,list,create', 'pods');
    const grown = roleObject('shop/reader', 'get,list,create,watch', 'pods');
    const on = [API_DEPLOYMENT, READERS, POLICY];

    expect(await updating(READER, grown, [...on, READER])).toMatchObject({
      allowed: false,
      record: { codes: ['ForbiddenHeld', 'Excess'] },
    });
    expect(await updating(before, grown, [...on, before])).toMatchObject({ allowed: true });
  });

  it('says nothing of what an AccessGrant waives while it lasts', async () => {
    const bound = bindingObject('shop/b', 'Role:s', API);
    const review = reviewOf({ object: bound });
    const about = grant('get secrets');
    const policy = { ...POLICY, spec: { grants: { mayWaive: ['excess'] } } };
    const world = worldOf(
      ...[...SHOP, policy, roleObject('shop/s', 'get', 'secrets')],
      ...[grantObject(['get secrets']), decisionObject(about)],
    );
    const at = (nowMs: number) => ask(admissionOn(world, { now: () => nowMs }), 'grant', review);

    expect((await at(APPROVED_MS + 1000)).record).toMatchObject({ verdict: 'allow', codes: [] });
    expect((await at(APPROVED_MS + 3_601_000)).record).toMatchObject({ verdict: 'warn', codes: ['Excess'] });
  });

  it('says nothing of a binding to be created that is there already', async () => {
    const secrets = roleObject('shop/s', 'get', 'secrets');
    const bound = bindingObject('shop/b', 'Role:s', API);

    expect(await creating(bound, [...SHOP, secrets])).toMatchObject({ record: { verdict: 'warn' } });
    expect(await creating(bound, [...SHOP, secrets, bound])).toMatchObject({ record: { verdict: 'allow' } });
  });
});

describe('aggregated roles', () => {
  const toView = { labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } };
  const view = {
    ...roleObject('view', 'get,list', 'pods'),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: toView.labels }] },
  };
  const part = roleObject('part', 'get,list', 'pods', toView);
  const on = [API_DEPLOYMENT, view, part, bindingObject('shop/viewers', 'ClusterRole:view', API)];

  it('a role that begins to be gathered gives its rules to all who hold the whole', async () => {
    const answer = await creating(roleObject('crd-view', 'get', 'secrets', toView), on);

    expect(String(answer.warnings)).toContain(
      'ClusterRole crd-view: creating it would give unneeded rights to 1 account: shop/api',
    );
    expect(String(answer.warnings)).toContain(
      'get secrets in shop via RoleBinding shop/viewers → ClusterRole view',
    );
  });

  it('a role that is gathered no more takes them away', async () => {
    expect(String((await deleting(part, on)).warnings)).toContain('would break 1 workload: shop/api');
    expect(String((await updating(part, roleObject('part', 'get,list', 'pods'), on)).warnings)).toContain(
      'would break',
    );
  });

  it('the rules that somebody writes into the whole itself do not stay', async () => {
    expect(await updating(view, { ...view, rules: [] }, on)).toMatchObject({ record: { verdict: 'allow' } });
    expect(await updating(view, { ...view, aggregationRule: null, rules: [] }, on)).toMatchObject({
      record: { verdict: 'warn' },
    });
  });
});

describe('needs of an account', () => {
  const account = (needs?: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'api',
      namespace: 'shop',
      ...(needs !== undefined && { annotations: { 'countersign.dev/needs': needs } }),
    },
  });
  const on = [workloadObject(), READER, READERS, account('get,list pods')];

  it.each([
    [
      'get,list pods',
      'watch,get,list pods',
      'would declare needs that are not held by 1 workload: shop/api (Deployment)',
    ],
    ['get,list pods', 'get pods', 'would leave unneeded rights to 1 account: shop/api'],
    [undefined, 'get pods', 'would leave unneeded rights to 1 account: shop/api'],
  ])('from %j to %j: %s', async (from, to, want) => {
    expect(String((await updating(account(from), account(to), on)).warnings)).toContain(want);
  });

  it('says what of them cannot be read', async () => {
    const answer = await updating(account('get pods'), account('get pods/'), on);

    expect(answer).toMatchObject({
      allowed: true,
      record: { verdict: 'warn', codes: ['DeclarationInvalid'] },
    });
    expect(String(answer.warnings)).toContain(
      'ServiceAccount shop/api: countersign.dev/needs (serviceaccount): line 1',
    );
  });

  it('says nothing when they stay, or where the template has its own', async () => {
    expect(
      await updating(account('get pods'), { ...account('get pods'), automountServiceAccountToken: true }, on),
    ).toMatchObject({ record: { verdict: 'allow' } });
    expect(
      await updating(account('get pods'), account('watch nodes'), [...SHOP, account('get pods')]),
    ).toMatchObject({ record: { verdict: 'allow' } });
  });
});

describe('bounds', () => {
  const many = (count: number) =>
    [...Array(count).keys()].map((at) =>
      workloadObject({ name: `w${at}`, account: `a${at}`, annotations: NEEDS_PODS }),
    );
  const everyone = bindingObject('all', 'ClusterRole:reader', group('system:authenticated'));
  const reader = roleObject('reader', 'get,list', 'pods');

  it('looks at 50 accounts and says how many more there are; lines are few and short', async () => {
    const answer = await deleting(everyone, [...many(120), reader, everyone]);
    const { warnings } = answer;

    expect(warnings[0]).toContain(
      'ClusterRoleBinding all: deleting it would break 50 workloads: shop/w0 (Deployment), shop/w1 (Deployment), … [',
    );
    expect(warnings.at(-1)).toBe('and 70 more accounts, not looked at');
    expect(warnings.length).toBeLessThanOrEqual(16);
    for (const line of warnings) expect(line.length).toBeLessThanOrEqual(250);
  });

  it('says so even where those that it looked at are not affected', async () => {
    const holders = [...Array(60).keys()].map((at) => ({
      kind: 'ServiceAccount',
      name: `a${at}`,
      namespace: 'shop',
    }));
    const own = bindingObject('shop/own', 'ClusterRole:reader', ...holders);
    const answer = await deleting(everyone, [...many(60), reader, everyone, own]);

    expect(answer).toMatchObject({
      record: { verdict: 'warn', codes: ['NotAllJudged'] },
      warnings: [
        'ClusterRoleBinding all: deleting it touches more accounts than are looked at',
        'and 10 more accounts, not looked at',
      ],
    });
  });

  it('looks at 20 workloads of one account', async () => {
    const shared = [...Array(50).keys()].map((at) =>
      workloadObject({ name: `w${at}`, annotations: NEEDS_PODS }),
    );
    const answer = await deleting(READERS, [...shared, READER, READERS]);

    expect(answer.warnings.at(-1)).toBe('and 30 more workloads, not looked at');
  });
});

describe('before a denial', () => {
  const secrets = roleObject('shop/s', 'create', 'pods');
  const bound = bindingObject('shop/b', 'Role:s', API);
  const on = [...SHOP, secrets, POLICY];
  const live = (reread: LiveTruth['reread']) => liveTruth({ reread, pods: async () => [] });
  const key = 'Role/shop/s';

  it('denies on facts that the API server confirms', async () => {
    const role = worldOf(secrets)
      .supposing({ kind: 'Role', namespace: 'shop', name: 's', object: secrets, oldObject: undefined })
      ?.after.rbac.roles.get(key);
    const answer = await creating(bound, on, {
      live: live(() => Promise.resolve({ roles: new Map([[key, role]]), bindings: new Map() })),
    });

    expect(answer).toMatchObject({ allowed: false, record: { codes: ['ForbiddenHeld'] } });
  });

  it('lets pass where the role is no longer what the cache says', async () => {
    const answer = await creating(bound, on, {
      live: live(() => Promise.resolve({ roles: new Map([[key, undefined]]), bindings: new Map() })),
    });

    expect(answer).toMatchObject({ allowed: true, record: { verdict: 'allow' } });
  });

  it('does not deny on what it could not ask', async () => {
    const answer = await creating(bound, on, { live: live(() => Promise.resolve(undefined)) });

    expect(answer).toMatchObject({ allowed: true });
  });
});

it('proves nothing with facts that are too old', async () => {
  const world = worldOf(...SHOP, POLICY);
  const old = { ...world, freshness: () => ({ synced: true, ageSeconds: 301 }) };
  const review = reviewOf({
    operation: 'UPDATE',
    object: roleObject('shop/reader', 'get', 'pods'),
    oldObject: READER,
  });

  expect((await ask(admissionOn(old), 'grant', review)).record).toMatchObject({
    verdict: 'allow',
    codes: ['FactsTooOld'],
  });
});
