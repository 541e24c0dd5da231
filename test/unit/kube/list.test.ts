import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/kube/client.ts';
import { listPages } from '../../../src/kube/list.ts';
import { body, type FakeKube, startFakeKube, status } from '../../support/fake-kube.ts';

const PATH = '/apis/apps/v1/deployments';
let kube: FakeKube;
let client: KubeClient;

beforeEach(async () => {
  kube = await startFakeKube();
  client = createKubeClient(kube.access);
});

afterEach(() => kube.stop());

async function sizes(): Promise<readonly number[]> {
  const pages: number[] = [];
  for await (const { items } of listPages(client, PATH)) pages.push(items.length);
  return pages;
}

function fill(count: number): void {
  for (let index = 0; index < count; index += 1) kube.put(PATH, { metadata: { name: `d-${index}` } });
}

/** As the client sees a page that it may not read to its end. */
const tooLarge = body(JSON.stringify('x'.repeat(17 * 1024 * 1024)));

describe('listPages', () => {
  it('lists in pages of 500', async () => {
    fill(1201);

    expect(await sizes()).toEqual([500, 500, 201]);
    expect(kube.requests[0]).toBe(`GET ${PATH}?limit=500`);
    expect(kube.requests[1]).toMatch(/limit=500&continue=\d+%40500$/);
  });

  it('gives one empty page for an empty collection', async () => {
    expect(await sizes()).toEqual([0]);
  });

  it('passes selectors on', async () => {
    const query = { fieldSelector: 'spec.serviceAccountName=api' };
    await listPages(client, PATH, { query }).next();

    expect(kube.requests).toEqual([`GET ${PATH}?fieldSelector=spec.serviceAccountName%3Dapi&limit=500`]);
  });

  it('asks for smaller pages when one is too large', async () => {
    fill(300);
    kube.upset('list', PATH, tooLarge);

    expect(await sizes()).toEqual([125, 125, 50]);
  });

  it('gives up when a single object is too large', async () => {
    kube.upset('list', PATH, ...Array.from({ length: 6 }, () => tooLarge));

    await expect(sizes()).rejects.toMatchObject({ code: 'ERR_KUBE_PROTOCOL' });
    expect(kube.requests.map((request) => request.split('=').at(-1))).toEqual(['500', '125', '31', '7', '1']);
  });

  it('fails with ERR_KUBE_GONE when the snapshot expires between two pages', async () => {
    fill(600);
    const pages = listPages(client, PATH);
    await pages.next();
    kube.upset('list', PATH, status(410, 'Expired'));

    await expect(pages.next()).rejects.toMatchObject({ code: 'ERR_KUBE_GONE' });
  });

  it.each([
    'null',
    '[]',
    '7',
    '{}',
    '{"items":[]}',
    '{"items":{},"metadata":{"resourceVersion":"1"}}',
    '{"items":[],"metadata":{"resourceVersion":1}}',
  ])('refuses %s as a list', async (text) => {
    kube.upset('list', PATH, body(text));

    await expect(sizes()).rejects.toMatchObject({ code: 'ERR_KUBE_PROTOCOL' });
  });

  it('takes a list whose items are null as empty', async () => {
    kube.upset('list', PATH, body('{"items":null,"metadata":{"resourceVersion":"1"}}'));

    expect(await sizes()).toEqual([0]);
  });
});
