import { applyPatch } from 'rfc6902';
import { describe, expect, it } from 'vitest';
import { applyPlan, type InjectionPlan, toPatch } from '../../../../src/core/inject/patch.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

const PLAN: InjectionPlan = {
  volumes: [{ name: 'v1' }, { name: 'v2' }],
  consumers: [
    { list: 'containers', index: 1, env: [{ name: 'E1' }, { name: 'E2' }], volumeMounts: [{ name: 'v1' }] },
    { list: 'initContainers', index: 1, env: [], volumeMounts: [{ name: 'v2' }] },
  ],
  initContainers: { at: 1, containers: [{ name: 'i1' }, { name: 'i2' }] },
  labels: {},
  annotations: { 'a/b~c': 'x' },
};

const FULL: JsonObject = {
  metadata: { name: 'p', annotations: { 'a/b': 'kept' } },
  spec: {
    volumes: [{ name: 'old' }],
    initContainers: [{ name: 'first' }, { name: 'second', volumeMounts: [{ name: 'm' }] }],
    containers: [{ name: 'a' }, { name: 'b', env: [{ name: 'E0' }], volumeMounts: [{ name: 'm' }] }],
  },
};

const BARE_PLAN: InjectionPlan = {
  ...PLAN,
  consumers: [{ list: 'containers', index: 0, env: [{ name: 'E' }], volumeMounts: [{ name: 'v1' }] }],
  initContainers: { at: 0, containers: [{ name: 'i1' }, { name: 'i2' }] },
};

describe('a patch', () => {
  it('adds to lists that are there, and shifts nothing that it names later', () => {
    expect(toPatch(PLAN, FULL)).toEqual([
      { op: 'add', path: '/spec/volumes/-', value: { name: 'v1' } },
      { op: 'add', path: '/spec/volumes/-', value: { name: 'v2' } },
      { op: 'add', path: '/spec/containers/1/env/0', value: { name: 'E1' } },
      { op: 'add', path: '/spec/containers/1/env/1', value: { name: 'E2' } },
      { op: 'add', path: '/spec/containers/1/volumeMounts/-', value: { name: 'v1' } },
      { op: 'add', path: '/spec/initContainers/1/volumeMounts/-', value: { name: 'v2' } },
      { op: 'add', path: '/spec/initContainers/1', value: { name: 'i1' } },
      { op: 'add', path: '/spec/initContainers/2', value: { name: 'i2' } },
      { op: 'add', path: '/metadata/annotations/a~1b~0c', value: 'x' },
    ]);
  });

  it.each<[string, JsonObject, string]>([
    ['no metadata', { spec: { containers: [{ name: 'a' }] } }, '/metadata'],
    ['metadata that is null', { metadata: null, spec: { containers: [{ name: 'a' }] } }, '/metadata'],
    [
      'no annotations',
      { metadata: { name: 'p' }, spec: { containers: [{ name: 'a' }] } },
      '/metadata/annotations',
    ],
    [
      'lists that are null',
      {
        metadata: { annotations: null },
        spec: {
          volumes: null,
          initContainers: null,
          containers: [{ name: 'a', env: null, volumeMounts: null }],
        },
      },
      '/metadata/annotations',
    ],
  ])('makes what is missing: %s', (_, pod, last) => {
    expect(toPatch(BARE_PLAN, pod).map(({ path }) => path)).toEqual([
      '/spec/volumes',
      '/spec/containers/0/env',
      '/spec/containers/0/volumeMounts',
      '/spec/initContainers',
      last,
    ]);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['there', { labels: { app: 'x' } }, ['/metadata/labels/l~1x', '/metadata/annotations']],
    ['missing', {}, ['/metadata/labels', '/metadata/annotations']],
    ['null', { labels: null }, ['/metadata/labels', '/metadata/annotations']],
  ])('puts a label beside labels that are %s', (_, metadata, paths) => {
    const plan = { ...BARE_PLAN, labels: { 'l/x': 'y' } };
    const pod = { metadata, spec: { containers: [{ name: 'a' }] } };
    const patched = structuredClone(pod);
    const patch = toPatch(plan, pod);
    applyPatch(patched, structuredClone([...patch]));

    expect(patch.slice(-2).map(({ path }) => path)).toEqual(paths);
    expect(patched).toEqual(applyPlan(plan, pod));
  });

  it.each<[string, InjectionPlan, JsonObject]>([
    ['labels', { ...BARE_PLAN, labels: { l: 'y' } }, { spec: { containers: [{ name: 'a' }] } }],
    ['a full pod', PLAN, FULL],
    ['a bare pod', BARE_PLAN, { spec: { containers: [{ name: 'a' }] } }],
    [
      'empty lists',
      BARE_PLAN,
      {
        metadata: { annotations: {} },
        spec: { volumes: [], initContainers: [], containers: [{ env: [], volumeMounts: [] }] },
      },
    ],
    [
      'nulls',
      BARE_PLAN,
      { metadata: null, spec: { volumes: null, initContainers: null, containers: [{ env: null }] } },
    ],
  ])('of %s says what the pure transformation does', (_, plan, pod) => {
    const patched = structuredClone(pod);
    const errors = applyPatch(patched, structuredClone([...toPatch(plan, pod)]));

    expect(errors.filter((error) => error !== null)).toEqual([]);
    expect(patched).toEqual(applyPlan(plan, pod));
  });

  it('leaves the pod alone that it is made from', () => {
    const before = structuredClone(FULL);

    applyPlan(PLAN, FULL);
    toPatch(PLAN, FULL);

    expect(FULL).toEqual(before);
  });
});
