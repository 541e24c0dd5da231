import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/core/verdict/reasons.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';
import { saidIn } from '../support/kubectl-said.ts';
import { letCountersignRead, trustCluster } from '../support/kubernetes-auth.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { LENIENT, PREFLIGHT_FACTS, PREFLIGHT_POLICIES, STRICT } from '../support/preflight.ts';
import { writeRole } from '../support/preflight-causes.ts';
import { startWire, type Wire } from '../support/proxy.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import {
  applyShop,
  expectServed,
  furnishShop,
  newShop,
  putPolicy,
  removeShop,
  type VaultShop,
} from '../support/vault-shop.ts';
import { vaultsRead, vaultsUnread } from '../support/vaults-read.ts';

const cluster = sharedCluster();
const NOT_READ = 'not judged: no facts about Vault policies at hand';

let bao: OpenBao;
let wire: Wire;

beforeAll(async () => {
  bao = await startOpenBao({ tls: true });
  await trustCluster(bao, cluster, await newNamespace(cluster));
  await letCountersignRead(bao);
  const { hostname: host, port } = new URL(bao.address);
  wire = await startWire({ host, port: Number(port) });
});
afterAll(async () => {
  await wire?.stop();
  await bao?.stop();
});

/** Its connection is over the wire; what Vault gives it is seen by `direct` as well. */
const shop = (label: string) => newShop(cluster, { server: bao, connection: 'default' }, label);
const apply = (one: VaultShop) => applyShop(cluster, one);
const remove = (one: VaultShop) => removeShop(cluster, one);

describe('a login at a Vault that does not answer', () => {
  let registered: Registered;
  let strict: VaultShop;
  let lenient: VaultShop;
  let wide: VaultShop;

  beforeAll(async () => {
    strict = await shop(STRICT);
    lenient = await shop(LENIENT);
    wide = await shop(LENIENT);
    for (const one of [strict, lenient, wide]) await furnishShop(one);
    await putPolicy(wide, `wide-${wide.namespace}`, 'path "kv/*" { capabilities = ["read"] }');
    await bao.call('POST', `auth/kubernetes/role/wide-${wide.namespace}`, {
      bound_service_account_names: 'api',
      bound_service_account_namespaces: wide.namespace,
      token_policies: `wide-${wide.namespace}`,
    });
    wire.cut();
    const facts = PREFLIGHT_FACTS;
    registered = await registerWebhook(cluster, {
      policies: PREFLIGHT_POLICIES,
      vault: { ...bao, address: `https://127.0.0.1:${wire.port}`, facts },
      moreVaults: { direct: { ...bao, facts } },
    });
    await vaultsRead(registered, 'direct');
    await vaultsUnread(registered, 'default');
  });
  afterAll(() => registered?.stop());

  /** Refused by the one policy, warned of by the other, in the same words. */
  async function expectUnknown(
    refused: VaultShop,
    warned: VaultShop,
    why: string,
    connections: readonly string[] = ['default'],
  ): Promise<void> {
    const said = (one: VaultShop, verb: string, name: string) => [
      expect.stringContaining(
        `${one.namespace}/api (Deployment) ${verb} as serviceaccount ${one.namespace}/api: ${connections.length + 1} undetermined [d-ID, policy ${name}]`,
      ),
      expect.stringMatching(new RegExp(`unknown ${NOT_READ} ${why}`, 'u')),
      ...connections.map((name) =>
        expect.stringMatching(new RegExp(`unknown ${NOT_READ} ${name}: ${why}`, 'u')),
      ),
    ];
    const { code, stderr } = await apply(refused);
    expect([code, ...saidIn(stderr)]).toEqual([
      1,
      ...said(refused, 'may not run', 'preflight-strict'),
      `next: ${reasonOf('VaultNotRead').next}`,
    ]);
    const { code: passed, stderr: warning } = await apply(warned);
    expect([passed, ...saidIn(warning)]).toEqual([0, ...said(warned, 'runs', 'preflight-lenient')]);
    await remove(warned);
  }

  it('leaves proved what is seen by another connection', async () => {
    const { namespace } = wide;
    const { code, stderr } = await apply(wide);

    expect(code).toBe(1);
    expect(saidIn(stderr)).toEqual(
      expect.arrayContaining([
        `${namespace}/api (Deployment) may not run as serviceaccount ${namespace}/api: 1 excess, 2 undetermined [d-ID, policy preflight-lenient]`,
        `medium vault read kv/* via Vault role wide-${namespace} of direct → policy wide-${namespace}`,
      ]),
    );
  });

  it('is unknown where it never did, and admitted and served once it does', async () => {
    await expectUnknown(strict, lenient, 'Vault cannot be reached: vault at https:');
    wire.mend();
    await expect.poll(async () => (await apply(strict)).stderr, { timeout: 30_000, interval: 1000 }).toBe('');
    await expectServed(cluster, strict);
    await vaultsRead(registered, 'default');
  });

  it('is judged by what was read, but what is wrong by that is unknown', async () => {
    const [broken, mild] = [await shop(STRICT), await shop(LENIENT)];
    for (const one of [broken, mild]) await furnishShop(one, { audience: 'other' });
    await remove(strict);
    expect(await apply(strict)).toMatchObject({ code: 0, stderr: '' });
    expect((await apply(broken)).stderr).toContain('for another audience');
    wire.cut();
    await remove(strict);

    expect(await apply(strict)).toMatchObject({ code: 0, stderr: '' });
    await expectUnknown(broken, mild, 'Vault cannot be reached: vault at https:');
    wire.mend();
    await writeRole(broken, 'audience=vault');
    expect(await apply(broken)).toMatchObject({ code: 0, stderr: '' });
    await expectServed(cluster, broken);
  });

  it('is unknown when it is sealed', async () => {
    const [refused, warned] = [await shop(STRICT), await shop(LENIENT)];
    for (const one of [refused, warned]) await furnishShop(one);
    await bao.call('POST', 'sys/seal');

    await expectUnknown(refused, warned, 'Vault is sealed or a standby: ', ['default', 'direct']);
  });
});
