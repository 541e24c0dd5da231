import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedCluster } from '../support/cluster.ts';
import {
  applyTo,
  DENY_EVERY_RISK,
  enforcedNamespace,
  granted,
  NO_VAULT,
} from '../support/cluster-objects.ts';
import { startWire, type Wire } from '../support/proxy.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { workloadObject } from '../support/workload.ts';

/** The API server reaches the webhook, and the webhook can't reach the API server: what it knows grows old. */

const cluster = sharedCluster();
const LABEL = 'countersign.dev/outage';
const NEEDS = { 'countersign.dev/needs': 'get pods' };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'outage' },
  spec: {
    match: { namespaceSelector: { matchLabels: { [LABEL]: 'true' } } },
    onChange: { missing: 'Deny', excess: DENY_EVERY_RISK },
  },
};

let wire: Wire;
let registered: Registered;
beforeAll(async () => {
  const { hostname, port } = new URL(cluster.server);
  wire = await startWire({ host: hostname, port: Number(port) });
  registered = await registerWebhook(cluster, {
    policies: [POLICY],
    vault: NO_VAULT,
    server: `https://${hostname}:${wire.port}`,
  });
});
afterAll(async () => {
  wire.mend();
  await registered.stop();
  await wire.stop();
});

const apply = (...objects: object[]) => applyTo(cluster, ...objects);

const deploy = (namespace: string) =>
  apply(workloadObject({ namespace, annotations: NEEDS, metadata: { name: 'api', namespace } }));

describe('while the API server is out of reach', () => {
  it('a cache refuses nothing, and says what is not confirmed', async () => {
    const namespace = await enforcedNamespace(cluster, LABEL);
    await expect
      .poll(async () => (await deploy(namespace)).stderr, { timeout: 10_000 })
      .toContain('1 missing');
    wire.cut();
    const { code, stderr } = await deploy(namespace);

    expect(code).toBe(0);
    expect(stderr).toMatch(/Warning: .* 1 undetermined/u);
    expect(stderr).toContain('the API server could not be asked in time');
    wire.mend();
  });

  it('what happened meanwhile is known as soon as it is back, without a restart', async () => {
    const namespace = await enforcedNamespace(cluster, LABEL);
    await apply(...granted(namespace, 'pods', 'pods'));
    await expect.poll(async () => (await deploy(namespace)).code, { timeout: 10_000 }).toBe(0);
    await cluster.kubectl(['delete', 'deployment', 'api', '-n', namespace]);
    wire.cut();
    await apply(...granted(namespace, 'secrets', 'secrets'));
    wire.mend();

    await expect
      .poll(
        async () => {
          const { code, stderr } = await deploy(namespace);
          // Only a new one is judged.
          if (code === 0) await cluster.kubectl(['delete', 'deployment', 'api', '-n', namespace]);
          return stderr;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toMatch(/1 excess/u);
  });

  it('the log says it once for each kind and cause, and that it is over', () => {
    const said = registered.webhook.log.filter(({ msg }) => String(msg).startsWith('a watch '));
    const byKind = Map.groupBy(said, ({ kind }) => kind);
    const texts = [...byKind.values()].map((lines) =>
      lines.map(({ msg, code }) => JSON.stringify([msg, code])),
    );
    const repeated = texts.flatMap((lines) => lines.filter((line, at) => line === lines[at - 1]));

    expect(repeated).toEqual([]);
    expect(texts.flat().filter((line) => line.includes('a watch failed')).length).toBeGreaterThan(0);
    expect(texts.flat().filter((line) => line.includes('a watch is back')).length).toBeGreaterThan(0);
  });
});
