import { describe, expect, it } from 'vitest';
import type { InjectionPlan } from '../../../../src/core/inject/patch.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../../../src/core/json.ts';
import { inputFor, planFor, podWith, SETTINGS } from './fixtures.ts';

const P = 'countersign.dev/';

/** A pod that reads a KV value, with these keys changed; `undefined` removes one. */
function annotationsWith(
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const all = {
    inject: 'true',
    'credential.db': 'secret/data/shop/db',
    'file.password': 'db.password',
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[`${P}${key}`, value]])),
  );
}

function plan(
  changes: Readonly<Record<string, string | undefined>>,
  spec: JsonObject = {},
  settings = SETTINGS,
): InjectionPlan {
  const annotations = annotationsWith(changes);
  return planFor(inputFor(podWith(annotations, spec), annotations, settings));
}

function problemsOf(changes: Readonly<Record<string, string | undefined>>, spec: JsonObject = {}) {
  const annotations = annotationsWith(changes);
  const outcome = planInjection(inputFor(podWith(annotations, spec), annotations));
  if (outcome.kind !== 'problems') throw new Error(`no problems: ${JSON.stringify(outcome)}`);
  return outcome.problems.map(({ field, message }) => [field.replace(P, ''), message]);
}

const namesOf = (entries: unknown) => listOf(entries).map((entry) => textOf(objectOf(entry)['name']));
const containersOf = ({ initContainers }: InjectionPlan) => namesOf(initContainers.containers);
const INIT = ['countersign-init'];
const BOTH = ['countersign-init', 'countersign-agent'];
const ENV_ONLY = { 'file.password': undefined, 'env.PASSWORD': 'db.password' };

describe('a sidecar', () => {
  it.each<[string, Readonly<Record<string, string | undefined>>, readonly string[]]>([
    ['not for a value of KV', {}, INIT],
    ['not for variables of KV', ENV_ONLY, INIT],
    ['for a value of KV that is read again', { 'refresh.db': '5m' }, BOTH],
    ['for what may have a lease', { 'credential.db': 'database/creds/shop' }, BOTH],
    ['for what a call makes', { 'credential.db': 'write pki/issue/shop cn=x' }, BOTH],
    ['for a call below a KV mount', { 'credential.db': 'write secret/data/x a=b' }, BOTH],
    ['for a mount that is not known as KV', { 'credential.db': 'secrets/data/x' }, BOTH],
    ['for an identity', { 'identity.jwt': 'shop' }, BOTH],
    ['for the token as a file', { token: 'file' }, BOTH],
    ['for the token as a variable', { token: 'env' }, BOTH],
    ['where it is asked for', { agent: 'sidecar' }, BOTH],
    ['not where it is declined', { agent: 'init', token: 'file' }, INIT],
    ['not where that is written out', { agent: 'auto' }, INIT],
  ])('is there %s', (_, changes, names) => {
    expect(containersOf(plan(changes))).toEqual(names);
  });

  it('is the init container but for what makes it a sidecar', () => {
    const [init, sidecar] = plan({ token: 'file' }).initContainers.containers;

    expect(sidecar).toEqual({ ...init, name: 'countersign-agent', args: ['run'], restartPolicy: 'Always' });
  });

  it('restarts all containers by its exit code where that is asked for', () => {
    const [, sidecar] = plan({ 'refresh.db': '5m', 'env.P': 'db.p', rotate: 'restart' }).initContainers
      .containers;

    expect(sidecar).toMatchObject({
      restartPolicy: 'Always',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } }],
    });
    expect(plan({ 'refresh.db': '5m' }).initContainers.containers[1]).not.toHaveProperty(
      'restartPolicyRules',
    );
  });

  it.each([
    ['50m', SETTINGS.resources],
    ['70m', { requests: { cpu: '70m', memory: '32Mi' }, limits: { memory: '64Mi' } }],
    ['20m', { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '20m', memory: '64Mi' } }],
  ])('of a Guaranteed pod is given %s, since what it takes is set aside for good', (cpu, resources) => {
    const full = { cpu: '2', memory: '1Gi' };
    const spec = { containers: [{ name: 'api', resources: { limits: full, requests: full } }] };
    const [, sidecar] = plan({ token: 'file' }, spec, { ...SETTINGS, resources }).initContainers.containers;
    const both = { cpu, memory: '64Mi' };

    expect(sidecar?.['resources']).toEqual({ requests: both, limits: both });
  });

  it.each([
    ['notify', { notify: 'http://localhost/' }],
    ['rotate', { 'env.P': 'db.p', rotate: 'restart' }],
    ['notify', { notify: 'http://localhost/', agent: 'sidecar' }],
  ])('has nothing to do for %s where nothing changes', (field, changes) => {
    expect(problemsOf(changes)).toEqual([
      [
        field,
        'nothing that the pod reads changes while it runs; add countersign.dev/refresh.<credential>: <duration>',
      ],
    ]);
  });
});

