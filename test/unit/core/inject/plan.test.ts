import { describe, expect, it } from 'vitest';
import type { InjectionPlan } from '../../../../src/core/inject/patch.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import type { InjectionSettings } from '../../../../src/core/inject/settings.ts';
import { type Json, type JsonObject, listOf, objectOf, textOf } from '../../../../src/core/json.ts';
import { ASKS, injected, inputFor, LOGIN, planFor, podWith, SETTINGS } from './fixtures.ts';

const P = 'countersign.dev/';

function plan(
  spec: JsonObject,
  changes: Readonly<Record<string, string>> = {},
  settings = SETTINGS,
): InjectionPlan {
  const annotations = { ...ASKS, ...changes };
  return planFor(inputFor(podWith(annotations, spec), annotations, settings));
}

function init(planned: InjectionPlan): JsonObject {
  const [container] = planned.initContainers.containers;
  if (container === undefined) throw new Error('no init container');
  return container;
}

function problemsOf(
  spec: JsonObject,
  changes: Readonly<Record<string, string>> = {},
  settings: InjectionSettings = SETTINGS,
): readonly (readonly [string, string])[] {
  const annotations = { ...ASKS, ...changes };
  const outcome = planInjection(
    inputFor(podWith(annotations, spec), { ...ASKS, ...ours(changes) }, settings),
  );
  if (outcome.kind !== 'problems') throw new Error(`no problems: ${JSON.stringify(outcome)}`);
  return outcome.problems.map(({ field, message }) => [field, message]);
}

function ours(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith(P)));
}

const two = [{ name: 'api' }, { name: 'log' }];

describe('who gets the files', () => {
  it('is every regular container by default', () => {
    const { consumers } = plan({ initContainers: [{ name: 'migrate' }], containers: two });

    expect(consumers.map(({ list, index }) => [list, index])).toEqual([
      ['containers', 0],
      ['containers', 1],
    ]);
  });

  it('is who is named, init containers too', () => {
    const spec = { initContainers: [{ name: 'x' }, { name: 'migrate' }], containers: two };
    const { consumers } = plan(spec, { [`${P}containers`]: 'migrate,log' });

    expect(consumers.map(({ list, index }) => [list, index])).toEqual([
      ['containers', 1],
      ['initContainers', 1],
    ]);
  });

  it('mounts them read-only', () => {
    expect(plan({}).consumers[0]).toEqual({
      list: 'containers',
      index: 0,
      env: [],
      volumeMounts: [
        { name: 'countersign-files', mountPath: '/var/run/secrets/countersign.dev', readOnly: true },
      ],
    });
  });
});

describe('the place of the init container', () => {
  const proxy = { name: 'istio-proxy', restartPolicy: 'Always' };
  it.each<[string, readonly JsonObject[], Readonly<Record<string, string>>, number]>([
    ['first', [{ name: 'a' }], {}, 0],
    ['behind a mesh proxy that is a native sidecar', [{ name: 'a' }, proxy, { name: 'b' }], {}, 2],
    ['behind linkerd too', [{ name: 'linkerd-proxy', restartPolicy: 'Always' }], {}, 1],
    ['first where the proxy is no sidecar', [{ name: 'istio-proxy' }], {}, 0],
    ['first where that was asked', [proxy], { [`${P}order`]: 'first' }, 0],
    ['never behind a consumer', [{ name: 'migrate' }, proxy], { [`${P}containers`]: 'migrate' }, 0],
    [
      'between proxy and consumer',
      [proxy, { name: 'x' }, { name: 'migrate' }],
      { [`${P}containers`]: 'migrate' },
      1,
    ],
  ])('is %s', (_, initContainers, changes, at) => {
    expect(plan({ initContainers }, changes).initContainers.at).toBe(at);
  });
});

function user(runAsUser: Json): JsonObject {
  return { securityContext: { runAsUser } };
}

function userOf(spec: JsonObject, settings = SETTINGS, changes = {}): Json | undefined {
  return init(plan(spec, changes, settings))['securityContext'];
}

