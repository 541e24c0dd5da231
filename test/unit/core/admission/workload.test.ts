import { describe, expect, it } from 'vitest';
import { isLatent } from '../../../../src/core/admission/exposure.ts';
import { changesClaim } from '../../../../src/core/admission/moment.ts';
import { readWorkload, TEMPLATE_PATHS } from '../../../../src/core/admission/workload.ts';
import { workload, workloadObject } from '../../../support/workload.ts';

describe('reading a workload', () => {
  it.each(Object.keys(TEMPLATE_PATHS))('finds account and annotations of a %s', (kind) => {
    expect(workload({ kind, annotations: { a: 'b' } })).toMatchObject({
      kind,
      namespace: 'shop',
      name: 'api',
      account: { namespace: 'shop', name: 'api' },
      annotations: { a: 'b' },
    });
  });

  it.each([
    ['the deprecated field alone', { serviceAccountName: '', serviceAccount: 'old' }, 'old'],
    ['neither', { serviceAccountName: '' }, 'default'],
    ['a name that is no string', { serviceAccountName: 7 }, 'default'],
  ])('takes the account from %s', (_, podSpec, name) => {
    expect(workload({ podSpec }).account.name).toBe(name);
  });

  it('names an object that has no name yet by its generateName', () => {
    expect(workload({ kind: 'Pod', metadata: { name: '', generateName: 'api-' } }).name).toBe('api-');
  });

  it('takes the namespace of the request before its own', () => {
    expect(readWorkload(workloadObject(), 'dev')?.account.namespace).toBe('dev');
  });

  it('knows the controller that owns it', () => {
    const ownerReferences = [
      { kind: 'Node', name: 'n', uid: 'x' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-7', uid: 'u', controller: true },
    ];

    expect(workload({ metadata: { ownerReferences } }).controller).toEqual({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'api-7',
      uid: 'u',
    });
  });

  it.each([
    ['none that is its controller', [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'x' }], undefined],
    ['one that is no object', ['x'], undefined],
    ['no list', 'x', undefined],
    ['one without kind', [{ name: 'n', uid: 'x', controller: true }], undefined],
    ['one without name', [{ kind: 'Job', uid: 'x', controller: true }], undefined],
    ['one without uid', [{ kind: 'Job', name: 'n', controller: true }], undefined],
    [
      'one without apiVersion',
      [{ kind: 'Job', name: 'n', uid: 'x', controller: true }],
      { apiVersion: '', kind: 'Job', name: 'n', uid: 'x' },
    ],
  ])('has of its owners %s', (_, ownerReferences, want) => {
    expect(workload({ metadata: { ownerReferences } }).controller).toEqual(want);
  });

  it('says what it is, and who', () => {
    expect(workload({ metadata: { uid: 'u-1' } })).toMatchObject({ apiVersion: 'apps/v1', uid: 'u-1' });
    expect(readWorkload({ kind: 'Pod' })).toMatchObject({
      ...{ apiVersion: '', name: '', namespace: 'default', uid: undefined, controller: undefined },
      account: { namespace: 'default', name: 'default' },
    });
  });

  it.each([
    ['gone soon', { deletionTimestamp: '2026-01-01T00:00:00Z' }, true],
    ['here to stay', {}, false],
    ['here to stay, said with null', { deletionTimestamp: null }, false],
  ])('is %s', (_, metadata, deleting) => {
    expect(workload({ metadata }).deleting).toBe(deleting);
  });

  it('has annotations of its own beside its template’s, a pod apart', () => {
    const annotations = { own: 'x' };

    expect(workload({ metadata: { annotations } }).ownAnnotations).toEqual(annotations);
    expect(workload({ kind: 'Pod', annotations: { a: 'b' } }).ownAnnotations).toEqual({});
  });

  it.each([
    ['null', null],
    ['a kind without template', { kind: 'Service', metadata: {} }],
    ['a template that is a list', { kind: 'Deployment', spec: { template: [] } }],
    ['no spec', { kind: 'CronJob' }],
    ['a key of every object as kind', { kind: 'constructor' }],
  ])('is none for %s', (_, object) => {
    expect(readWorkload(object)).toBeUndefined();
  });
});

describe('a token for the API is out of reach', () => {
  const off = { automountServiceAccountToken: false };
  const volume = (source: object) => ({ ...off, volumes: [{ name: 'v', ...source }] });
  const token = (audience?: string) =>
    volume({ projected: { sources: [{ serviceAccountToken: { path: 't', audience } }] } });

  it.each([
    ['nothing said', {}, undefined, false],
    ['the pod says no', off, undefined, true],
    ['the account says no', {}, false, true],
    ['the pod overrules the account', { automountServiceAccountToken: true }, false, false],
    ['a token for the API server', token(), undefined, false],
    ['a token with the API server’s audience', token('https://kubernetes.default.svc'), undefined, false],
    ['a token for Vault', token('vault'), undefined, true],
    ['a Secret of the account', volume({ secret: { secretName: 'listed' } }), undefined, false],
    ['a Secret named like a token', volume({ secret: { secretName: 'api-token-x7' } }), undefined, false],
    [
      'the same, projected',
      volume({ projected: { sources: [{ secret: { name: 'api-token-x7' } }] } }),
      undefined,
      false,
    ],
    ['another Secret', volume({ secret: { secretName: 'db' } }), undefined, true],
  ])('%s', (_, podSpec, automount, latent) => {
    expect(
      isLatent(workload({ podSpec: JSON.parse(JSON.stringify(podSpec)) }).tokens, {
        automount,
        secrets: ['listed'],
      }),
    ).toBe(latent);
  });
});

describe('an update changes the claim', () => {
  const base = workload({ annotations: { 'countersign.dev/needs': 'get pods', other: 'x' } });

  it.each([
    ['the account', { account: 'web', annotations: { 'countersign.dev/needs': 'get pods' } }, true],
    ['the needs', { annotations: { 'countersign.dev/needs': 'list pods' } }, true],
    [
      'a credential',
      { annotations: { 'countersign.dev/needs': 'get pods', 'countersign.dev/inject': 'true' } },
      true,
    ],
    [
      'the token',
      {
        annotations: { 'countersign.dev/needs': 'get pods' },
        podSpec: { automountServiceAccountToken: false },
      },
      true,
    ],
    [
      'a projected volume',
      {
        annotations: { 'countersign.dev/needs': 'get pods' },
        podSpec: { volumes: [{ name: 'v', projected: {} }] },
      },
      true,
    ],
    [
      'an image',
      {
        annotations: { 'countersign.dev/needs': 'get pods' },
        podSpec: { containers: [{ name: 'app', image: 'app:2' }] },
      },
      false,
    ],
    ['another annotation', { annotations: { 'countersign.dev/needs': 'get pods', other: 'y' } }, false],
    [
      'replicas, as it is deleted',
      { account: 'web', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
      false,
    ],
  ])('%s: %#', (_, after, changes) => {
    expect(changesClaim(base, workload(JSON.parse(JSON.stringify(after))))).toBe(changes);
  });
});
