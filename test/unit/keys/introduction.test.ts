import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import type { UsableKeys } from '../../../src/keys/follow.ts';
import { createIntroduction } from '../../../src/keys/introduction.ts';
import { ADMISSION_PATH } from '../../../src/keys/registrations.ts';
import { createFakeObjects } from '../../support/fake-objects.ts';
import { createManualClock, until } from '../kube/manual-clock.ts';

const MUTATING = `${ADMISSION_PATH}/mutatingwebhookconfigurations/countersign`;
const VALIDATING = `${ADMISSION_PATH}/validatingwebhookconfigurations/countersign`;

const date = new Date(0);
const tls = { cert: 'cert', key: 'key', expiresAt: date, authority: 'OLD CA', authorityExpiresAt: date };
/** While both change: the old CA's certificate is still served, both segments are accepted. */
const KEYS: UsableKeys = { tls, injection: [], segments: ['new', 'old'] };
const OF_OTHERS: UsableKeys = { ...KEYS, tls: undefined };

function registered(endpoint: string, path: string | undefined, bundle: string): JsonObject {
  const service = { name: 'countersign', ...(path !== undefined && { path }) };
  const caBundle = Buffer.from(bundle).toString('base64');
  return { webhooks: [{ name: `${endpoint}.countersign.dev`, clientConfig: { service, caBundle } }] };
}

const bare = (endpoint: string) => registered(endpoint, undefined, '');
const filled = (endpoint: string, segment = 'new', bundle = 'NEW CA\nOLD CA') =>
  registered(endpoint, `/${endpoint}/${segment}`, bundle);

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function started(keys: UsableKeys | undefined, mutating?: JsonObject, validating?: JsonObject) {
  const clock = createManualClock();
  const api = createFakeObjects(clock);
  if (mutating !== undefined) api.objects.set(MUTATING, mutating);
  if (validating !== undefined) api.objects.set(VALIDATING, validating);
  const connection = api.connect();
  const followed = { usable: keys };
  const { client } = connection;
  const introduction = createIntroduction({ client, name: 'countersign', followed, clock });
  const over = new AbortController();
  const running = introduction.run(over.signal);
  stops.push(() => {
    over.abort();
    return running;
  });
  const looked = () => until(() => introduction.problem === undefined || clock.pending().length === 1);
  return { clock, api, connection, introduction, followed, looked };
}

type Case = readonly [
  how: string,
  keys: UsableKeys | undefined,
  mutating: JsonObject | undefined,
  validating: JsonObject | undefined,
];

describe('a replica is known to the API server', () => {
  it.each<Case>([
    ['by both registrations', KEYS, filled('inject'), filled('injected')],
    ['by a segment that is about to go', KEYS, filled('inject', 'old'), filled('injected')],
    [
      'by a path alone, when certificates are somebody else’s',
      OF_OTHERS,
      filled('inject', 'new', ''),
      undefined,
    ],
    ['when nothing is registered', KEYS, undefined, undefined],
    ['when what is registered is nothing of ours', KEYS, { webhooks: [] }, {}],
  ])('%s', async (_, keys, mutating, validating) => {
    const { introduction, looked } = started(keys, mutating, validating);
    await looked();

    expect(introduction.problem).toBeUndefined();
  });
});

describe('a replica is not known', () => {
  it.each<Case>([
    ['without keys', undefined, filled('inject'), filled('injected')],
    ['by bare registrations', KEYS, bare('inject'), bare('injected')],
    ['by the first registration alone', KEYS, filled('inject'), bare('injected')],
    [
      'by the path of another endpoint',
      KEYS,
      filled('inject'),
      registered('injected', '/inject/new', 'OLD CA'),
    ],
    ['by a segment of another time', KEYS, filled('inject', 'older'), filled('injected')],
    ['with a CA that is not the one of its certificate', KEYS, filled('inject', 'new', 'NEW CA'), undefined],
  ])('%s', async (_, keys, mutating, validating) => {
    const { introduction, looked } = started(keys, mutating, validating);
    await looked();

    expect(introduction.problem).toMatch(/has not entered CA and path yet|waiting for the keys/u);
  });

  it('while the API server does not say, and looks again', async () => {
    const { introduction, connection, clock, looked } = started(KEYS, bare('inject'), filled('injected'));
    connection.faults = { any: 500 };
    await looked();
    clock.advance(500);
    await until(() => introduction.problem?.includes('500') === true);
    connection.faults = {};
    clock.advance(500);
    await until(() => introduction.problem?.includes('not entered') === true);
  });
});

describe('once it was known, a replica', () => {
  it('stays so, whatever becomes of the registrations', async () => {
    const { introduction, api, clock, connection, looked } = started(
      KEYS,
      filled('inject'),
      filled('injected'),
    );
    await looked();
    const asked = connection.requests.length;
    api.objects.set(MUTATING, bare('inject'));
    clock.advance(60_000);

    expect(introduction.problem).toBeUndefined();
    expect(clock.pending()).toEqual([]);
    expect(connection.requests).toHaveLength(asked);
  });
});
