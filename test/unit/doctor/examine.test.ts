import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../../src/doctor/check.ts';
import { readConfigText } from '../../../src/doctor/config-text.ts';
import { type Examined, examine } from '../../../src/doctor/examine.ts';
import { readRegistrations } from '../../../src/doctor/registrations.ts';
import { jsonReport, textReport } from '../../../src/doctor/report.ts';
import { createKubeClient } from '../../../src/kube/client.ts';
import { body, type FakeKube, startFakeKube, status } from '../../support/fake-kube.ts';
import { answer, startFakeVault } from '../../support/fake-vault.ts';

const NS = '/api/v1/namespaces/countersign';
const PODS = `${NS}/pods`;
const READYZ = `${PODS}/http:countersign-1:9090/proxy/readyz`;
const READY = { ready: true, checks: [{ name: 'facts', ok: true, detail: '3 s old' }] };

let kube: FakeKube;
beforeEach(async () => {
  kube = await startFakeKube();
  kube.serve('/version', { gitVersion: 'v1.37.2' });
  const metadata = { name: 'countersign-1', namespace: 'countersign' };
  kube.put(PODS, { metadata, status: { phase: 'Running' } });
});
afterEach(() => kube.stop());

function surroundings(config = ''): Surroundings {
  const client = createKubeClient(kube.access);
  if (config !== '') kube.serve(`${NS}/configmaps/countersign`, { data: { 'config.yaml': config } });
  return {
    client,
    namespace: 'countersign',
    probeNamespace: 'default',
    now: new Date(),
    inCluster: false,
    registrations: () => readRegistrations(client),
    configText: () => readConfigText(client, 'countersign', undefined),
  };
}

async function said(check: string, config?: string): Promise<readonly Partial<Examined>[]> {
  return (await examine(surroundings(config))).filter((one) => one.check === check);
}

describe('an examination', () => {
  it('ends where the API server does not answer', async () => {
    kube.upset('other', '/version', status(503, 'ServiceUnavailable'));

    expect(await examine(surroundings())).toMatchObject([
      { check: 'api-server', state: 'fail', says: expect.stringContaining('503 ServiceUnavailable') },
    ]);
  });

  it.each([401, 403])('says what it may not see where the answer is %s', async (code) => {
    kube.upset('list', '/api/v1/nodes', status(code, 'Forbidden'));

    expect(await said('nodes')).toMatchObject([
      {
        state: 'warn',
        undetermined: true,
        says: expect.stringMatching(/^not looked at: GET \/api\/v1\/nodes/),
      },
    ]);
  });

  it('goes on with the others where one fails', async () => {
    kube.upset('list', '/api/v1/nodes', body('nonsense'));
    const checks = await examine(surroundings());

    expect(checks.filter(({ check }) => check === 'nodes')).toMatchObject([{ state: 'fail' }]);
    expect(checks.map(({ check }) => check)).toEqual(expect.arrayContaining(['vault', 'policies', 'rbac']));
  });
});

describe('a replica', () => {
  it('that is ready says how old its caches are', async () => {
    kube.serve(READYZ, READY);

    expect(await said('replicas')).toMatchObject([
      { state: 'ok', says: 'pod countersign-1 is ready; facts: 3 s old' },
    ]);
  });

  it('that is not ready says why, though its answer is a refusal', async () => {
    const checks = [{ name: 'facts', ok: false, detail: 'missing: list,watch nodes everywhere' }];
    kube.serve(READYZ, READY);
    kube.upset('other', READYZ, body(JSON.stringify({ ready: false, checks }), 503));

    expect(await said('replicas')).toMatchObject([
      {
        state: 'fail',
        says: 'pod countersign-1 is not ready; facts: missing: list,watch nodes everywhere',
      },
    ]);
  });

  it.each<[string, Parameters<FakeKube['upset']>[2], string]>([
    ['may not be asked', status(403, 'Forbidden'), 'may not get pods/proxy'],
    ['cannot be asked by the API server', status(503, 'ServiceUnavailable'), 'ServiceUnavailable here'],
    ['answers with nonsense', body('nonsense'), 'the answer is not JSON'],
    ['answers with another shape', body('{"checks":3}'), 'it answers with something unexpected'],
  ])('that %s is undetermined', async (_, fault, why) => {
    kube.serve(READYZ, READY);
    kube.upset('other', READYZ, fault);

    expect(await said('replicas')).toMatchObject([
      { state: 'warn', undetermined: true, says: expect.stringContaining(why) },
    ]);
  });

  it('whose pod is of another component, or ends, is none', async () => {
    for (const [name, metadata] of Object.entries({
      'countersign-1': { deletionTimestamp: '2026-01-01T00:00:00Z' },
      test: { labels: { 'app.kubernetes.io/component': 'test' } },
    })) {
      kube.put(PODS, { metadata: { name, namespace: 'countersign', ...metadata }, status: {} });
    }
    expect(await said('replicas')).toMatchObject([
      { says: 'no pod of countersign in namespace countersign' },
    ]);
  });
});

describe('a Vault', () => {
  it.each([
    [200, 'ok', 'is unsealed and active'],
    [503, 'fail', 'is sealed'],
    [501, 'fail', 'is not initialised'],
    [418, 'warn', 'answers its health with 418'],
  ])('whose health is %s is %s', async (code, state, says) => {
    const vault = await startFakeVault(() => answer({ sealed: true }, code));
    const config = `vaults: { default: { address: "${vault.address}", allowHTTP: true } }`;
    const findings = await said('vault', config);
    await vault.stop();

    expect(findings).toMatchObject([{ state, says: expect.stringContaining(says) }]);
    expect(vault.asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /v1/sys/health']);
    expect(vault.asked[0]?.headers).not.toHaveProperty('x-vault-token');
  });

  it.each(['ftp://vault', 'http://vault/v1', '', 'nonsense'])('at %j is no Vault', async (address) => {
    expect(await said('vault', JSON.stringify({ vaults: { default: { address } } }))).toMatchObject([
      { undetermined: true, says: expect.stringContaining('expected https://host') },
    ]);
  });
});

describe('the report', () => {
  const HOSTILE = 'name\u001b[31m\nok    registration   all is well \u202e';
  const examined: readonly Examined[] = [
    { check: 'nodes', state: 'ok', says: 'all is well' },
    { check: 'policies', state: 'fail', says: HOSTILE, fix: HOSTILE },
    { check: 'vault', state: 'warn', says: 'x'.repeat(5000), fix: 'try', undetermined: true },
  ];

  it('has a line for each thing, one for each fix, and the counts', () => {
    expect(textReport(examined, (_, text) => text).split('\n')).toEqual([
      'ok    nodes          all is well',
      expect.stringMatching(/^fail {2}policies {7}name\\u001b\[31m\\u000aok/),
      expect.stringMatching(/^ +fix: name\\u001b\[31m\\u000aok/),
      expect.stringMatching(/^warn {2}vault {10}x{399}…$/),
      '                     fix: try',
      '',
      '1 ok, 1 warn, 1 fail, 1 of the warnings could not be looked at',
    ]);
  });

  it.each([
    ['text', textReport(examined, (_, text) => text)],
    ['JSON', jsonReport(examined)],
  ])('as %s holds nothing that a terminal obeys', (_, text) => {
    expect(text.replaceAll('\n', '')).toMatch(/^\P{C}*$/u);
  });
});
