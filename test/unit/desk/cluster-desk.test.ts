import { describe, expect, it } from 'vitest';
import type { GrantVerdict } from '../../../src/desk/desk.ts';
import {
  denialObject,
  grantOf,
  grantSpec,
  ID,
  IN_SHOP,
  JANE,
  OMAR,
  OURS,
  type Shop,
  shopSeenBy,
  verdictOn,
  WISH,
} from '../../support/desk.ts';

const CLUSTER_WIDE = new RegExp(`^GET ${OURS}/[a-z]+(\\?|$)`, 'u');

function decided(by: string, decision: string, digest: string, more: object = {}) {
  const spec = {
    grant: 'api-1',
    grantUID: 'g-1',
    scopesDigest: digest,
    requester: JANE,
    by,
    decision,
    reason: 'r',
  };
  return { metadata: { name: `${by}-${decision.toLowerCase()}`, ...more }, spec };
}

async function after(
  shop: Shop,
  decision: string,
  creationTimestamp = '2026-01-31T12:05:00Z',
): Promise<Shop> {
  const { scopesDigest } = await grantOf(shop);
  shop.kube.put(`${IN_SHOP}/accessdecisions`, decided(OMAR, decision, scopesDigest, { creationTimestamp }));
  return shop;
}

describe('a desk', () => {
  it('shows the denials of the cluster', async () => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.put(`${OURS}/namespaces/stock/denials`, denialObject({}, {}, 'd-00000000') as never);

    const names = (await desk.denials(undefined)).map(({ namespace, name }) => `${namespace}/${name}`);

    expect(names).toEqual([`shop/${ID}`, 'stock/d-00000000']);
  });

  it('shows those of the namespace to whoever may not list more', async () => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.refuse(CLUSTER_WIDE, 403);

    expect((await desk.denials(undefined)).map(({ name }) => name)).toEqual([ID]);
    expect((await desk.grants(undefined)).map(({ name }) => name)).toEqual(['api-1']);
    expect(await desk.findDenial(ID)).toMatchObject({ namespace: 'shop', name: ID });
  });

  it.each([
    [403, /ask for ClusterRole countersign-requester in the namespace \(list denials.countersign.dev\)/u],
    [404, /the cluster has no denials.countersign.dev: kubectl apply -f manifests\/crds/u],
    [401, /log in again/u],
  ])('says what to do about %i', async (code, advice) => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.refuse(/denials/u, code);

    await expect(desk.denials('shop')).rejects.toThrow(advice);
  });

  it.each(['d-1,metadata.namespace=kube-system', '../secrets', '', 'd-7f3k2m4Q'])(
    'asks for no denial by the name %j',
    async (id) => {
      const { kube, desk } = shopSeenBy(JANE);

      expect(await desk.findDenial(id)).toBeUndefined();
      expect(kube.calls).toEqual([]);
    },
  );

  it('leaves out what is no denial', async () => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.put(`${IN_SHOP}/denials`, { metadata: { name: 'd-11111111' }, spec: { workload: [] } });

    expect((await desk.denials('shop')).map(({ name }) => name)).toEqual([ID]);
  });

  it('asks for a grant in the name of the viewer', async () => {
    const { desk } = shopSeenBy(OMAR);

    const grant = await desk.ask(WISH);

    expect(grant).toMatchObject({
      name: expect.stringMatching(/^api-.{5}$/u),
      spec: { requester: OMAR, ticket: 'OPS-1', duration: '4h', decision: ID },
      state: { state: 'Pending' },
      scopesDigest: expect.stringMatching(/^sha256:/u),
    });
  });

  it.each([
    ['a scope that can’t be read', { scopes: ['get the secrets'] }, /spec.scopes.0/u],
    ['a duration that is none', { duration: 'a day' }, /spec.duration: expected a duration such as 24h/u],
    ['no reason', { reason: ' ' }, /a reason is needed/u],
    ['a reason of 64 kB', { reason: 'x'.repeat(65_536) }, /at most 2000 characters/u],
    ['a ticket of 64 kB', { ticket: 'x'.repeat(65_536) }, /spec.ticket: expected at most 253/u],
  ])('does not ask with %s', async (_, wrong, why) => {
    const { kube, desk } = shopSeenBy(JANE);

    await expect(desk.ask({ ...WISH, ...wrong })).rejects.toThrow(why);
    expect(kube.stored('accessgrants')).toHaveLength(1);
  });

  it('asks the leader to judge again', async () => {
    const { kube, desk } = shopSeenBy(JANE);

    await desk.recheck('shop', ID);

    expect(kube.stored('denials')).toMatchObject([
      { metadata: { annotations: { 'countersign.dev/recheck': '2026-01-31T12:10:00Z' } } },
    ]);
  });

  it('knows what the viewer may do', async () => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.refuse(/POST .*accessdecisions/u, 403);

    expect(await desk.rights('shop')).toEqual({ readDenials: true, ask: true, decide: false, recheck: true });
  });
});

