import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Examined } from '../../src/doctor/examine.ts';
import { type ChartRelease, OWN_NAMESPACE, prepareRelease } from '../support/chart-release.ts';
import { scale, untilAlone } from '../support/chart-replicas.ts';
import { countersign } from '../support/cli.ts';
import { sharedNode } from '../support/node.ts';

/** The doctor on what Helm has installed on a real node: from outside, and in a pod, where the token for Vault is. */

const node = sharedNode();
const { cluster } = node;
const IN_OWN = ['-n', OWN_NAMESPACE];

let release: ChartRelease;
beforeAll(async () => {
  release = await prepareRelease(node, { password: `pw-${crypto.randomUUID()}`, readsVault: true });
  await release.install();
});
afterAll(() => release?.stop());

interface Report {
  readonly code: number | null;
  readonly findings: readonly Examined[];
}

async function fromOutside(): Promise<Report> {
  const { code, out, err } = await countersign(['doctor', '--kubeconfig', cluster.kubeconfig, '-o', 'json']);
  if (out === '') throw new Error(`the doctor said nothing: ${err}`);
  return { code, findings: (JSON.parse(out) as { findings: readonly Examined[] }).findings };
}

/** As docs/doctor.md says. */
async function inThePod(): Promise<string> {
  const command = '/nodejs/bin/node /app/countersign.cjs doctor --config /etc/countersign/config.yaml';
  const args = ['exec', ...IN_OWN, 'deploy/countersign', '--', ...command.split(' ')];
  return (await cluster.kubectl(args, { allowFailure: true })).stdout;
}

const of = ({ findings }: Report, check: string) => findings.filter((finding) => finding.check === check);

/** Until the doctor has this line, with something to do. */
async function expectLine(check: string, state: Examined['state'], says: RegExp): Promise<void> {
  await expect
    .poll(async () => of(await fromOutside(), check), { timeout: 60_000, interval: 1000 })
    .toContainEqual(
      expect.objectContaining({
        state,
        says: expect.stringMatching(says),
        ...(state !== 'ok' && { fix: expect.stringMatching(/.{10}/u) }),
      }),
    );
}

const serviceSelects = (component: string) =>
  cluster.kubectl([
    'patch',
    'service',
    'countersign',
    ...IN_OWN,
    '--type=merge',
    `--patch={"spec":{"selector":{"app.kubernetes.io/component":"${component}"}}}`,
  ]);

describe('the doctor on a release', () => {
  it('finds everything in order, and each replica ready', async () => {
    await expect.poll(async () => (await fromOutside()).code, { timeout: 60_000, interval: 1000 }).toBe(0);
    const report = await fromOutside();

    // Nothing is enforced yet, as after every install.
    expect(report.findings.filter(({ state }) => state !== 'ok')).toEqual([
      expect.objectContaining({
        check: 'policies',
        state: 'warn',
        says: expect.stringMatching(/no ScopePolicy/u),
      }),
    ]);
    expect(of(report, 'replicas')).toHaveLength(3);
    for (const { says } of of(report, 'replicas'))
      expect(says).toMatch(/^pod countersign-\S+ is ready; facts: \d+ s old; keys: taken up; /u);
    expect(of(report, 'service').map(({ says }) => says)).toEqual([
      '3 of 3 pods are ready behind Service countersign/countersign',
    ]);
  });

  it('is let in by Vault in the pod, as the webhook is', async () => {
    expect(await inThePod()).toMatch(/^ok +vault +.* is unsealed and active, and lets us in$/mu);
  });

  it('says that one replica is not enough', async () => {
    await scale(cluster, 1);
    await untilAlone(cluster);

    await expectLine('service', 'warn', /^1 of 1 pods are ready .*: one is not enough to survive a drain$/u);

    await scale(cluster, 3);
    await untilAlone(cluster);
  });

  it('says that the Service leads nowhere, and what comes of it', async () => {
    await serviceSelects('nothing');

    await expectLine('service', 'fail', /^no pod is behind Service countersign\/countersign$/u);
    await expectLine(
      'reachability',
      'fail',
      /calls injected\.countersign\.dev and fails: nobody is ready behind the Service/u,
    );

    await serviceSelects('webhook');
    await expectLine('service', 'ok', /^3 of 3 pods/u);
    await expectLine('reachability', 'ok', /^injected\.countersign\.dev: the API server reaches it/u);
  });

  it('says that nobody is left', async () => {
    await scale(cluster, 0);

    await expectLine('replicas', 'warn', /^no pod of countersign in namespace countersign$/u);
    await expectLine('service', 'fail', /^no pod is behind Service/u);

    await scale(cluster, 3);
    await untilAlone(cluster);
  });

  it('says that Vault is away, from outside and in the pod', async () => {
    await release.bao.stop();

    await expectLine('vault', 'warn', /^connection default .* cannot be reached from here: /u);
    expect(await inThePod()).toMatch(/^fail +vault +.* cannot be reached from here: /mu);
  });
});