describe('the user of the agent', () => {
  it.each<[string, JsonObject, number]>([
    ['configured', { containers: two }, 65532],
    ['the pod’s', { ...user(1000), containers: two }, 1000],
    [
      'the common one of the containers',
      {
        containers: [
          { name: 'a', ...user(7) },
          { name: 'b', ...user(7) },
        ],
      },
      7,
    ],
    ['the container’s before the pod’s', { ...user(1000), containers: [{ name: 'a', ...user(7) }] }, 7],
    [
      'configured where they differ',
      {
        containers: [
          { name: 'a', ...user(7) },
          { name: 'b', ...user(8) },
        ],
      },
      65532,
    ],
    ['configured where one has none', { containers: [{ name: 'a', ...user(7) }, { name: 'b' }] }, 65532],
    ['never root', { ...user(0), containers: two }, 65532],
    ['no nonsense', { ...user('1000'), containers: two }, 65532],
    ['no fraction', { ...user(1.5), containers: two }, 65532],
  ])('is %s', (_, spec, expected) => {
    expect(userOf(spec)).toMatchObject({ runAsUser: expected, runAsNonRoot: true });
  });

  it('is only that of the consumers', () => {
    const spec = {
      containers: [
        { name: 'api', ...user(7) },
        { name: 'log', ...user(8) },
      ],
    };

    expect(userOf(spec, SETTINGS, { [`${P}containers`]: 'log' })).toMatchObject({ runAsUser: 8 });
  });

  it('is the platform’s where so configured', () => {
    expect(
      userOf({ ...user(1000), containers: two }, { ...SETTINGS, runAsUser: undefined }),
    ).not.toHaveProperty('runAsUser');
  });
});

describe('resources', () => {
  const full = { cpu: '250m', memory: '1Gi' };
  const guaranteed = { containers: [{ name: 'api', resources: { limits: full, requests: full } }] };

  it('are as configured', () => {
    expect(init(plan({}))['resources']).toEqual({
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { memory: '64Mi' },
    });
  });

  it('are equal in a Guaranteed pod, with the cpu that costs it nothing', () => {
    const both = { cpu: '250m', memory: '64Mi' };

    expect(init(plan(guaranteed))['resources']).toEqual({ requests: both, limits: both });
  });

  it('are equal with the cpu limit that is configured', () => {
    const resources = { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '50m', memory: '64Mi' } };
    const both = { cpu: '50m', memory: '64Mi' };

    expect(init(plan(guaranteed, {}, { ...SETTINGS, resources }))['resources']).toEqual({
      requests: both,
      limits: both,
    });
    expect(init(plan({}, {}, { ...SETTINGS, resources }))['resources']).toEqual(resources);
  });
});

function configOf(planned: InjectionPlan): string {
  const [entry] = listOf(init(planned)['env']);
  return textOf(objectOf(entry)['value']) ?? '';
}

describe('the agent’s configuration', () => {
  it('holds connection, role, credentials and files', () => {
    const planned = plan({}, { [`${P}vault`]: 'far', [`${P}token`]: 'file' });

    expect(JSON.parse(configOf(planned))).toEqual({
      version: 1,
      vault: {
        address: 'https://far.example',
        namespace: 'eu',
        authMount: 'k8s-eu',
        authMethod: 'jwt',
        role: 'shop_api',
        ca: SETTINGS.vaults['far']?.ca,
        tlsServerName: 'vault.far',
      },
      credentials: [
        { name: 'db', operation: 'read', path: 'secret/data/shop/db', parameters: {}, kv2: false },
      ],
      files: [{ file: 'password', content: { kind: 'field', credential: 'db', field: 'password' } }],
      env: [],
      identities: [],
      token: true,
      sidecar: true,
      rotate: 'none',
    });
  });

  it.each([
    ['secret/data/x', true],
    ['team/kv/data/x', true],
    ['secret/metadata/x', false],
    ['secrets/x', false],
    ['database/creds/x', false],
  ])('knows that %s is KV version 2: %s', (path, kv2) => {
    const config: unknown = JSON.parse(configOf(plan({}, { [`${P}credential.db`]: path })));

    expect(config).toMatchObject({ credentials: [{ kv2 }] });
  });

  it('holds no dollar sign, which Kubernetes would expand', () => {
    const text = '$(HOME) $$ {db.password} $ä';
    const config = configOf(plan({}, { [`${P}file.password`]: text }));

    expect(config).not.toContain('$');
    expect(JSON.parse(config)).toMatchObject({
      files: [{ content: { template: [{ text: '$(HOME) $$ ' }, {}, { text: ' $ä' }] } }],
    });
  });

  it('is the same text for the same request, however the annotations are ordered', () => {
    const reversed = Object.fromEntries(Object.entries(ASKS).toReversed());

    expect(planFor(inputFor(podWith(reversed), reversed))).toEqual(planFor(inputFor(podWith(ASKS))));
  });
});

function conflict(path: string): string {
  const place = '/var/run/secrets/countersign.dev, where the credentials are';
  return `the mount at ${path} overlaps ${place}; mount it elsewhere, or select other containers`;
}

