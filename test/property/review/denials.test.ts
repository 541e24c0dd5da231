import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOf, objectOf } from '../../../src/core/json.ts';
import { overBounds } from '../../../src/review/denials/bounds.ts';
import { createReplicas, DENIAL_SETTINGS } from '../../support/denial-replicas.ts';
import { admittedOf, refusedOf } from '../../support/denials.ts';
import type { FakeFault } from '../../support/fake-objects.ts';

const BOUNDS = { maxPerNamespace: 3, maxPerRequester: 4, maxInCluster: 6 };
const REPLICAS = 3;

const REFUSAL = fc.record({
  kind: fc.constant('refuse' as const),
  replica: fc.nat(REPLICAS - 1),
  decision: fc.nat(9),
  namespace: fc.nat(3),
  requester: fc.nat(3),
});
const STEP = fc.oneof(
  { weight: 6, arbitrary: REFUSAL },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('admit' as const),
      replica: fc.nat(REPLICAS - 1),
      namespace: fc.nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 6 }) }),
  },
);
const FAULT = fc.record({
  kind: fc.constant('fault' as const),
  replica: fc.nat(REPLICAS - 1),
  method: fc.constantFrom('GET', 'POST', 'PATCH'),
  fault: fc.constantFrom<FakeFault | undefined>(409, 429, 503, 'cut', undefined),
});

function decidedOf(decision: number, namespace: number, requester: number) {
  const account = { namespace: `ns-${namespace}`, name: 'api' };
  return refusedOf(`d-${decision}`, { requester: `user-${requester}`, answer: { account } });
}

const countOf = (status: unknown) => Number(objectOf(status)['count'] ?? 0);

describe('denials of several replicas', () => {
  it('add up to what was refused, whatever fails on the way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(STEP, FAULT), { maxLength: 60 }), async (steps) => {
        const world = createReplicas();
        // So often that none is given up.
        const replicas = [...Array(REPLICAS)].map(() => world.start({ limits: { attempts: 1000 } }));
        const refused = new Map<string, number>();
        for (const step of steps) {
          if (step.kind === 'wait') await world.pass(step.seconds);
          else if (step.kind === 'fault') {
            const connection = replicas[step.replica]?.connection;
            if (connection) connection.faults = step.fault === undefined ? {} : { [step.method]: step.fault };
          } else if (step.kind === 'admit') {
            const account = { namespace: `ns-${step.namespace}`, name: 'api' };
            replicas[step.replica]?.recorder.onDecision(admittedOf({ answer: { account } }));
          } else {
            const key = `ns-${step.namespace}/d-${step.decision}`;
            refused.set(key, (refused.get(key) ?? 0) + 1);
            replicas[step.replica]?.recorder.onDecision(
              decidedOf(step.decision, step.namespace, step.requester),
            );
          }
        }
        for (const { connection } of replicas) connection.faults = {};
        await world.pass(90);

        const counts = new Map([...world.stored()].map(([key, { status }]) => [key, countOf(status)]));
        expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(refused));
        for (const { status } of world.stored().values()) {
          const asked = listOf(objectOf(status)['requesters']).map(countOf);
          expect(asked.reduce((sum, count) => sum + count, 0)).toBe(countOf(status));
        }
        await world.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('stay within every bound, and lose nothing that is refused most', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 120 }), async (steps) => {
        const world = createReplicas();
        const { recorder, index } = world.start({ settings: BOUNDS });
        for (let times = 0; times < 200; times += 1) recorder.onDecision(decidedOf(99, 0, 99));
        await world.pass(2);
        for (const step of steps) {
          if (step.kind === 'wait') await world.pass(step.seconds);
          else if (step.kind === 'refuse')
            recorder.onDecision(decidedOf(step.decision, step.namespace, step.requester));
          expect(world.stored().size).toBeLessThanOrEqual(BOUNDS.maxInCluster);
          expect(overBounds(index, { ...DENIAL_SETTINGS, ...BOUNDS })).toEqual([]);
        }
        await world.pass(10);

        expect(overBounds(index, BOUNDS)).toEqual([]);
        expect([...world.stored().keys()]).toContain('ns-0/d-99');
        await world.stop();
      }),
      { numRuns: 60 },
    );
  });
});
