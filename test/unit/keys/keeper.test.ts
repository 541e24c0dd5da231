import { afterEach, describe, expect, it } from 'vitest';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { PARTS, type Part, readContents } from '../../../src/keys/contents.ts';
import { createKeeper, type KeeperOptions } from '../../../src/keys/keeper.ts';
import { ADMISSION_PATH, createRegistrations } from '../../../src/keys/registrations.ts';
import { createFakeObjects } from '../../support/fake-objects.ts';
import { decoded, NAMES, type SecretData } from '../../support/keys.ts';
import { captureLog } from '../../support/log.ts';
import { createManualClock, until } from '../kube/manual-clock.ts';

const SECRET = '/api/v1/namespaces/countersign/secrets/countersign-keys';
const MUTATING = `${ADMISSION_PATH}/mutatingwebhookconfigurations/countersign`;
const VALIDATING = `${ADMISSION_PATH}/validatingwebhookconfigurations/countersign`;
const SETTLE_MS = 60_000;
const DAY_MS = 86_400_000;

function bare(...endpoints: readonly string[]): JsonObject {
  return {
    webhooks: endpoints.map((endpoint) => ({
      name: `${endpoint}.countersign.dev`,
      clientConfig: { service: { namespace: 'countersign', name: 'countersign' } },
    })),
  };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function setUp(options: Partial<KeeperOptions> = {}) {
  const clock = createManualClock();
  const api = createFakeObjects(clock);
  api.objects.set(SECRET, { metadata: { name: 'countersign-keys', resourceVersion: '0' } });
  api.objects.set(MUTATING, bare('inject'));
  api.objects.set(VALIDATING, bare('injected', 'advise'));
  const log = captureLog();
  const healed: string[] = [];
  const memory = new Map<Part, JsonObject>();
  const begun = Date.UTC(2026, 0, 1);

  function replica() {
    const connection = api.connect();
    const { client } = connection;
    const registrations = createRegistrations({
      client,
      name: 'countersign',
      log: log.logger,
      onHealed: (resource) => healed.push(resource),
    });
    const keeper = createKeeper({
      client,
      namespace: 'countersign',
      name: 'countersign-keys',
      names: NAMES,
      settleMs: SETTLE_MS,
      followed: { remembered: (part) => memory.get(part) },
      registrations,
      clock,
      random: () => 0,
      now: () => new Date(begun + clock.now()),
      log: log.logger,
      ...options,
    });
    const stop = new AbortController();
    const done = keeper.run(stop.signal);
    const end = async () => {
      stop.abort();
      await done;
    };
    stops.push(end);
    return { ...keeper, connection, registrations, end };
  }

  const data = () => objectOf(api.objects.get(SECRET)?.['data']) as SecretData;
  const entries = () =>
    [MUTATING, VALIDATING].flatMap((path) =>
      listOf(api.objects.get(path)?.['webhooks']).map((webhook) => {
        const { caBundle, service } = objectOf(objectOf(webhook)['clientConfig']);
        return {
          bundle: Buffer.from(textOf(caBundle) ?? '', 'base64').toString(),
          path: textOf(objectOf(service)['path']),
        };
      }),
    );
  const said = (msg: string) => log.entries().filter((entry) => entry['msg'] === msg);
  /** Lets time pass until it is so, never more than a round at once. */
  async function passing(done: () => boolean): Promise<void> {
    await until(() => {
      if (done()) return true;
      if (clock.pending().length > 0) clock.advance(SETTLE_MS);
      return false;
    });
  }
  function ask(rotations: string): void {
    const secret = api.objects.get(SECRET) ?? {};
    const metadata = {
      ...objectOf(secret['metadata']),
      annotations: { 'countersign.dev/renew': rotations },
    };
    api.objects.set(SECRET, { ...secret, metadata });
  }
  function remember(): void {
    for (const part of ['authority', 'leaf', 'injection', 'path'] as const)
      memory.set(part, Object.fromEntries(PARTS[part].map((entry) => [entry, data()[entry] ?? null])));
  }
  return { clock, api, log, healed, replica, data, entries, said, passing, ask, remember };
}

const registered = (secret: SecretData) => {
  const [bundle, segment] = [decoded(secret, 'ca.crt'), decoded(secret, 'path')];
  return ['inject', 'injected', 'change'].map((endpoint) => ({ bundle, path: `/${endpoint}/${segment}` }));
};

describe('the leader', () => {
  it('fills an empty Secret and has both registrations follow', async () => {
    const { replica, data, entries } = setUp();
    replica();
    await until(() => (entries()[2]?.path ?? '') !== '');

    expect(readContents(data()).problems).toEqual([]);
    expect(entries()).toEqual(registered(data()));
  });

  it('leaves certificate and CA alone where they are somebody else’s', async () => {
    const { replica, data, entries } = setUp({ names: undefined });
    replica();
    await until(() => (entries()[2]?.path ?? '') !== '');

    expect(Object.keys(data()).toSorted((a, b) => a.localeCompare(b))).toEqual(['injection.key', 'path']);
    expect(entries().map(({ bundle }) => bundle)).toEqual(['', '', '']);
  });

  it('never writes over what another one has written meanwhile', async () => {
    const { replica, data, passing } = setUp();
    const [one, other] = [replica(), replica()];
    await passing(() => readContents(data()).problems.length === 0);
    await passing(() => one.connection.requests.length + other.connection.requests.length > 30);

    expect(readContents(data()).keys.authorities).toHaveLength(1);
    expect(readContents(data()).problems).toEqual([]);
  });

  it('registers a new CA before a certificate of it is served, and waits for a registration that cannot be changed', async () => {
    const { replica, data, passing, ask, entries, api } = setUp();
    const { connection } = replica();
    await passing(() => readContents(data()).keys.leaf !== undefined && entries()[2]?.path !== undefined);
    connection.faults = { [`PATCH ${VALIDATING}`]: 403 };
    ask('ca');
    await passing(() => readContents(data()).keys.authorities.length === 2);
    const before = connection.requests.length;
    await passing(() => connection.requests.length > before + 30);

    expect(readContents(data()).keys.leaf?.authority).toBe(1);
    expect(objectOf(objectOf(api.objects.get(SECRET)?.['metadata'])['annotations'])).toEqual({});
    connection.faults = {};
    await passing(() => readContents(data()).keys.leaf?.authority === 0);

    expect(entries()).toEqual(registered(data()));
  });

  it('lets the old CA go a month later', async () => {
    const { clock, replica, data, entries, passing, ask } = setUp();
    replica();
    await passing(() => entries()[2]?.path !== undefined);
    ask('ca');
    await passing(() => readContents(data()).keys.authorities.length === 2);
    await passing(() => readContents(data()).keys.leaf?.authority === 0);
    expect(readContents(data()).keys.authorities).toHaveLength(2);
    for (let days = 0; days < 33; days += 1) clock.advance(DAY_MS);
    await passing(() => readContents(data()).keys.authorities.length === 1);
    await passing(() => entries()[2]?.bundle === decoded(data(), 'ca.crt'));

    expect(entries()).toEqual(registered(data()));
  });

  it('registers a new segment once all know it, and keeps the old one until then', async () => {
    const { replica, data, entries, passing, ask } = setUp();
    const { wake } = replica();
    await passing(() => entries()[2]?.path !== undefined);
    const old = entries().map(({ path }) => path);
    ask('path,injection');
    wake();
    await passing(() => data()['path-previous'] !== undefined);
    expect(entries().map(({ path }) => path)).toEqual(old);
    await passing(() => data()['path-previous'] === undefined && data()['injection-next.key'] === undefined);

    expect(entries()).toEqual(registered(data()));
    expect(data()['injection-previous.key']).toBeDefined();
  });

  it('puts back what a tool has overwritten, says it once and counts it each time', async () => {
    const { api, replica, data, entries, passing, healed, log } = setUp();
    const { registrations } = replica();
    await passing(() => entries()[2]?.path !== undefined);
    for (const times of [1, 2]) {
      const requests = healed.length;
      api.objects.set(MUTATING, bare('inject'));
      await passing(() => healed.length > requests);
      expect(healed).toEqual(Array.from({ length: times }, () => 'mutatingwebhookconfigurations'));
    }

    expect(entries()).toEqual(registered(data()));
    expect(
      log.entries().filter(({ level, msg }) => level === 'warn' && String(msg).startsWith('somebody')),
    ).toHaveLength(1);
    expect(registrations.wrong).toBe(0);
  });

  it.each<
    [
      string,
      (api: ReturnType<typeof setUp>['api'], faults: (faults: Record<string, number>) => void) => void,
      string,
    ]
  >([
    [
      'taken away',
      (api) => void api.objects.delete(VALIDATING),
      'it is not there: nothing of it is enforced, and it is not made anew',
    ],
    [
      'emptied',
      (api) => void api.objects.set(VALIDATING, { webhooks: [] }),
      'no webhook of ours in it calls a service',
    ],
    [
      'closed to it',
      (_api, faults) => faults({ [`GET ${VALIDATING}`]: 403 }),
      `GET ${VALIDATING}: 403: refused here`,
    ],
  ])('says once that a registration is %s, and when it is back', async (_, change, problem) => {
    const { api, replica, entries, passing, said } = setUp();
    const { registrations, connection } = replica();
    await passing(() => entries()[2]?.path !== undefined);
    change(api, (faults) => {
      connection.faults = faults;
    });
    await passing(() => registrations.wrong === 1);
    const seen = connection.requests.length;
    await passing(() => connection.requests.length > seen + 10);
    const complaint = { configuration: 'validatingwebhookconfigurations', problem };
    expect(said('a webhook configuration is not as it should be')).toEqual([
      expect.objectContaining(complaint),
    ]);
    connection.faults = {};
    api.objects.set(VALIDATING, bare('injected', 'advise'));
    await passing(() => registrations.wrong === 0);

    expect(entries()[2]?.path).toMatch(/^\/change\//u);
  });

  it('says that there is no Secret, and goes on when there is', async () => {
    const { api, replica, data, passing, said } = setUp();
    const secret = api.objects.get(SECRET) ?? {};
    api.objects.delete(SECRET);
    const { connection } = replica();
    await passing(() => connection.requests.length > 5);
    expect(said('keys could not be seen to')).toEqual([
      expect.objectContaining({ failure: `GET ${SECRET}: 404: refused here` }),
    ]);
    api.objects.set(SECRET, secret);
    await passing(() => readContents(data()).problems.length === 0);
  });

  it.each<[string, (data: SecretData) => JsonObject, readonly string[]]>([
    ['everything', () => ({}), ['authority', 'leaf', 'injection', 'path']],
    ['a key', (data) => ({ ...data, 'injection.key': '' }), ['injection']],
    ['a certificate that is of no CA', (data) => ({ ...data, 'tls.crt': data['ca.crt'] }), ['leaf']],
  ])('puts back %s that the Secret has lost', async (_, change, parts) => {
    const { api, replica, data, entries, passing, remember, said } = setUp();
    replica();
    await passing(() => entries()[2]?.path !== undefined);
    remember();
    const before = data();
    api.objects.set(SECRET, { ...api.objects.get(SECRET), data: change(before) });
    await passing(() => readContents(data()).problems.length === 0);

    expect(data()).toEqual(before);
    expect(said('what the Secret of keys has lost is put back')).toEqual([
      expect.objectContaining({ parts }),
    ]);
  });

  it('makes a certificate anew where the one it knows is of a CA that is gone', async () => {
    const { api, replica, data, entries, passing, remember } = setUp();
    replica();
    await passing(() => entries()[2]?.path !== undefined);
    remember();
    const { 'ca.crt': crt = '', 'ca.key': key = '' } = await elsewhere();
    api.objects.set(SECRET, {
      ...api.objects.get(SECRET),
      data: { ...data(), 'ca.crt': crt, 'ca.key': key },
    });
    await passing(() => readContents(data()).problems.length === 0);

    expect(data()['ca.crt']).toBe(crt);
  });
});

/** What another cluster has. */
async function elsewhere(): Promise<SecretData> {
  const { replica, data } = setUp();
  const { end } = replica();
  await until(() => readContents(data()).problems.length === 0);
  await end();
  return data();
}
