import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Examined } from '../../src/doctor/examine.ts';
import { selfSigned } from '../../src/server/self-signed.ts';
import { countersign } from '../support/cli.ts';
import { sharedCluster } from '../support/cluster.ts';
import { applyTo } from '../support/cluster-objects.ts';
import { type OpenBao, startOpenBao } from '../support/openbao.ts';
import { type Registered, registerWebhook } from '../support/registered.ts';
import { createCa, type LeafOptions } from '../support/tls.ts';

/** A healthy installation, and each way in which it breaks, with the line that the doctor has for it. */

const cluster = sharedCluster();
const apply = (...objects: object[]) => applyTo(cluster, ...objects);

interface Entry {
  readonly name: string;
  readonly clientConfig: { readonly url: string; readonly caBundle: string };
  readonly [field: string]: unknown;
}

interface Configuration {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly webhooks: readonly Entry[];
}

let bao: OpenBao;
let registered: Registered;
let mutating: Configuration;
let validating: Configuration;

beforeAll(async () => {
  bao = await startOpenBao({ tls: false });
  registered = await registerWebhook(cluster, { policies: [], vault: { address: bao.address } });
  mutating = await read('mutatingwebhookconfiguration');
  validating = withAdvice(await read('validatingwebhookconfiguration'));
  await apply(CONFIG_MAP(bao.address), policy({ onChange: { missing: 'Warn' } }));
  await apply(validating);
});
afterAll(async () => {
  await cluster.kubectl(['delete', 'scopepolicy', 'doctor', '--ignore-not-found']);
  await cluster.kubectl(['delete', 'configmap', 'countersign', '-n', 'countersign', '--ignore-not-found']);
  await registered.stop();
  await bao.stop();
});

/** As the tests register it, advice is left out. */
function withAdvice(configuration: Configuration): Configuration {
  const change = configuration.webhooks.find(({ name }) => name === 'change.countersign.dev');
  const advice = {
    ...change,
    name: 'advise.countersign.dev',
    failurePolicy: 'Ignore',
    timeoutSeconds: 2,
    namespaceSelector: {
      matchExpressions: [
        { key: 'countersign.dev/enforce', operator: 'NotIn', values: ['true'] },
        { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['nowhere'] },
      ],
    },
  };
  return { ...configuration, webhooks: [...configuration.webhooks, advice as unknown as Entry] };
}

async function read(resource: string): Promise<Configuration> {
  const { stdout } = await cluster.kubectl(['get', resource, 'countersign', '-o', 'json']);
  const { apiVersion, kind, webhooks } = JSON.parse(stdout) as Configuration;
  return { apiVersion, kind, metadata: { name: 'countersign' }, webhooks };
}

const CONFIG_MAP = (address: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'countersign', namespace: 'countersign' },
  data: {
    'config.yaml': JSON.stringify({
      webhook: {
        tls: { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key' },
        caller: { mode: 'path', segment: 'test-segment' },
      },
      vaults: { default: { address, allowHTTP: true } },
      injection: { image: 'registry.example/countersign-agent:1', keyFile: '/keys/current' },
      ...more,
    }),
  },
});

function policy(spec: object): object {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name: 'doctor' },
    spec: { match: { namespaceSelector: { matchLabels: { doctor: 'true' } } }, ...spec },
  };
}

/** The configuration with one of its webhooks changed. */
function changed(configuration: Configuration, webhook: string, change: (entry: Entry) => object): object {
  const webhooks = configuration.webhooks.map((entry) =>
    entry.name === webhook ? { ...entry, ...change(entry) } : entry,
  );
  return { ...configuration, webhooks };
}

const calling = (change: (clientConfig: Entry['clientConfig']) => object) =>
  changed(validating, 'injected.countersign.dev', ({ clientConfig }) => ({
    clientConfig: { ...clientConfig, ...change(clientConfig) },
  }));

async function doctor(...args: string[]) {
  const { code, out, err } = await countersign([
    'doctor',
    '--kubeconfig',
    cluster.kubeconfig,
    '-o',
    'json',
    ...args,
  ]);
  if (out === '') throw new Error(`the doctor said nothing: ${err}`);
  return { code, findings: (JSON.parse(out) as { findings: readonly Examined[] }).findings };
}

const sick = async (...args: string[]) =>
  (await doctor(...args)).findings.filter(({ state }) => state !== 'ok');

