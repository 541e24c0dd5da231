import { describe, expect, it } from 'vitest';
import { DECIDING, decide } from '../../../src/cli/decide.ts';
import { askFor, type GrantOptions } from '../../../src/cli/grant.ts';
import { heardHost } from '../../support/cli-host.ts';
import { denialObject, ID, IN_SHOP, JANE, OMAR, type Shop, shopSeenBy } from '../../support/desk.ts';

const HOSTILE = '<b>\u001b[31m\u202e\r\n=1+1';

function asked(shop: Shop, options: Partial<GrantOptions> = {}) {
  const heard = heardHost();
  const viewed = { desk: shop.desk, namespace: 'shop', named: true };
  const given: GrantOptions = { reason: 'the queue is stuck', duration: '4h', output: 'table', ...options };
  return { heard, code: askFor(ID, given, viewed, heard.host) };
}

describe('grant', () => {
  it('asks for what the denial found', async () => {
    const shop = shopSeenBy(JANE);

    const { heard, code } = asked(shop, { ticket: 'OPS-1' });

    expect(await code).toBe(0);
    expect(shop.kube.stored('accessgrants')[1]).toMatchObject({
      spec: {
        serviceAccount: { name: 'api', uid: 'sa-1' },
        workload: { kind: 'Deployment', name: 'api' },
        scopes: ['get pods in shop', '* secrets everywhere'],
        checks: ['missing', 'excess'],
        reason: 'the queue is stuck',
        ticket: 'OPS-1',
        duration: '4h',
        requester: JANE,
        decision: ID,
      },
    });
    expect(heard.out()).toMatch(
      /accessgrant\.countersign\.dev\/(api-\S{5}) created\nnext: an approver runs: kubectl countersign approve \1 -n shop --reason …$/u,
    );
  });

  it('asks for less on request', async () => {
    const shop = shopSeenBy(JANE);

    await asked(shop, { scope: ['get secrets in shop'], duration: '30m' }).code;

    expect(shop.kube.stored('accessgrants')[1]).toMatchObject({
      spec: { scopes: ['get secrets in shop'], duration: '30m' },
    });
  });

  it('writes nothing on a dry run', async () => {
    const shop = shopSeenBy(JANE);

    const { heard, code } = asked(shop, { dryRun: true });

    expect(await code).toBe(0);
    expect(heard.out()).toContain('* secrets everywhere');
    expect(shop.kube.stored('accessgrants')).toHaveLength(1);
  });

  it('says what it leaves out', async () => {
    const shop = shopSeenBy(JANE);
    const findings = [
      {
        check: 'forbidden',
        reason: 'ForbiddenNeed',
        action: 'Deny',
        undetermined: false,
        scope: 'bind roles in shop',
      },
      {
        check: 'missing',
        reason: 'NotConfirmed',
        action: 'Deny',
        undetermined: true,
        scope: 'get pods in shop',
      },
      {
        check: 'excess',
        reason: 'Excess',
        action: 'Warn',
        undetermined: false,
        scope: 'list nodes everywhere',
      },
    ];
    shop.kube.put(`${IN_SHOP}/denials`, denialObject({ findings, moreFindings: 2 }) as never);

    const { heard, code } = asked(shop);

    expect(await code).toBe(1);
    expect(heard.err().split('\n')).toEqual([
      'not asked for: bind roles in shop: forbidden can’t be waived',
      'not asked for: get pods in shop: it is not known, and that can’t be waived',
      'not asked for: 2 more findings, which are not recorded',
      `nothing of ${ID} can be waived: kubectl countersign explain ${ID} says what to do instead`,
    ]);
    expect(shop.kube.stored('accessgrants')).toHaveLength(1);
  });

  it('asks for no more than the policy lets grants waive', async () => {
    const shop = shopSeenBy(JANE);
    shop.kube.put(`${IN_SHOP}/denials`, denialObject({ mayWaive: ['excess'] }) as never);

    const { heard, code } = asked(shop);

    expect(await code).toBe(0);
    expect(heard.err()).toBe(
      'not asked for: get pods in shop: policy production lets no grant waive missing',
    );
    expect(shop.kube.stored('accessgrants')[1]).toMatchObject({
      spec: { scopes: ['* secrets everywhere'], checks: ['excess'] },
    });
  });

  it('asks for what the policy let grants waive when it refused last', async () => {
    const shop = shopSeenBy(JANE);
    const status = { lastRefusal: { mayWaive: ['missing'] } };
    shop.kube.put(`${IN_SHOP}/denials`, denialObject({ mayWaive: [] }, status) as never);

    expect(await asked(shop).code).toBe(0);
    expect(shop.kube.stored('accessgrants')[1]).toMatchObject({ spec: { checks: ['missing'] } });
  });

  it('asks for nothing where the policy lets nothing be waived', async () => {
    const shop = shopSeenBy(JANE);
    shop.kube.put(`${IN_SHOP}/denials`, denialObject({ mayWaive: [] }) as never);

    const { heard, code } = asked(shop);

    expect(await code).toBe(1);
    expect(heard.err().split('\n').at(-1)).toBe(
      `policy production lets nothing of ${ID} be waived: kubectl countersign explain ${ID} says what to do instead`,
    );
    expect(shop.kube.stored('accessgrants')).toHaveLength(1);
  });

  it('says where it looked for a denial that is not there', async () => {
    const heard = heardHost();
    const viewed = { desk: shopSeenBy(JANE).desk, namespace: 'shop', named: true };

    const code = await askFor(
      'd-11111111',
      { reason: 'r', duration: '1h', output: 'table' },
      viewed,
      heard.host,
    );

    expect(code).toBe(1);
    expect(heard.err()).toContain('there is no Denial d-11111111 in namespace shop');
  });
});