function mounting(mountPath: string): JsonObject {
  return { containers: [{ name: 'api', volumeMounts: [{ name: 'data', mountPath }] }] };
}

describe('a pod that can’t be injected', () => {
  const windows =
    'Windows pods get no credentials: their volumes are not kept in memory, and the agent runs on Linux';
  const reserved = 'volume names that start with "countersign-" belong to Countersign';
  const used = "uses a volume of Countersign's, which only Countersign may give to a container";
  it.each<[string, JsonObject, Readonly<Record<string, string>>, string, string]>([
    [
      'names a container that is not there',
      { containers: two },
      { [`${P}containers`]: 'web' },
      `${P}containers`,
      'there is no container web in the pod; there are api, log',
    ],
    [
      'names a connection that is not there',
      {},
      { [`${P}vault`]: 'eu' },
      `${P}vault`,
      'there is no connection eu; there are default, far',
    ],
    [
      'names a connection like a property',
      {},
      { [`${P}vault`]: 'constructor' },
      `${P}vault`,
      'there is no connection constructor; there are default, far',
    ],
    [
      'goes past the data of KV version 2',
      {},
      { [`${P}credential.db`]: 'secret/shop/db' },
      `${P}credential.db`,
      'secret is a KV version 2 mount, whose API paths go through data; write secret/data/shop/db',
    ],
    [
      'asks for too much',
      {},
      { [`${P}file.password`]: `{db.a}${'x'.repeat(122_880)}` },
      'metadata.annotations',
      'the credentials and files asked for exceed 120 KiB; shorten the templates',
    ],
    ['is for Windows', { os: { name: 'windows' } }, {}, 'spec.os.name', windows],
    [
      'is for Windows nodes',
      { nodeSelector: { 'kubernetes.io/os': 'windows' } },
      {},
      'spec.nodeSelector[kubernetes.io/os]',
      windows,
    ],
    [
      'has a volume of our name',
      { volumes: [{ name: 'countersign-x', emptyDir: {} }] },
      {},
      'spec.volumes[countersign-x]',
      reserved,
    ],
    [
      'has a container of our name',
      { containers: [{ name: 'api' }, { name: 'countersign-init', image: 'x' }] },
      {},
      'spec.containers[countersign-init]',
      "this container's name belongs to Countersign",
    ],
    [
      'has an init container of our name',
      { initContainers: [{ name: 'countersign-agent' }] },
      {},
      'spec.initContainers[countersign-agent]',
      "this container's name belongs to Countersign",
    ],
    [
      'mounts a volume of ours',
      { containers: [{ name: 'api', volumeMounts: [{ name: 'countersign-files', mountPath: '/x' }] }] },
      {},
      'spec.containers[api].volumeMounts[countersign-files]',
      used,
    ],
    [
      'reads variables from a volume of ours',
      {
        containers: [
          {
            name: 'api',
            env: [
              {
                name: 'X',
                valueFrom: { fileKeyRef: { volumeName: 'countersign-env', path: 'a', key: 'X' } },
              },
            ],
          },
        ],
      },
      {},
      'spec.containers[api].env[X]',
      used,
    ],
    ['has a record of ours', {}, { [`${P}accessor`]: 'x' }, `${P}accessor`, 'is for Countersign to write'],
    [
      'asks the Vault Agent Injector too',
      {},
      { 'vault.hashicorp.com/agent-inject': 'true' },
      'vault.hashicorp.com/agent-inject',
      'the pod also asks the Vault Agent Injector for credentials; keep one of the two',
    ],
    [
      'asks it in a way that it fails on',
      {},
      { 'vault.hashicorp.com/agent-inject': 'maybe' },
      'vault.hashicorp.com/agent-inject',
      'the pod also asks the Vault Agent Injector for credentials; keep one of the two',
    ],
    [
      'asks Bank-Vaults too',
      {},
      { 'vault.security.banzaicloud.io/vault-role': 'x' },
      'vault.security.banzaicloud.io/vault-role',
      'the pod also asks the Bank-Vaults webhook for credentials; keep one of the two',
    ],
    [
      'asks its successor too',
      {},
      { 'secrets-webhook.security.bank-vaults.io/provider': 'vault' },
      'secrets-webhook.security.bank-vaults.io/provider',
      'the pod also asks the Bank-Vaults secrets webhook for credentials; keep one of the two',
    ],
    [
      'mounts something in our place',
      mounting('/var/run/secrets/countersign.dev'),
      {},
      'spec.containers[api].volumeMounts',
      conflict('/var/run/secrets/countersign.dev'),
    ],
    [
      'mounts something below it',
      mounting('/var/run/secrets/countersign.dev/..data/x'),
      {},
      'spec.containers[api].volumeMounts',
      conflict('/var/run/secrets/countersign.dev/..data/x'),
    ],
    [
      'mounts something above it',
      mounting('/var/run'),
      {},
      'spec.containers[api].volumeMounts',
      conflict('/var/run'),
    ],
    ['has no containers', { containers: [] }, {}, 'spec.containers', 'expected at least one container'],
    ['has containers that are no list', { containers: 'x' }, {}, 'spec.containers', 'expected a list'],
    [
      'has a container that is no object',
      { containers: [5] },
      {},
      'spec.containers[0]',
      'expected an object',
    ],
    [
      'has a container without a name',
      { containers: [{ image: 'x' }] },
      {},
      'spec.containers[0].name',
      'expected a string',
    ],
    ['has volumes that are no list', { volumes: {} }, {}, 'spec.volumes', 'expected a list'],
    [
      'has mounts that are no list',
      { containers: [{ name: 'api', volumeMounts: 1 }] },
      {},
      'spec.containers[api].volumeMounts',
      'expected a list',
    ],
  ])('%s', (_, spec, changes, ...problem) => {
    expect(problemsOf(spec, changes)).toContainEqual(problem);
  });

  it('hears of everything at once', () => {
    const spec = { os: { name: 'windows' }, ...mounting('/run'), volumes: [{ name: 'countersign-x' }] };
    const fields = problemsOf(spec, { [`${P}vault`]: 'eu' }).map(([field]) => field);

    expect(fields).toEqual([
      'spec.os.name',
      'spec.volumes[countersign-x]',
      'spec.containers[api].volumeMounts',
      `${P}vault`,
    ]);
  });

  it('is no pod at all', () => {
    const outcome = planInjection({ ...inputFor(podWith(ASKS)), pod: { spec: 'x', metadata: [] } });

    expect(outcome).toEqual({
      kind: 'problems',
      problems: [
        { field: 'metadata', message: 'expected an object' },
        { field: 'spec', message: 'expected an object' },
      ],
    });
  });

  it('has more containers than any pod', () => {
    const initContainers = Array.from({ length: 200_000 }, () => ({ name: 'a' }));

    expect(problemsOf({ initContainers }, { [`${P}containers`]: 'a' })).toEqual([
      ['spec', 'expected at most 1000 containers'],
    ]);
  });
});

