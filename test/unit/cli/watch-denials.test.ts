import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchDenials } from '../../../src/cli/watch-denials.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { StoredDenial } from '../../../src/desk/desk.ts';
import { readDenial } from '../../../src/desk/read-objects.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { denialObject, IN_SHOP } from '../../support/desk.ts';
import { type FakeKube, startFakeKube, status } from '../../support/fake-kube.ts';

const PATH = `${IN_SHOP}/denials`;
let kube: FakeKube;

beforeEach(async () => {
  kube = await startFakeKube();
});

afterEach(() => kube.stop());

function object(name: string, state = 'Open'): JsonObject {
  const { metadata, ...rest } = denialObject({}, { state }, name);
  return { ...rest, metadata: { ...metadata, namespace: 'shop', uid: name } } as never;
}

function watching(known: readonly StoredDenial[] = []) {
  const told: string[] = [];
  const stop = new AbortController();
  const ended = watchDenials({
    client: createKubeClient(kube.access),
    namespace: 'shop',
    known,
    tell: ({ name, status: { state } }) => told.push(`${name} ${state}`),
    signal: stop.signal,
  });
  return { told, stop, ended };
}

describe('watched denials', () => {
  it('are told when they come and when they change, and not twice', async () => {
    kube.put(PATH, object('d-00000000'));
    const list = (await createKubeClient(kube.access).get(PATH)) as { readonly items: readonly unknown[] };
    const { told, stop, ended } = watching(list.items.flatMap(readDenial));
    await expect.poll(() => kube.openWatches(PATH)).toBe(1);

    kube.put(PATH, object('d-11111111'));
    kube.put(PATH, object('d-00000000', 'Granted'));
    kube.remove(PATH, object('d-11111111'));
    kube.put(PATH, object('d-22222222'));

    await expect.poll(() => told).toEqual(['d-11111111 Open', 'd-00000000 Granted', 'd-22222222 Open']);
    stop.abort();
    await ended;
  });

  it('end with the words of an API server that refuses them', async () => {
    kube.upset('list', PATH, status(403, 'Forbidden'));

    await expect(watching().ended).rejects.toThrow('403 Forbidden');
  });
});
