import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterTruth } from '../../../../src/admit/ports.ts';
import type { Via } from '../../../../src/core/rbac/held.ts';
import { createLiveTruth } from '../../../../src/facts/cluster/live.ts';
import { createKubeClient } from '../../../../src/kube/client.ts';
import { type FakeKube, startFakeKube, status } from '../../../support/fake-kube.ts';
import { scopes } from '../../../support/verdict.ts';

/** The real answers are test/cluster's to show; here are those that a real server gives only when something is wrong. */

const API = { namespace: 'shop', name: 'api' };
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const OPEN = new AbortController().signal;
const VIA: Via = {
  binding: { kind: 'RoleBinding', namespace: 'shop', name: 'readers' },
  role: { kind: 'Role', namespace: 'shop', name: 'a:b' },
  through: undefined,
};
const BINDING = `${RBAC}/namespaces/shop/rolebindings/readers`;
const ROLE = `${RBAC}/namespaces/shop/roles/a%3Ab`;

let kube: FakeKube;
let live: ClusterTruth;

beforeEach(async () => {
  kube = await startFakeKube();
  live = createLiveTruth(createKubeClient(kube.access));
});

afterEach(() => kube.stop());

async function allows(line: string): Promise<boolean | undefined> {
  const [scope] = scopes(line);
  if (scope === undefined || scope.kind === 'vault') throw new Error(line);
  return live.allows(API, scope, OPEN);
}

describe('an access review', () => {
  it('that is refused is asked for once more', async () => {
    kube.serve(REVIEWS, { status: { allowed: false } });

    expect(await allows('get pods')).toBe(false);
    expect(kube.requests).toEqual([`POST ${REVIEWS}`, `POST ${REVIEWS}`]);
  });

  it('that is granted is not', async () => {
    kube.serve(REVIEWS, { status: { allowed: true } });

    expect(await allows('get pods')).toBe(true);
    expect(kube.requests).toHaveLength(1);
  });

  it.each([403, 422, 429, 500, 503])('that fails with %i is no answer', async (code) => {
    kube.serve(REVIEWS, {});
    kube.upset('other', REVIEWS, status(code));

    expect(await allows('get pods')).toBeUndefined();
  });

  it.each([{}, [], 7, { status: { allowed: 'yes' } }])(
    'with the answer %j allows nothing',
    async (answer) => {
      kube.serve(REVIEWS, answer);

      expect(await allows('get pods')).toBe(false);
    },
  );
});

describe('a binding and its role', () => {
  const reread = () => live.reread(VIA, OPEN);

  it('are read by their names, whatever these hold', async () => {
    kube.serve(BINDING, { roleRef: { kind: 'Role', name: 'a:b' }, subjects: [{ kind: 'Group', name: 'g' }] });
    kube.serve(ROLE, { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }] });

    expect(await reread()).toMatchObject({
      bindings: new Map([
        ['RoleBinding/shop/readers', expect.objectContaining({ roleRef: { kind: 'Role', name: 'a:b' } })],
      ]),
      roles: new Map([
        ['Role/shop/a:b', expect.objectContaining({ rules: [expect.objectContaining({ verbs: ['get'] })] })],
      ]),
    });
  });

  it('are gone where there are none', async () => {
    kube.upset('list', BINDING, status(404));
    kube.upset('list', ROLE, status(404));

    expect(await reread()).toEqual({
      bindings: new Map([['RoleBinding/shop/readers', undefined]]),
      roles: new Map([['Role/shop/a:b', undefined]]),
    });
  });

  it.each([403, 500])('are not known where one of them answers %i', async (code) => {
    kube.upset('list', BINDING, status(404));
    kube.upset('list', ROLE, status(code));

    expect(await reread()).toBeUndefined();
  });
});

describe('pods of an account', () => {
  const PODS = '/api/v1/namespaces/shop/pods';
  const pod = (name: string, metadata: object = {}) => ({
    metadata: { namespace: 'shop', name, annotations: { 'countersign.dev/needs': 'get pods' }, ...metadata },
  });

  it('are listed by the account, without those that are going', async () => {
    kube.put(PODS, pod('a'));
    kube.put(PODS, pod('b', { deletionTimestamp: '2026-01-01T00:00:00Z' }));

    expect(await live.pods(API, OPEN)).toMatchObject([
      { kind: 'Pod', name: 'a', account: API, annotations: { 'countersign.dev/needs': 'get pods' } },
    ]);
    expect(decodeURIComponent(kube.requests[0] ?? '')).toContain(
      'spec.serviceAccountName=api,status.phase!=Succeeded,status.phase!=Failed',
    );
  });

  it('are not known when they are more than can be looked at', async () => {
    for (const at of Array(2001).keys()) kube.put(PODS, pod(`p${at}`));

    expect(await live.pods(API, OPEN)).toBeUndefined();
  });

  it('are not known when they may not be listed', async () => {
    kube.upset('list', PODS, status(403));

    expect(await live.pods(API, OPEN)).toBeUndefined();
  });
});

describe('the owner of a pod', () => {
  const owner = (kind: string, name = 'api') =>
    live.owner({ apiVersion: 'v1', kind, name, uid: 'u' }, 'shop', OPEN);
  const spec = { template: { spec: { serviceAccountName: 'api' } } };

  it('is read by its kind and name', async () => {
    kube.serve('/apis/apps/v1/namespaces/shop/replicasets/api', {
      metadata: { name: 'api', uid: 'u' },
      spec,
    });

    expect(await owner('ReplicaSet')).toMatchObject({ kind: 'ReplicaSet', uid: 'u', account: API });
  });

  it.each([
    ['that does not exist', 'ReplicaSet', 'api'],
    ['of a kind that makes no pods', 'ConfigMap', 'api'],
    ['of a kind that nobody knows', 'Rollout', 'api'],
    ['with a hostile name', 'ReplicaSet', '../../../secrets/x'],
  ])('%s is nobody', async (_, kind, name) => {
    expect(await owner(kind, name)).toBeUndefined();
    expect(kube.requests.filter((line) => line.includes('secrets/x'))).toEqual([]);
  });
});