describe('volumes', () => {
  it.each<[Readonly<Record<string, string | undefined>>, readonly string[]]>([
    [{}, ['token', 'state', 'files']],
    [ENV_ONLY, ['token', 'state', 'env']],
    [{ 'env.P': 'db.p' }, ['token', 'state', 'files', 'env']],
    [{ 'file.password': undefined, 'credential.db': undefined, token: 'env' }, ['token', 'state', 'env']],
    [
      { 'file.password': undefined, 'credential.db': undefined, 'identity.jwt': 'shop' },
      ['token', 'state', 'files'],
    ],
  ])('for %j', (changes, names) => {
    const planned = plan(changes);
    const want = names.map((name) => `countersign-${name}`);

    expect(namesOf(planned.volumes)).toEqual(want);
    for (const container of planned.initContainers.containers)
      expect(namesOf(container['volumeMounts'])).toEqual(want);
  });
});

const two = [{ name: 'api', env: [{ name: 'URL', value: '$(PASSWORD)' }] }, { name: 'log' }];

describe('variables', () => {
  it('come from the env file, whose volume is mounted in no consumer', () => {
    const { consumers } = plan({ ...ENV_ONLY, 'env.A': 'db.user', containers: 'api' }, { containers: two });
    const entry = (key: string) => ({
      name: key,
      valueFrom: { fileKeyRef: { volumeName: 'countersign-env', path: 'env', key, optional: false } },
    });

    expect(consumers).toEqual([
      { list: 'containers', index: 0, env: [entry('A'), entry('PASSWORD')], volumeMounts: [] },
    ]);
  });

  it('go where their credential goes, and files where theirs does', () => {
    const changes = {
      'env.PASSWORD': 'db.password',
      'file.password': undefined,
      'credential.tls': 'secret/data/tls',
      'file.tls': 'tls',
      'containers.db': 'api,migrate',
      'containers.tls': 'log',
    };
    const { consumers } = plan(changes, { containers: two, initContainers: [{ name: 'migrate' }] });

    expect(
      consumers.map(({ list, index, env, volumeMounts }) => [list, index, namesOf(env), volumeMounts.length]),
    ).toEqual([
      ['containers', 0, ['PASSWORD'], 0],
      ['containers', 1, [], 1],
      ['initContainers', 0, ['PASSWORD'], 0],
    ]);
  });

  it('may not be set by the container too', () => {
    expect(problemsOf({ ...ENV_ONLY, 'env.URL': 'db.url' }, { containers: two })).toEqual([
      [
        'spec.containers[api].env[URL]',
        'sets the same variable as countersign.dev/env.URL; keep one of the two',
      ],
    ]);
  });

  it('may be set by a container that does not get them', () => {
    expect(
      plan({ ...ENV_ONLY, 'env.URL': 'db.url', containers: 'log' }, { containers: two }).consumers,
    ).toHaveLength(1);
  });

  it('are not hidden by what is mounted over files', () => {
    const spec = { containers: [{ name: 'api', volumeMounts: [{ name: 'data', mountPath: '/run' }] }] };

    expect(plan(ENV_ONLY, spec).consumers).toHaveLength(1);
    expect(problemsOf({ 'env.P': 'db.p' }, spec)).toHaveLength(1);
  });
});

describe('the place behind a container', () => {
  const initContainers = [{ name: 'vpn', restartPolicy: 'Always' }, { name: 'wait' }, { name: 'migrate' }];

  it.each([
    ['vpn', 1],
    ['wait', 2],
    ['migrate', 3],
  ])('is asked for: %s', (name, at) => {
    expect(plan({ order: `after:${name}` }, { initContainers }).initContainers.at).toBe(at);
  });

  it('is in front of whoever needs the credentials', () => {
    expect(plan({ order: 'after:wait', containers: 'migrate' }, { initContainers }).initContainers.at).toBe(
      2,
    );
    expect(problemsOf({ order: 'after:migrate', containers: 'wait,migrate' }, { initContainers })).toEqual([
      ['order', 'init container wait needs credentials and would start before they are there'],
    ]);
  });

  it.each([
    ['api', { initContainers }, 'vpn, wait, migrate'],
    ['vpn', {}, 'none'],
  ])('can’t be behind %s, which is no init container', (name, spec, known) => {
    expect(problemsOf({ order: `after:${name}` }, spec)).toEqual([
      ['order', `there is no init container ${name} in the pod; there are ${known}`],
    ]);
  });
});

it('tells the agent all of it, in one order', () => {
  const [init] = plan({
    'identity.jwt': 'shop aud=x scope=a',
    'env.B': 'db.b|base64',
    token: 'env',
    'refresh.db': '5m',
    notify: 'http://127.0.0.1:8080/reload',
    rotate: 'restart',
  }).initContainers.containers;
  const text = textOf(objectOf(listOf(init?.['env'])[0])['value']) ?? '';
  const config = objectOf(JSON.parse(text));

  expect(Object.keys(config)).toEqual([
    'version',
    'vault',
    'credentials',
    'files',
    'env',
    'identities',
    'token',
    'sidecar',
    'notify',
    'rotate',
  ]);
  expect(config).toMatchObject({
    credentials: [{ name: 'db', refreshSeconds: 300 }],
    env: [
      { variable: 'B', value: { kind: 'field', credential: 'db', field: 'b', base64: true } },
      { variable: 'VAULT_TOKEN', value: { kind: 'token' } },
    ],
    identities: [{ file: 'jwt', role: 'shop', audience: 'x', scopes: ['a'] }],
    token: false,
    sidecar: true,
    notify: 'http://127.0.0.1:8080/reload',
    rotate: 'restart',
  });
});
