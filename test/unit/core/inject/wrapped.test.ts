import { describe, expect, it } from 'vitest';
import { withoutOurs } from '../../../../src/core/inject/bare.ts';
import type { Login } from '../../../../src/core/inject/config.ts';
import { mintedIn } from '../../../../src/core/inject/configured.ts';
import { checkInjected, checkUpdate } from '../../../../src/core/inject/invariants.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import { type JsonObject, listOf, objectOf } from '../../../../src/core/json.ts';
import { injected, inputFor, LOGIN, MINTED, planFor, podWith, SETTINGS } from './fixtures.ts';

const P = 'countersign.dev/';
const ASKS = {
  [`${P}inject`]: 'wrapped',
  [`${P}credential.db`]: 'database/creds/shop',
  [`${P}file.db.json`]: 'db',
};
const INIT = 'spec.initContainers[countersign-init]';
const LABEL = 'metadata.labels[countersign.dev/issuance]';
const pod = podWith(ASKS);
const input = inputFor(pod, ASKS);
const whole = injected(input);

/** What policy says now. */
function wrapped(changes: object = {}): Login {
  const issuance = { kind: 'wrapped', tokenRole: 'wrapped_shop_api', fallback: 'login', ...changes } as const;
  return { ...LOGIN, issuance };
}

function check(object: unknown, login: Login = wrapped()) {
  return checkInjected({
    pod: object,
    namespace: 'shop',
    account: 'api',
    login,
    username: 'alice',
    settings: SETTINGS,
    nodes: () => [],
  });
}

interface Loose {
  metadata: { annotations: Record<string, string>; labels?: Record<string, string> };
  spec: { initContainers: { env: { name: string; value: string }[] }[] };
}

function changed(change: (copy: Loose) => void): JsonObject {
  const copy = structuredClone(whole) as unknown as Loose;
  change(copy);
  return copy as unknown as JsonObject;
}

function envOf(object: JsonObject): readonly (readonly unknown[])[] {
  return listOf(objectOf(object['spec'])['initContainers']).map((container) =>
    listOf(objectOf(container)['env']).map((entry) => objectOf(entry)['name']),
  );
}

describe('a pod that is given a wrapped token', () => {
  it('has the wrapping token in init alone, a label to be found by, and the accessor', () => {
    expect(envOf(whole)).toEqual([
      ['COUNTERSIGN_AGENT_CONFIG', 'COUNTERSIGN_WRAPPING_TOKEN'],
      ['COUNTERSIGN_AGENT_CONFIG'],
    ]);
    expect(JSON.stringify(whole).split(MINTED.wrappingToken)).toHaveLength(2);
    expect(whole['metadata']).toMatchObject({
      labels: { 'countersign.dev/issuance': 'wrapped' },
      annotations: { 'countersign.dev/accessor': MINTED.accessor },
    });
    expect(mintedIn(whole)).toEqual(MINTED);
  });

  it('is another with another token', () => {
    const minted = { ...MINTED, wrappingToken: 'hvs.other' };

    expect(planFor({ ...input, login: { ...input.login, minted } })).not.toEqual(planFor(input));
    expect(planFor(input)).toEqual(planFor(input));
  });

  it('holds a constant where nothing was minted', () => {
    const one = injected({ ...input, login: wrapped() });

    expect(mintedIn(one)).toEqual({ wrappingToken: 'dry-run', accessor: 'dry-run', expiresAtSeconds: 0 });
    expect(check(one)).toEqual([]);
  });

  it('is whole, whatever a replica would mint now, and is left alone by a second pass', () => {
    expect(check(whole)).toEqual([]);
    expect(planInjection({ ...input, login: wrapped(), pod: whole })).toEqual({
      kind: 'nothing',
      reason: 'already',
    });
  });

  it('was the pod before', () => {
    const labelled = { ...pod, metadata: { ...objectOf(pod['metadata']), labels: { app: 'api' } } };

    expect(withoutOurs(injected({ ...input, pod: labelled }))).toMatchObject({ metadata: labelled.metadata });
  });

  it.each<[string, (copy: Loose) => void, string]>([
    [
      'another wrapping token',
      ({ spec }) => {
        for (const entry of spec.initContainers[0]?.env ?? [])
          if (entry.name.endsWith('TOKEN')) entry.value = 'hvs.evil';
      },
      `${P}injected`,
    ],
    ['another accessor', ({ metadata }) => void (metadata.annotations[`${P}accessor`] = 'x'), `${P}injected`],
    ['no accessor', ({ metadata }) => void delete metadata.annotations[`${P}accessor`], `${P}accessor`],
    ['another label', ({ metadata }) => void (metadata.labels = { [`${P}issuance`]: 'login' }), LABEL],
    ['no label', ({ metadata }) => void delete metadata.labels, LABEL],
    [
      'the wrapping token in the sidecar too',
      ({ spec }) => {
        const [init, sidecar] = spec.initContainers;
        sidecar?.env.push(...(init?.env.slice(1) ?? []));
      },
      'spec.initContainers[countersign-agent].env[COUNTERSIGN_WRAPPING_TOKEN]',
    ],
  ])('may not have %s, neither when it is made nor later', (_, change, field) => {
    const object = changed(change);

    expect(check(object).map((problem) => problem.field)).toContain(field);
    expect(checkUpdate(whole, object, SETTINGS)).not.toEqual([]);
  });

  it.each<[string, Login]>([
    ['by another token role', wrapped({ tokenRole: 'wrapped_shop_web' })],
    ['without a fallback', wrapped({ fallback: 'none' })],
    ['and is to log in', LOGIN],
  ])('is refused where policy has it %s by now', (_, login) => {
    const fields = check(whole, login).map(({ field, message }) => `${field}: ${message.slice(0, 20)}`);

    expect(fields).toContain(`${INIT}.env[COUNTERSIGN_AGENT_CONFIG]: says another issuanc`);
    expect(planInjection({ ...input, login, pod: whole })).toEqual({ kind: 'nothing', reason: 'altered' });
  });

  it('says in words what it should have been', () => {
    expect(check(whole, LOGIN)[0]?.message).toBe(
      'says another issuance than Login, which this pod has by policy',
    );
    expect(check(whole, wrapped({ tokenRole: 'x' }))[0]?.message).toBe(
      'says another issuance than Wrapped by token role x, which this pod has by policy',
    );
  });
});

