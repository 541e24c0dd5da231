import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/admit/handler.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { createWorld } from '../../../src/facts/world.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { TEST_RESOURCES } from '../../support/resources.ts';
import { workloadObject } from '../../support/workload.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';
const NEEDS = { 'countersign.dev/needs': 'get,list endpointslices.discovery.k8s.io' };
const INJECT = {
  'countersign.dev/inject': 'true',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.db': 'db',
};

const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'production' },
  spec: {
    onChange: {
      missing: 'Deny',
      excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
      forbidden: 'Deny',
      undetermined: 'Warn',
      undeclared: 'Warn',
    },
    injection: { roles: ['{namespace}_{serviceAccount}'] },
  },
};
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const LEGACY = [
  {
    apiVersion: RBAC,
    kind: 'ClusterRole',
    metadata: { name: 'legacy' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }],
  },
  {
    apiVersion: RBAC,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'legacy-admin' },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'legacy' },
    subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }],
  },
];
const ENOUGH = [
  {
    apiVersion: RBAC,
    kind: 'Role',
    metadata: { name: 'slices', namespace: 'shop' },
    rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list'] }],
  },
  {
    apiVersion: RBAC,
    kind: 'RoleBinding',
    metadata: { name: 'slices', namespace: 'shop' },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: 'slices' },
    subjects: [{ kind: 'ServiceAccount', name: 'api' }],
  },
];

const strict = admissionOn(worldOf(POLICY, ACCOUNT));

async function injected(object: JsonObject): Promise<JsonObject> {
  const { patch } = responseOf(await ask(strict, 'inject', reviewOf({ object })));
  const copy: JsonObject = structuredClone(object);
  const failures = applyPatch(copy, JSON.parse(Buffer.from(textOf(patch) ?? '', 'base64').toString('utf8')));
  expect(failures.every((failure) => failure === null)).toBe(true);
  return copy;
}

