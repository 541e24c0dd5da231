import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { type JsonObject, objectOf } from '../../src/core/json.ts';
import { heardHost } from '../support/cli-host.ts';
import { sharedCluster } from '../support/cluster.ts';
import {
  applyTo,
  DENY_EVERY_RISK,
  enforcedNamespace,
  granted,
  NO_VAULT,
} from '../support/cluster-objects.ts';
import { installCrds } from '../support/crds.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

/** The bundle with the rights that ship refuses what is nowhere stored; its Denial is enough to mend it. */

const cluster = sharedCluster();
const LABEL = 'countersign.dev/fix-denial';
const WAIT = { timeout: 30_000, interval: 250 };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'fix-denial' },
  spec: {
    priority: 1000,
    match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } },
    onChange: { missing: 'Deny', excess: DENY_EVERY_RISK },
    grants: { mayWaive: ['missing'] },
  },
};

let registered: Registered;
let namespace: string;

beforeAll(async () => {
  await installCrds(cluster);
  registered = await registerWebhook(cluster, { policies: [], vault: NO_VAULT });
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(POLICY) });
  namespace = await enforcedNamespace(cluster, LABEL);
  const [role, binding] = granted(namespace, 'api', 'pods');
  const rules = [{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get'] }];
  const items = [{ ...role, rules }, binding];
  const list = { apiVersion: 'v1', kind: 'List', items };
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
});
afterAll(async () => {
  await registered.stop();
  await cluster.kubectl(['delete', 'scopepolicy', 'fix-denial']);
  await cluster.kubectl(['delete', 'namespace', namespace, '--wait=false']);
});

const deployment = () =>
  workloadObject({ namespace, annotations: { 'countersign.dev/needs': 'get pods # for the watcher' } });

/** Nothing of it is stored, and nothing recorded. */
async function tried(): Promise<string> {
  const args = ['apply', '--dry-run=server', '-f', '-'];
  const { stderr } = await cluster.kubectl(args, {
    input: JSON.stringify(deployment()),
    allowFailure: true,
  });
  return stderr;
}

async function stored(id: string): Promise<JsonObject | undefined> {
  const { code, stdout } = await cluster.kubectl(['get', 'denial', id, '-n', namespace, '-o', 'json'], {
    allowFailure: true,
  });
  return code === 0 ? objectOf(JSON.parse(stdout)) : undefined;
}

async function run(...args: string[]) {
  const heard = heardHost();
  const code = await runCli([...args, '-n', namespace, '--kubeconfig', cluster.kubeconfig], heard.host);
  return { code, out: heard.out(), err: heard.err() };
}

describe('a Deployment that is refused for what its account holds too much, and was never stored', () => {
  it('passes once the fix of its Denial is applied', async () => {
    await expect.poll(tried, WAIT).toContain('policy fix-denial');
    const { code, stderr } = await applyTo(cluster, deployment());
    const [, id = ''] = /: 1 excess \[(d-[0-9a-z]{8}), policy fix-denial\]/u.exec(stderr) ?? [];

    expect(code, stderr).toBe(1);
    expect(stderr).toContain(`(kubectl countersign fix ${id} -n ${namespace} prints how)`);
    expect(stderr).not.toContain('waiver');
    await expect
      .poll(() => stored(id), WAIT)
      .toMatchObject({
        spec: { needs: [`get pods in ${namespace}`], mayWaive: [] },
      });
    expect((await run('explain', id)).out).toContain('policy fix-denial lets no grant waive any of it');
    expect(await run('grant', id, '--reason', 'stuck')).toMatchObject({
      code: 1,
      err: expect.stringContaining(`policy fix-denial lets nothing of ${id} be waived`),
    });

    const fix = await run('fix', id, '-o', 'yaml');
    expect(fix, fix.err).toMatchObject({
      code: 0,
      out: expect.stringContaining('# narrowed to what is needed'),
    });
    await cluster.kubectl(['apply', '-f', '-'], { input: fix.out });

    await expect.poll(async () => (await applyTo(cluster, deployment())).code, WAIT).toBe(0);
  });
});