describe('a decision', () => {
  it('is made in the name of the viewer, of what was shown', async () => {
    const shop = shopSeenBy(OMAR);

    const made = await shop.desk.decide(await verdictOn(shop, 'Approve'));

    expect(made).toMatchObject({ name: expect.stringMatching(/^api-1-approve-.{5}$/u) });
    expect(made.spec).toMatchObject({ grant: 'api-1', grantUID: 'g-1', requester: JANE, by: OMAR });
    expect(await grantOf(shop)).toMatchObject({ state: { state: 'Active' }, decisions: [made] });
  });

  it('may take back what was approved', async () => {
    const shop = await after(shopSeenBy(OMAR), 'Approve');

    await shop.desk.decide(await verdictOn(shop, 'Revoke'));

    expect(await grantOf(shop)).toMatchObject({ state: { state: 'Revoked' } });
  });

  it.each<[string, string, GrantVerdict['decision'], RegExp, (shop: Shop) => unknown, Partial<GrantVerdict>]>(
    [
      ['of one’s own request', JANE, 'Approve', /your own request/u, () => 0, {}],
      [
        'by a service account',
        'system:serviceaccount:shop:bot',
        'Approve',
        /a person approves, not a service account/u,
        () => 0,
        {},
      ],
      ['without a reason', OMAR, 'Reject', /a reason is needed/u, () => 0, { reason: '\n' }],
      ['with 64 kB of reason', OMAR, 'Reject', /at most 2000/u, () => 0, { reason: 'x'.repeat(65_536) }],
      ['on another uid', OMAR, 'Approve', /made again since it was shown/u, () => 0, { grantUID: 'g-0' }],
      ['on other scopes', OMAR, 'Approve', /not what was shown/u, () => 0, { scopesDigest: 'sha256:0' }],
      ['on what is gone', OMAR, 'Approve', /it is not there/u, () => 0, { grant: 'api-9' }],
      [
        'after the approval',
        OMAR,
        'Approve',
        /approved already, until 2026-01-31T13:05:00Z/u,
        (shop) => after(shop, 'Approve'),
        {},
      ],
      [
        'after the rejection',
        OMAR,
        'Approve',
        /rejected, and that is final/u,
        (shop) => after(shop, 'Reject'),
        {},
      ],
      [
        'after the revocation',
        OMAR,
        'Approve',
        /revoked, and that is final/u,
        (shop) => after(shop, 'Revoke'),
        {},
      ],
      [
        'after its end',
        OMAR,
        'Revoke',
        /it has ended at 2026-01-31T12:00:00Z/u,
        (shop) => after(shop, 'Approve', '2026-01-31T11:00:00Z'),
        {},
      ],
      [
        'for an account that was made again',
        OMAR,
        'Approve',
        /shop\/api was made again since/u,
        ({ kube }) =>
          kube.put('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: 'api', uid: 'sa-2' } }),
        {},
      ],
    ],
  )('%s is refused before anything is written', async (_, who, decision, why, change, more) => {
    const shop = shopSeenBy(who);
    await change(shop);
    const before = shop.kube.stored('accessdecisions').length;

    const verdict = await verdictOn(shop, decision, more);

    await expect(shop.desk.decide(verdict)).rejects.toThrow(why);
    expect(shop.kube.stored('accessdecisions')).toHaveLength(before);
  });

  it('is refused where the grant changes between look and word', async () => {
    const shop = shopSeenBy(OMAR);
    const verdict = await verdictOn(shop, 'Approve');
    shop.kube.before(/^GET .*accessgrants\/api-1/u, () =>
      shop.kube.put(`${IN_SHOP}/accessgrants`, {
        metadata: { name: 'api-1', uid: 'g-1' },
        spec: grantSpec({ scopes: ['* * everywhere'] }),
      } as never),
    );

    await expect(shop.desk.decide(verdict)).rejects.toThrow(/not what was shown/u);
  });

  it('is made by who may not read service accounts, too', async () => {
    const shop = shopSeenBy(OMAR);
    shop.kube.refuse(/serviceaccounts/u, 403);

    await expect(shop.desk.decide(await verdictOn(shop, 'Approve'))).resolves.toBeDefined();
  });
});

describe('the state of a grant', () => {
  it('is worked out, whatever its status says', async () => {
    const { kube, desk } = shopSeenBy(JANE);
    kube.put(`${IN_SHOP}/accessgrants`, {
      metadata: { name: 'api-1', uid: 'g-1' },
      spec: grantSpec(),
      status: { state: 'Active', decidedBy: OMAR, expiresAt: '2027-01-01T00:00:00Z' },
    } as never);

    expect((await desk.grants('shop'))[0]?.state).toEqual({ state: 'Pending', expiresAtMs: undefined });
  });

  it.each([
    ['2026-01-31T12:20:00Z', 'Active', '2026-01-31T12:20:00Z'],
    ['2026-01-31T12:09:59Z', 'Expired', '2026-01-31T12:09:59Z'],
    ['2027-01-01T00:00:00Z', 'Active', '2026-01-31T13:05:00Z'],
    ['soon', 'Active', '2026-01-31T13:05:00Z'],
  ])('ends by the policy where the leader says so: %s', async (expiresAt, state, ends) => {
    const shop = shopSeenBy(JANE);
    shop.kube.put(`${IN_SHOP}/accessgrants`, {
      metadata: { name: 'api-1', uid: 'g-1' },
      spec: grantSpec(),
      status: { expiresAt },
    } as never);
    await after(shop, 'Approve');

    expect((await grantOf(shop)).state).toEqual({ state, expiresAtMs: Date.parse(ends) });
  });

  it('is void where its scopes can’t be read, and nobody can approve it', async () => {
    const shop = shopSeenBy(OMAR, { scopes: ['get the secrets'] });

    expect(await grantOf(shop)).toMatchObject({ state: { state: 'Void' }, scopesDigest: '' });
    await expect(shop.desk.decide(await verdictOn(shop, 'Approve'))).rejects.toThrow(/can’t be read/u);
  });
});