describe('change', () => {
  it('passes a workload that holds exactly what it needs', async () => {
    const handled = await ask(
      admissionOn(worldOf(POLICY, ACCOUNT, ...ENOUGH)),
      'change',
      reviewOf({ object: workloadObject({ annotations: NEEDS }) }),
    );

    expect(responseOf(handled)).toEqual({ uid: 'u-1', allowed: true });
    expect(handled.record).toMatchObject({
      verdict: 'allow',
      codes: [],
      responseCode: 200,
      account: 'api',
      requester: 'jane',
      requesterGroups: 0,
      policy: 'production',
      factsAgeSeconds: 0,
    });
  });

  it('refuses one that lacks a scope and holds another too many, with the cause and its codes', async () => {
    const handled = await ask(
      admissionOn(worldOf(POLICY, ACCOUNT, ...LEGACY)),
      'change',
      reviewOf({ object: workloadObject({ annotations: NEEDS }) }),
    );
    const { status, auditAnnotations } = responseOf(handled);

    expect(status).toMatchObject({ code: 403, reason: 'Forbidden', status: 'Failure' });
    expect(objectOf(status)['message']).toMatchInlineSnapshot(`
      "shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing, 1 excess [d-q3whrpm8, policy production]
        missing  get,list endpointslices.discovery.k8s.io in shop
        critical * secrets everywhere                              via ClusterRoleBinding legacy-admin → ClusterRole legacy (group system:serviceaccounts)
      next: grant what is missing (kubectl countersign fix d-q3whrpm8 -n shop prints the Role and RoleBinding), or take it out of countersign.dev/needs; or: narrow or remove the bindings and policies named above (kubectl countersign fix d-q3whrpm8 -n shop prints how), or declare what is really needed in countersign.dev/needs"
    `);
    expect(auditAnnotations).toEqual({ decision: 'd-q3whrpm8', reasons: 'Missing,Excess' });
    expect(handled.record).toMatchObject({
      verdict: 'deny',
      decision: 'd-q3whrpm8',
      policy: 'production',
      responseCode: 403,
    });
  });

  it('only warns where no policy says more', async () => {
    const handled = await ask(
      admissionOn(worldOf(ACCOUNT)),
      'change',
      reviewOf({ object: workloadObject({ annotations: NEEDS }) }),
    );

    expect(responseOf(handled)).toMatchObject({
      allowed: true,
      warnings: [
        expect.stringContaining('shop/api (Deployment) runs as serviceaccount shop/api: 1 missing [d-'),
        'missing get,list endpointslices.discovery.k8s.io in shop',
      ],
    });
  });

  it.each<[string, JsonObject]>([
    [
      'an update that changes nothing judged',
      {
        ...reviewOf({
          operation: 'UPDATE',
          object: workloadObject({ annotations: NEEDS }),
          oldObject: workloadObject({ annotations: NEEDS }),
        }),
      },
    ],
    ['a delete', reviewOf({ operation: 'DELETE', object: workloadObject({ annotations: NEEDS }) })],
    ['a subresource', reviewOf({ object: workloadObject({ annotations: NEEDS }), subResource: 'scale' })],
    [
      'an object that is being deleted',
      reviewOf({ object: workloadObject({ annotations: NEEDS, metadata: { deletionTimestamp: 'now' } }) }),
    ],
    ['a kind that is no workload', reviewOf({ object: { kind: 'Widget' } })],
  ])('lets pass %s', async (_, body) => {
    expect(responseOf(await ask(strict, 'change', body))).toMatchObject({ allowed: true });
  });

  it('judges an update of the needs', async () => {
    const body = reviewOf({
      operation: 'UPDATE',
      object: workloadObject({ annotations: NEEDS }),
      oldObject: workloadObject(),
    });

    expect(responseOf(await ask(strict, 'change', body))).toMatchObject({ allowed: false });
  });

  it('only warns of what is missing on a dry run', async () => {
    const body = reviewOf({ object: workloadObject({ annotations: NEEDS }), dryRun: true });

    expect(responseOf(await ask(strict, 'change', body))).toMatchObject({ allowed: true });
  });

  it('reports every mistake of a declaration at once', async () => {
    const annotations = { 'countersign.dev/needs': 'get pods in\nlist', 'countersign.dev/need': 'x' };
    const handled = await ask(
      strict,
      'change',
      reviewOf({
        object: workloadObject({
          annotations,
          metadata: { annotations: { 'countersign.dev/inject': 'true' } },
        }),
      }),
    );
    const message = textOf(objectOf(responseOf(handled)['status'])['message']) ?? '';

    expect(message.split('\n')).toHaveLength(6);
    expect(message).toContain(
      'shop/api (Deployment): the declaration cannot be read: 4 problems (countersign.dev/needs: line 1, column 12:',
    );
    expect(message).toContain('countersign.dev/needs: line 2, column');
    expect(message).toContain(
      'countersign.dev/need: there is no such annotation; did you mean countersign.dev/needs?',
    );
    expect(message).toContain('metadata.annotations[countersign.dev/inject]: belongs on the pod template');
  });

  it('plans the injection on the template, so that its mistakes show at once', async () => {
    const annotations = { ...INJECT, 'countersign.dev/containers': 'sidecar', 'countersign.dev/needs': '' };
    const handled = await ask(strict, 'change', reviewOf({ object: workloadObject({ annotations }) }));

    expect(responseOf(handled)).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining('countersign.dev/containers') },
    });
  });

  it('refuses a Vault role that policy does not allow', async () => {
    const annotations = { ...INJECT, 'countersign.dev/vault-role': 'admin', 'countersign.dev/needs': '' };
    const handled = await ask(strict, 'change', reviewOf({ object: workloadObject({ annotations }) }));

    expect(handled.record.codes).toEqual(['PolicyRefusesInjection']);
  });

  it('proves nothing with facts that are too old', async () => {
    const old = createWorld(TEST_RESOURCES, () => ({ synced: true, ageSeconds: 301 }));
    old.put('ScopePolicy', POLICY);
    const handled = await ask(
      admissionOn(old),
      'change',
      reviewOf({ object: workloadObject({ annotations: NEEDS }) }),
    );

    expect(handled.record).toMatchObject({ verdict: 'warn', codes: ['FactsTooOld', 'Missing'] });
  });

  it('answers 503 before the caches are filled', async () => {
    const empty = createWorld(TEST_RESOURCES, () => ({ synced: false, ageSeconds: 0 }));
    const handled = await ask(admissionOn(empty), 'change', reviewOf({ object: workloadObject() }));

    expect(responseOf(handled)).toMatchObject({ allowed: false, status: { code: 503 } });
    expect(handled.record.verdict).toBe('error');
  });

  it('measures excess against the siblings of the account', async () => {
    const sibling = workloadObject({ name: 'worker', annotations: NEEDS });
    const world = worldOf(POLICY, ACCOUNT, ...ENOUGH, sibling);

    const handled = await ask(
      admissionOn(world),
      'change',
      reviewOf({ object: workloadObject({ annotations: { 'countersign.dev/needs': '' } }) }),
    );

    expect(handled.record.verdict).toBe('allow');
  });

  it('leaves excess open while a sibling declares what cannot be read', async () => {
    const sibling = workloadObject({
      name: 'worker',
      annotations: { 'countersign.dev/needs': 'get pods in' },
    });
    const world = worldOf(POLICY, ACCOUNT, ...ENOUGH, sibling);
    const object = workloadObject({ annotations: { 'countersign.dev/needs': '' } });

    expect((await ask(admissionOn(world), 'change', reviewOf({ object }))).record).toMatchObject({
      verdict: 'warn',
      codes: ['SharedWithUndeclared'],
    });
  });

  it('takes needs from the account where the template has none', async () => {
    const account = { ...ACCOUNT, metadata: { ...ACCOUNT.metadata, annotations: NEEDS } };

    expect(
      (
        await ask(
          admissionOn(worldOf(POLICY, account, ...ENOUGH)),
          'change',
          reviewOf({ object: workloadObject() }),
        )
      ).record.verdict,
    ).toBe('allow');
  });
});