describe('a healthy installation', () => {
  it('is so in every line, and the way of the API server to us is proved', async () => {
    await expect.poll(async () => (await doctor()).code, { timeout: 30_000, interval: 500 }).toBe(0);
    const { findings } = await doctor();

    expect(findings.filter(({ state }) => state === 'fail')).toEqual([]);
    expect(findings.filter(({ state }) => state === 'warn').map(({ says }) => says)).toEqual([
      'no pod of countersign in namespace countersign',
      'there are no nodes yet',
    ]);
    expect(findings.map(({ says }) => says)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Kubernetes v1\./),
        'CRD scopepolicies.countersign.dev serves v1alpha1',
        'ConfigMap countersign/countersign is valid',
        'injected.countersign.dev: Fail, as it ships',
        'advise.countersign.dev: Ignore, as it ships',
        expect.stringMatching(/^caBundle has one CA, for \d+ days$/),
        'inject.countersign.dev: the API server reaches it, trusts it, and is known to it',
        'injected.countersign.dev: the API server reaches it, trusts it, and is known to it',
        expect.stringMatching(/^serviceaccount countersign\/countersign holds all \d\d rights$/),
        'the ScopePolicy is valid',
        `connection default (${bao.address}) is unsealed and active`,
      ]),
    );
  });

  it('is left as it was', async () => {
    const { stdout } = await cluster.kubectl(['get', 'pods', '-n', 'default', '-o', 'name']);
    expect(stdout).not.toContain('doctor');
  });
});

/** Whoever answers there, it is with this certificate, of a CA that the API server trusts. */
async function servedWith(leaf: LeafOptions): Promise<void> {
  const authority = await createCa();
  other = createServer(await authority.issue(leaf)).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const caBundle = Buffer.from(authority.pem).toString('base64');
  await apply(calling(() => ({ url: `https://127.0.0.1:${port}/injected/test-segment`, caBundle })));
}

let other: Server | undefined;