describe('other injectors', () => {
  it.each<Readonly<Record<string, string>>>([
    { 'vault.hashicorp.com/agent-inject': 'false' },
    { 'vault.hashicorp.com/agent-inject': 'F' },
    { 'vault.hashicorp.com/agent-inject': '0' },
    { 'vault.hashicorp.com/role': 'x' },
    { 'vault.security.banzaicloud.io/mutate': 'skip', 'vault.security.banzaicloud.io/vault-role': 'x' },
  ])('are not asked by %j', (annotations) => {
    expect(plan({}, annotations).volumes).toHaveLength(3);
  });
});

describe('a pod with nothing to add', () => {
  it('is one that is injected already', () => {
    const input = inputFor(podWith(ASKS));

    expect(planInjection({ ...input, pod: injected(input) })).toEqual({ kind: 'nothing', reason: 'already' });
  });

  it.each<[string, JsonObject]>([
    ['a seal and no parts', podWith({ ...ASKS, [`${P}injected`]: 'v1.AAAA' })],
    ['parts and another seal', injected({ ...inputFor(podWith(ASKS)), account: 'other' })],
    [
      'a role that policy no longer gives',
      injected({ ...inputFor(podWith(ASKS)), login: { ...LOGIN, role: 'admin' } }),
    ],
  ])('is one that was altered: %s', (_, pod) => {
    expect(planInjection({ ...inputFor(podWith(ASKS)), pod })).toEqual({
      kind: 'nothing',
      reason: 'altered',
    });
  });

  it('is the mirror of a static pod', () => {
    const pod = podWith({ ...ASKS, 'kubernetes.io/config.mirror': 'x' });

    expect(planInjection({ ...inputFor(podWith(ASKS)), pod })).toEqual({ kind: 'nothing', reason: 'mirror' });
  });
});

it('is refused without a key to sign with', () => {
  expect(() => planInjection(inputFor(podWith(ASKS), ASKS, { ...SETTINGS, keys: [] }))).toThrow(
    'no key to sign with',
  );
});