describe('inject and injected', () => {
  const pod = workloadObject({ kind: 'Pod', annotations: INJECT });

  it('patches a pod, and then finds it in order', async () => {
    const patched = await injected(pod);

    expect(objectOf(patched['spec'])['initContainers']).toMatchObject([{ name: 'countersign-init' }]);
    expect(responseOf(await ask(strict, 'injected', reviewOf({ object: patched })))).toEqual({
      uid: 'u-1',
      allowed: true,
    });
    expect(responseOf(await ask(strict, 'inject', reviewOf({ object: patched })))).toEqual({
      uid: 'u-1',
      allowed: true,
    });
  });

  it('gives the pod the Vault role of the policy', async () => {
    expect(JSON.stringify(await injected(pod))).toContain('shop_api');
  });

  it('refuses a pod that asked and carries nothing, in one line that an event can show', async () => {
    const ownerReferences = [{ kind: 'ReplicaSet', name: 'api-7', uid: 'u', controller: true }];
    const object = workloadObject({
      kind: 'Pod',
      annotations: INJECT,
      name: 'api-7-x',
      metadata: { name: 'api-7-x', namespace: 'shop', ownerReferences },
    });
    const message = textOf(
      objectOf(responseOf(await ask(strict, 'injected', reviewOf({ object })))['status'])['message'],
    );

    expect(message).toMatchInlineSnapshot(`
      "shop/api-7 (ReplicaSet) Pod asked for credentials and carries none: the mutating webhook did not see it [d-9a6qxhmt, policy production]
      next: create the pod again once inject.countersign.dev answers; a controller does so by itself"
    `);
  });

  it.each<[string, (patched: JsonObject) => JsonObject, string]>([
    [
      'an altered image',
      (patched) => JSON.parse(JSON.stringify(patched).replace('countersign-agent:1', 'evil:1')),
      'InjectionAltered',
    ],
    [
      'another account',
      (patched) =>
        JSON.parse(
          JSON.stringify(patched).replace('"serviceAccountName":"api"', '"serviceAccountName":"web"'),
        ),
      'InjectionAltered',
    ],
    [
      'a pod that did not ask',
      (patched) =>
        JSON.parse(
          JSON.stringify(patched).replace(
            '"countersign.dev/inject":"true"',
            '"countersign.dev/inject":"false"',
          ),
        ),
      'InjectionAltered',
    ],
  ])('refuses %s', async (_, tamper, code) => {
    expect(
      (await ask(strict, 'injected', reviewOf({ object: tamper(await injected(pod)) }))).record.codes,
    ).toEqual([code]);
  });

  it.each([
    [
      'a label',
      (patched: JsonObject) => ({
        ...patched,
        metadata: { ...objectOf(patched['metadata']), labels: { a: 'b' } },
      }),
      true,
    ],
    [
      'our init container',
      (patched: JsonObject) => ({ ...patched, spec: { ...objectOf(patched['spec']), initContainers: [] } }),
      false,
    ],
  ])('on update, %s', async (_, change, fine) => {
    const patched = await injected(pod);
    const body = reviewOf({ operation: 'UPDATE', oldObject: patched, object: change(patched) });

    expect(responseOf(await ask(strict, 'injected', body))).toMatchObject({ allowed: fine });
  });

  it('keeps ephemeral containers away from our volumes', async () => {
    const patched = await injected(pod);
    const spec = {
      ...objectOf(patched['spec']),
      ephemeralContainers: [
        { name: 'debug', image: 'x', volumeMounts: [{ name: 'countersign-files', mountPath: '/x' }] },
      ],
    };
    const body = reviewOf({
      operation: 'UPDATE',
      subResource: 'ephemeralcontainers',
      oldObject: patched,
      object: { ...patched, spec },
    });

    expect(responseOf(await ask(strict, 'injected', body))).toMatchObject({ allowed: false });
  });

  it('lets only a kubelet make mirror pods', async () => {
    const object = workloadObject({
      kind: 'Pod',
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } },
      annotations: { 'kubernetes.io/config.mirror': 'x', ...INJECT },
    });

    expect(
      responseOf(await ask(strict, 'injected', reviewOf({ object, username: 'system:node:n1' }))),
    ).toMatchObject({ allowed: true });
    expect(responseOf(await ask(strict, 'injected', reviewOf({ object })))).toMatchObject({ allowed: false });
  });

  it('refuses to inject where no Vault connection is configured', async () => {
    const none = admissionOn(worldOf(ACCOUNT), { settings: { ...strict.settings, vaults: {} } });

    expect(responseOf(await ask(none, 'inject', reviewOf({ object: pod })))).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining('no Vault connection is configured') },
    });
  });

  it('leaves pods alone that do not ask', async () => {
    expect(
      responseOf(await ask(strict, 'inject', reviewOf({ object: workloadObject({ kind: 'Pod' }) }))),
    ).toEqual({ uid: 'u-1', allowed: true });
    expect(
      responseOf(await ask(strict, 'injected', reviewOf({ object: workloadObject({ kind: 'Pod' }) }))),
    ).toEqual({ uid: 'u-1', allowed: true });
  });
});

