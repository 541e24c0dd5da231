import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DENIAL_SCHEMA, DENIAL_STATUS_SCHEMA } from '../../../../src/api/denial.ts';
import { createValidator } from '../../../../src/api/validate.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { objectOf } from '../../../../src/core/json.ts';
import { createReplicas, type Replicas } from '../../../support/denial-replicas.ts';
import { admittedOf, denialObject, refusedOf } from '../../../support/denials.ts';
import { scopeOf } from '../../../support/findings.ts';

const PATH = '/apis/countersign.dev/v1alpha1/namespaces/shop/denials';
let world: Replicas;

beforeEach(() => {
  world = createReplicas();
});

afterEach(() => world.stop());

const specOf = (key = 'shop/d-00000001') => objectOf(world.stored().get(key)?.['spec']);
const statusOf = (key = 'shop/d-00000001') => objectOf(world.stored().get(key)?.['status']);

describe('the recorder of denials', () => {
  it('makes one object of a decision, however often it comes', async () => {
    const { recorder, writes } = world.start();
    for (let at = 0; at < 100; at += 1) recorder.onDecision(refusedOf());
    await world.pass(2);

    expect(world.stored().size).toBe(1);
    expect(writes).toEqual({ create: 1, status: 1 });
    expect(specOf()).toEqual({
      workload: { kind: 'Deployment', name: 'api' },
      serviceAccount: { name: 'api' },
      policy: 'p',
      summary: 'shop/api (Deployment) may not run: 1 missing [d-00000001, policy p]',
      findings: [
        {
          check: 'request',
          reason: 'DeclarationInvalid',
          action: 'Deny',
          undetermined: false,
          detail: 'countersign.dev/needs: expected a verb',
        },
      ],
      mayWaive: [],
    });
    expect(statusOf()).toMatchObject({
      state: 'Open',
      count: 100,
      requesters: [{ name: 'jane', count: 100 }],
    });
  });

  it('has what was needed at first, and what was needed last where that is something else', async () => {
    const [one, other] = [world.start(), world.start()];
    const needing = (line: string) => refusedOf('d-00000001', { answer: { needs: [scopeOf(line)] } });
    one.recorder.onDecision(needing('get pods'));
    await world.pass(6);
    expect(statusOf()).not.toHaveProperty('lastRefusal');
    other.recorder.onDecision(needing('get nodes'));
    await world.pass(6);

    expect(specOf()).toMatchObject({ needs: ['get pods in shop'] });
    expect(statusOf()).toMatchObject({ lastRefusal: { needs: ['get nodes everywhere'], moreNeeds: 0 } });
  });

  it.each([
    ['a dry-run', refusedOf('d-1', { dryRun: true })],
    ['a refusal of nobody', refusedOf('d-1', { answer: { account: undefined as never } })],
    ['an error', refusedOf('d-1', { answer: { verdict: 'error' } })],
    ['a pass', admittedOf()],
  ])('makes none of %s', async (_, decided) => {
    world.start().recorder.onDecision(decided);
    await world.pass(7);

    expect(world.kube.objects.size).toBe(0);
  });

  it('adds up over replicas, whoever makes the object and whoever is faster', async () => {
    const replicas = [world.start(), world.start(), world.start()];
    for (let second = 0; second < 20; second += 1) {
      for (const [at, { recorder }] of replicas.entries())
        recorder.onDecision(refusedOf('d-00000001', { requester: `r-${at}` }));
      await world.pass(1);
    }
    await world.pass(10);

    expect(world.stored().size).toBe(1);
    expect(statusOf()).toMatchObject({
      count: 60,
      requesters: [0, 1, 2].map((at) => ({ name: `r-${at}`, count: 20 })),
    });
  });

  it.each([[409], [500], [429], ['cut']] as const)('writes all of it once %s is over', async (fault) => {
    const { recorder, connection } = world.start();
    connection.faults = { PATCH: fault };
    recorder.onDecision(refusedOf());
    await world.pass(2);
    recorder.onDecision(refusedOf());
    connection.faults = {};
    await world.pass(10);

    expect(statusOf()).toMatchObject({ count: 2 });
  });

  it('makes it another time where it was taken away meanwhile', async () => {
    const { recorder, connection, drops, index } = world.start();
    const path = `${PATH}/d-00000001`;
    recorder.onDecision(refusedOf());
    connection.faults = { [`PATCH ${path}/status`]: 404 };
    await world.pass(1);
    connection.faults = { [`POST ${PATH}`]: 409 };
    world.kube.objects.delete(path);
    index.retain(new Set());
    await world.pass(1);
    connection.faults = {};
    await world.pass(10);

    expect(statusOf()).toMatchObject({ count: 1 });
    expect(drops).toEqual({});
  });

  it.each([[403], [404]] as const)('says once that it gets %s, and counts what is lost', async (fault) => {
    const { recorder, connection, drops, told } = world.start();
    connection.faults = { POST: fault };
    for (let at = 0; at < 5; at += 1) {
      recorder.onDecision(refusedOf());
      await world.pass(7);
    }

    expect([told, drops]).toEqual([['refused here'], { refused: 5 }]);
  });

  it('closes what is admitted, in every replica’s name, and opens it again', async () => {
    const [one, other] = [world.start(), world.start()];
    one.recorder.onDecision(refusedOf());
    await world.pass(3);
    other.recorder.onDecision(admittedOf());
    await world.pass(3);

    expect(statusOf()).toMatchObject({ state: 'Resolved', message: 'admitted', count: 1 });
    one.recorder.onDecision(refusedOf());
    await world.pass(7);

    expect(statusOf()).toMatchObject({ state: 'Open', count: 2 });
  });

  it('closes what another replica has not written yet', async () => {
    const [one, other] = [world.start(), world.start()];
    one.recorder.onDecision(refusedOf());
    world.clock.advance(10);
    other.recorder.onDecision(admittedOf());
    await world.pass(4);

    expect(statusOf()).toMatchObject({ state: 'Resolved', count: 1 });
  });

  it('leaves open what passed under a grant that has ended', async () => {
    const { recorder } = world.start();
    recorder.onDecision(refusedOf());
    await world.pass(3);
    const path = `${PATH}/d-00000001`;
    const stand = async (state: string) => {
      const { status, ...object } = objectOf(world.kube.objects.get(path));
      const metadata = { ...objectOf(object['metadata']), resourceVersion: state };
      world.kube.objects.set(path, { ...object, metadata, status: { ...objectOf(status), state } });
      await world.pass(3);
    };
    await stand('Granted');
    recorder.onDecision(admittedOf({ answer: { grants: ['shop/debug'] } }));
    await stand('Open');

    expect(statusOf()).toMatchObject({ state: 'Open', count: 1 });
  });

  const POD = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api', uid: 'forged' };
  it.each([
    ['a dry-run', admittedOf({ dryRun: true })],
    ['a pod that carries what it asked for', admittedOf({ answer: { moment: undefined as never } })],
    ['a pass under a grant', admittedOf({ answer: { grants: ['shop/debug'] } })],
    ['a reschedule', admittedOf({ answer: { moment: 'reschedule' } })],
    ['another account', admittedOf({ answer: { account: { namespace: 'shop', name: 'other' } } })],
    ['another workload', admittedOf({ answer: { subject: { kind: 'Deployment', name: 'other' } } })],
    ['a pod that names a Deployment as its controller', admittedOf({ answer: { controller: POD } })],
  ])('closes nothing for %s', async (_, decided) => {
    const { recorder } = world.start();
    recorder.onDecision(refusedOf());
    await world.pass(3);
    recorder.onDecision(decided);
    await world.pass(3);

    expect(statusOf()).toMatchObject({ state: 'Open' });
  });

  it('closes what a pod carries wrongly only once a pod is right', async () => {
    const causes = [{ reason: 'InjectionAltered', message: 'another image' }];
    const refusal = { code: 403, reason: 'Forbidden', message: 'altered', causes } as const;
    const { recorder } = world.start();
    recorder.onDecision(refusedOf('d-00000001', { answer: { refusal } }));
    await world.pass(3);
    recorder.onDecision(admittedOf());
    await world.pass(3);
    expect(statusOf()).toMatchObject({ state: 'Open' });
    recorder.onDecision(admittedOf({ answer: { moment: undefined as never } }));
    await world.pass(3);

    expect(statusOf()).toMatchObject({ state: 'Resolved' });
  });

  it('keeps its bounds under a flood, the most frequent and the newest kept', async () => {
    const settings = { maxPerNamespace: 10 };
    const { recorder, drops } = world.start({ settings, limits: { keys: 50 } });
    for (let at = 0; at < 20; at += 1) recorder.onDecision(refusedOf('d-frequent'));
    await world.pass(3);
    let most = 0;
    for (let at = 0; at < 10_000; at += 1) {
      recorder.onDecision(refusedOf(`d-${at}`));
      if (at % 500 === 0) await world.pass(2);
      most = Math.max(most, world.kube.objects.size);
    }
    await world.pass(20);

    expect(most).toBeLessThanOrEqual(10);
    expect([...world.stored().keys()]).toEqual(expect.arrayContaining(['shop/d-frequent', 'shop/d-9999']));
    expect(drops['overflow']).toBeGreaterThan(9000);
  });

  it('stores no credential and nothing that a terminal or a page obeys', async () => {
    const jwt = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(40)}.${'b'.repeat(40)}`;
    const nasty = `<b>\u001b[31m\u202e\n${'x'.repeat(65_536)}`;
    const causes = [...Array(60).keys()].map((at) => ({
      reason: 'DeclarationInvalid',
      message: at === 0 ? `found ${jwt} and hvs.CAESIabcdefgh12345678` : nasty,
      field: nasty,
    }));
    const { recorder } = world.start();
    recorder.onDecision(
      refusedOf('d-00000001', {
        requester: nasty,
        answer: {
          subject: { kind: nasty, name: nasty },
          policy: nasty,
          refusal: { code: 403, reason: 'Forbidden', message: `${jwt} ${nasty}`, causes },
        },
      }),
    );
    await world.pass(2);
    const stored = world.stored().get('shop/d-00000001');
    const text = JSON.stringify(stored);

    expect(/eyJ|hvs\.|(?<!\\)\\u001b|\u202e/u.test(text)).toBe(false);
    expect(text.length).toBeLessThan(20_000);
    expect(createValidator(DENIAL_SCHEMA)(withoutCel(stored))).toEqual([]);
    expect(specOf()['moreFindings']).toBeGreaterThan(0);
  });

  it('makes a status that the CRD takes', async () => {
    world.kube.objects.set(`${PATH}/d-00000001`, denialObject({ status: { state: 'Expired' } }));
    const { recorder } = world.start();
    await world.pass(1);
    recorder.onDecision(refusedOf());
    await world.pass(7);

    expect(createValidator(withoutFormats(DENIAL_STATUS_SCHEMA))(statusOf())).toEqual([]);
    expect(statusOf()).toMatchObject({ state: 'Open', message: 'was Expired, refused again' });
  });
});

function withoutCel(object: JsonObject | undefined): JsonObject {
  const { status: _status, ...rest } = object ?? {};
  return rest;
}

/** The API server knows `date-time`. */
function withoutFormats(schema: object): object {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === 'format' ? undefined : value)),
  ) as object;
}