describe('an installation', () => {
  afterEach(async () => {
    other?.close();
    other?.closeAllConnections();
    const second = ['validatingwebhookconfiguration', 'countersign-two', '--ignore-not-found'];
    await cluster.kubectl(['delete', ...second]);
    await apply(mutating, validating, policy({ onChange: { missing: 'Warn' } }), CONFIG_MAP(bao.address));
    await cluster.kubectl(['apply', '-f', 'manifests/rbac.yaml']);
  });

  it.each<[string, () => Promise<unknown>, Partial<Examined>]>([
    [
      'whose mutating webhooks were deleted',
      () => cluster.kubectl(['delete', 'mutatingwebhookconfiguration', 'countersign']),
      { check: 'registration', state: 'fail', says: 'MutatingWebhookConfiguration countersign is missing' },
    ],
    [
      'whose validating webhooks were deleted',
      () => cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'countersign']),
      { check: 'reachability', state: 'fail', says: 'did not ask injected.countersign.dev' },
    ],
    [
      'beside a second one',
      () => apply({ ...validating, metadata: { name: 'countersign-two' } }),
      { check: 'registration', state: 'fail', says: 'countersign-two registers webhooks of ours as well' },
    ],
    [
      'that fails open where it must not',
      () => apply(changed(validating, 'injected.countersign.dev', () => ({ failurePolicy: 'Ignore' }))),
      {
        check: 'registration',
        state: 'fail',
        says: 'injected.countersign.dev: failurePolicy Ignore instead of Fail',
      },
    ],
    [
      'that blocks where it must not',
      () => apply(changed(validating, 'grant.countersign.dev', () => ({ failurePolicy: 'Fail' }))),
      {
        check: 'registration',
        state: 'fail',
        says: 'grant.countersign.dev: failurePolicy Fail instead of Ignore',
      },
    ],
    [
      'with another timeout',
      () => apply(changed(validating, 'change.countersign.dev', () => ({ timeoutSeconds: 30 }))),
      { check: 'registration', state: 'warn', says: 'timeoutSeconds 30 instead of 5' },
    ],
    [
      'without a condition',
      () => apply(changed(validating, 'injected.countersign.dev', () => ({ matchConditions: [] }))),
      { check: 'registration', state: 'warn', says: 'without its condition ours, changed' },
    ],
    [
      'that is not reached where pods are given their credentials',
      () =>
        apply(
          changed(mutating, 'inject.countersign.dev', ({ clientConfig }) => ({
            clientConfig: { ...clientConfig, url: clientConfig.url.replace('test-segment', 'other') },
          })),
        ),
      {
        check: 'reachability',
        state: 'fail',
        says: 'inject.countersign.dev: the API server does not get there',
      },
    ],
    [
      'whose caBundle was overwritten',
      async () => {
        const caBundle = Buffer.from((await selfSigned()).ca).toString('base64');
        await apply(calling(() => ({ caBundle })));
      },
      { check: 'reachability', state: 'fail', says: 'it does not trust our certificate' },
    ],
    [
      'whose certificate is for another name',
      () => servedWith({ dns: ['other.example'], ips: [] }),
      { check: 'reachability', state: 'fail', says: 'our certificate is for another name' },
    ],
    [
      'whose certificate has expired',
      () => servedWith({ notAfter: new Date(Date.now() - 60_000) }),
      { check: 'reachability', state: 'fail', says: 'our certificate has expired' },
    ],
    [
      'that is called at a path with another segment',
      () => apply(calling(({ url }) => ({ url: url.replace('test-segment', 'other') }))),
      { check: 'reachability', state: 'fail', says: 'we do not know the path that it calls' },
    ],
    [
      'that is called where nobody listens',
      () => apply(calling(({ url }) => ({ url: url.replace(/:\d+/, ':1') }))),
      { check: 'reachability', state: 'fail', says: 'nobody listens there' },
    ],
    [
      'whose role lost a rule',
      async () => {
        const patch = JSON.stringify([{ op: 'remove', path: '/rules/1' }]);
        await cluster.kubectl(['patch', 'clusterrole', 'countersign', '--type=json', '-p', patch]);
      },
      { check: 'rbac', state: 'fail', says: 'may not list nodes' },
    ],
    [
      'with a policy that is not valid',
      () => apply(policy({ onChange: { missing: 'Warn' }, allow: ['get pods in'] })),
      { check: 'policies', state: 'fail', says: 'ScopePolicy doctor is not valid' },
    ],
    [
      'with a configuration that is not valid',
      () => apply(CONFIG_MAP(bao.address, { factsMaxAgeSecond: 3 })),
      { check: 'configuration', state: 'fail', says: 'factsMaxAgeSecond: unknown key' },
    ],
    [
      'with a Vault that is away',
      () => apply(CONFIG_MAP('http://127.0.0.1:1')),
      { check: 'vault', state: 'warn', says: 'cannot be reached from here', undetermined: true },
    ],
  ])('%s has a line that says so, and what to do', async (_, harm, { says = '', ...expected }) => {
    await harm();

    await expect
      .poll(() => sick(), { timeout: 20_000, interval: 500 })
      .toContainEqual(
        expect.objectContaining({
          ...expected,
          says: expect.stringContaining(says),
          fix: expect.stringMatching(/.{10}/),
        }),
      );
  });
});

describe('the doctor', () => {
  it('says what it may not see, to somebody without rights, and ends with 3', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'nobody', '-n', 'countersign']);
    const token = await cluster.serviceAccountToken(
      { namespace: 'countersign', name: 'nobody' },
      'https://kubernetes.default.svc',
    );
    const file = join(cluster.dir, 'nobody.json');
    const ca = Buffer.from(cluster.caPem).toString('base64');
    await writeFile(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'own',
        contexts: [{ name: 'own', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: cluster.server, 'certificate-authority-data': ca } }],
        users: [{ name: 'u', user: { token } }],
      }),
    );
    const { code, out } = await countersign(['doctor', '--kubeconfig', file]);
    await cluster.kubectl(['delete', 'serviceaccount', 'nobody', '-n', 'countersign']);

    expect(code).toBe(3);
    expect(out).toMatch(/^warn {2}registration +not looked at: GET \/apis\/admissionregistration/mu);
    expect(out).toMatch(/^warn {2}reachability +not proved/mu);
    expect(out).not.toMatch(/^fail/mu);
    expect(out).not.toContain(token);
  });

  it('tries its pod where it is told to', async () => {
    expect(await sick('--probe-namespace', 'nowhere')).toContainEqual(
      expect.objectContaining({ check: 'reachability', says: expect.stringContaining('namespace nowhere') }),
    );
  });

  it('ends with 2 for a kubeconfig that is not there', async () => {
    const { code, err } = await countersign(['doctor', '--kubeconfig', '/does/not/exist']);
    expect(code).toBe(2);
    expect(err).toContain('/does/not/exist');
  });
});