describe('approve', () => {
  function deciding(shop: Shop, answer: boolean | undefined, yes = false) {
    const heard = heardHost(answer);
    const wanted = {
      desk: shop.desk,
      namespace: 'shop',
      name: 'api-1',
      reason: 'agreed',
      yes,
      output: 'table',
    } as const;
    return { heard, code: decide(DECIDING.APPROVE, wanted, heard.host) };
  }

  it('shows what is decided on, asks, and says how it stands', async () => {
    const shop = shopSeenBy(OMAR);

    const { heard, code } = deciding(shop, true);

    expect(await code).toBe(0);
    expect(heard.questions).toEqual(['approve this?']);
    expect(heard.out().split('\n')).toEqual([
      'AccessGrant shop/api-1: Pending',
      '  account   shop/api (uid sa-1)',
      '  workload  Deployment api',
      '  waives    excess',
      '  scopes    * secrets everywhere',
      '  for       1h from the approval on, at most what the policy allows',
      '  asked by  jane',
      '  reason    the queue is stuck',
      `  denial    ${ID}`,
      'accessgrant.countersign.dev/api-1 approved: Active until 2026-01-31T13:00:00Z',
    ]);
  });

  it.each([
    ['no', false, false, 1, 'nothing was done'],
    ['nobody', undefined, false, 2, 'nobody to ask at this terminal: approve it with --yes'],
  ])('writes nothing when %s answers', async (_, answer, yes, want, said) => {
    const shop = shopSeenBy(OMAR);

    const { heard, code } = deciding(shop, answer, yes);

    expect(await code).toBe(want);
    expect(heard.err()).toBe(said);
    expect(shop.kube.stored('accessdecisions')).toEqual([]);
  });

  it('asks nobody with --yes', async () => {
    const shop = shopSeenBy(OMAR);

    expect(await deciding(shop, undefined, true).code).toBe(0);
    expect(shop.kube.stored('accessdecisions')).toHaveLength(1);
  });

  it('fails for one’s own request', async () => {
    await expect(deciding(shopSeenBy(JANE), true).code).rejects.toThrow(
      'cannot approve AccessGrant shop/api-1: it is your own request: another person approves',
    );
  });

  it('shows what is hostile in a grant as text', async () => {
    const spec = {
      reason: HOSTILE,
      ticket: HOSTILE,
      requester: HOSTILE,
      scopes: [HOSTILE],
      workload: { kind: HOSTILE, name: HOSTILE },
    };
    const { heard, code } = deciding(shopSeenBy(OMAR, spec), false);

    await code;

    expect(heard.out()).not.toMatch(/[^ -~\n]/u);
    expect(heard.out().split('\n')).toHaveLength(10);
  });
});