describe('any body', () => {
  const containers = Array.from({ length: 500 }, (_, at) => ({ name: `c${at}`, image: 'x' }));
  const bodies: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a number', 7],
    ['an empty object', {}],
    ['v1beta1', { ...reviewOf({ object: {} }), apiVersion: 'admission.k8s.io/v1beta1' }],
    [
      'no object',
      { ...reviewOf({ object: {} }), request: { uid: 'u', operation: 'CREATE', kind: { kind: 'Pod' } } },
    ],
    ['an object of the wrong shape', reviewOf({ object: { kind: 'Pod', metadata: [], spec: 'x' } })],
    [
      'a template of the wrong shape',
      reviewOf({ object: { kind: 'Deployment', spec: { template: { metadata: 7, spec: [] } } } }),
    ],
    [
      'hostile keys',
      reviewOf({
        object: JSON.parse(
          '{"kind":"Pod","metadata":{"annotations":{"__proto__":"x","constructor":"y","countersign.dev/inject":"true"}},"spec":{"__proto__":{"containers":[]}}}',
        ),
      }),
    ],
    [
      'lone surrogates',
      reviewOf({
        object: workloadObject({
          kind: 'Pod',
          name: '\uD800',
          annotations: { 'countersign.dev/needs': 'get \uDFFF', 'countersign.dev/inject': '\uD800' },
        }),
      }),
    ],
    [
      '500 containers',
      reviewOf({ object: workloadObject({ kind: 'Pod', annotations: INJECT, podSpec: { containers } }) }),
    ],
  ];

  it.each(bodies.flatMap(([name, body]) => ENDPOINTS.map((endpoint) => [endpoint, name, body] as const)))(
    '%s answers %s',
    async (endpoint, _, body) => {
      const { review, record } = await ask(strict, endpoint, body);

      expect(review).toMatchObject(
        record.uid === ''
          ? { kind: 'Status', code: 400, status: 'Failure' }
          : { kind: 'AdmissionReview', response: { uid: record.uid, allowed: expect.any(Boolean) } },
      );
    },
  );

  it('injects into a pod with 500 containers, all of them', async () => {
    const patched = await injected(
      workloadObject({ kind: 'Pod', annotations: INJECT, podSpec: { containers } }),
    );
    const mounted = listOf(objectOf(patched['spec'])['containers']).filter(
      (container) => listOf(objectOf(container)['volumeMounts']).length === 1,
    );

    expect(mounted).toHaveLength(500);
  });
});
