import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient } from '../../../src/kube/client.ts';
import { discoverResources } from '../../../src/kube/discovery.ts';
import { type FakeKube, startFakeKube } from '../../support/fake-kube.ts';

let kube: FakeKube;

beforeEach(async () => {
  kube = await startFakeKube();
});

afterEach(() => kube.stop());

const discover = () => discoverResources(createKubeClient(kube.access), new AbortController().signal);

const EMPTY = { kind: 'APIGroupDiscoveryList', items: [] };

function group(name: string | undefined, resources: unknown) {
  return {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: { name }, versions: [{ version: 'v1', resources }] }],
  };
}

describe('discoverResources', () => {
  it('reads core and other groups with scope and subresources', async () => {
    kube.serve(
      '/api',
      group(undefined, [{ resource: 'pods', scope: 'Namespaced', subresources: [{ subresource: 'log' }] }]),
    );
    kube.serve('/apis', group('shop.example', [{ resource: 'carts', scope: 'Cluster' }]));

    expect(await discover()).toEqual([
      { group: '', resource: 'pods', namespaced: true, subresources: ['log'] },
      { group: 'shop.example', resource: 'carts', namespaced: false, subresources: [] },
    ]);
  });

  it.each([
    ['no aggregated discovery', { kind: 'APIGroupList', groups: [] }],
    ['a list', []],
    ['nothing', null],
  ])('fails on %s', async (_case, answer) => {
    kube.serve('/api', EMPTY);
    kube.serve('/apis', answer);

    await expect(discover()).rejects.toMatchObject({ code: 'ERR_KUBE_PROTOCOL' });
  });

  it.each([
    [{ kind: 'APIGroupDiscoveryList' }],
    [{ kind: 'APIGroupDiscoveryList', items: [null, 7, { versions: {} }, { versions: [null] }] }],
    [group('x', [null, {}, { resource: 7 }])],
  ])('leaves out what it does not understand: %j', async (answer) => {
    kube.serve('/api', EMPTY);
    kube.serve('/apis', answer);

    expect(await discover()).toEqual([]);
  });
});