describe('a pod that logs in, where policy would give it a wrapped token', () => {
  const loggingIn = injected({ ...input, login: LOGIN });

  it('is what the webhook makes when Vault is away', () => {
    expect(check(loggingIn)).toEqual([]);
  });

  it('is refused where it may not', () => {
    expect(check(loggingIn, wrapped({ fallback: 'none' })).map(({ field }) => field)).toContain(
      `${INIT}.env[COUNTERSIGN_AGENT_CONFIG]`,
    );
  });

  it('and that was altered hears of that place alone', () => {
    const altered = structuredClone(loggingIn) as unknown as {
      spec: { volumes: { name: string; emptyDir?: object }[] };
    };
    for (const volume of altered.spec.volumes) if (volume.name === 'countersign-files') volume.emptyDir = {};

    expect(check(altered)).toEqual([
      { field: 'spec.volumes[countersign-files]', message: 'is not what Countersign wrote' },
    ]);
  });
});

describe('a pod that did not ask', () => {
  it('may not have our label', () => {
    const object = {
      metadata: { labels: { [`${P}issuance`]: 'wrapped' } },
      spec: { containers: [{ name: 'a' }] },
    };

    expect(check(object)).toEqual([{ field: LABEL, message: 'is for Countersign to write' }]);
  });
});

it('a pod that asks, brings our label and was not injected is told to leave that to us', () => {
  const labelled = { ...pod, metadata: { ...objectOf(pod['metadata']), labels: { [`${P}issuance`]: 'x' } } };

  expect(planInjection({ ...input, pod: labelled })).toEqual({
    kind: 'problems',
    problems: [{ field: LABEL, message: 'is for Countersign to write' }],
  });
});

it('labels that are no object are told', () => {
  const odd = { ...pod, metadata: { ...objectOf(pod['metadata']), labels: 'x' } };

  expect(planInjection({ ...input, pod: odd })).toMatchObject({
    problems: [{ field: 'metadata.labels', message: 'expected an object' }],
  });
});

it('a pod that asks and has nothing hears of Vault', () => {
  expect(check(pod)).toEqual([
    {
      field: `${P}inject`,
      message:
        'the pod asks for credentials and has none: Vault (connection default) gave no wrapped token, a policy denies the pod, or the webhook inject.countersign.dev did not answer; try again',
    },
  ]);
});

describe('what was minted for a pod', () => {
  it.each<[string, unknown]>([
    ['no pod', 7],
    ['nothing of it', podWith({})],
    ['an accessor alone', podWith({ [`${P}accessor`]: 'x' })],
    [
      'a configuration that can’t be read',
      podWith(
        { [`${P}accessor`]: 'x' },
        {
          initContainers: [
            {
              name: 'countersign-init',
              env: [
                { name: 'COUNTERSIGN_AGENT_CONFIG', value: '{' },
                { name: 'COUNTERSIGN_WRAPPING_TOKEN', value: 'x' },
              ],
            },
          ],
        },
      ),
    ],
  ])('is unknown of %s', (_, object) => {
    expect(mintedIn(object)).toBeUndefined();
  });
});
