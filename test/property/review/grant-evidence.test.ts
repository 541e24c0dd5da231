import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDecision, parseGrant } from '../../../src/api/parse-grant.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { type GrantRecord, grantState } from '../../../src/core/verdict/grants.ts';
import { createGrantKeeper, type GrantKeeper } from '../../../src/review/grants/keeper.ts';
import { worldOf } from '../../support/admission.ts';
import { createFakeObjects } from '../../support/fake-objects.ts';
import { APPROVED_MS, decisionObject, grant, grantObject } from '../../support/grants.ts';
import { createManualClock } from '../../unit/kube/manual-clock.ts';

/**
 * A grant that was approved and taken back, and whose time as evidence is over. Whatever order deletions, watches, changes
 * of the leader and late decisions come in, no replica sees it hold.
 */

const DAY_MS = 86_400_000;
const VIEW_SECONDS = 300;
const YEARS = { duration: '90000h' };
const ASKED = grant('get secrets', { durationSeconds: 90_000 * 3600 });
const BASE = '/apis/countersign.dev/v1alpha1/namespaces/shop';

type Step =
  | { readonly kind: 'round' | 'hearGrants' | 'hearDecisions' | 'newLeader' | 'approve' }
  | { readonly kind: 'pass'; readonly seconds: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: 'round' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'hearGrants' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'hearDecisions' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'newLeader' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'approve' }) },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 900 }).map((seconds): Step => ({ kind: 'pass', seconds })),
  },
);

/** What the API server had at a time. */
interface Snapshot {
  readonly atMs: number;
  readonly objects: readonly JsonObject[];
}

async function play(
  steps: readonly Step[],
  ending: 'Revoke' | 'Reject',
  graceSeconds: number,
): Promise<void> {
  const clock = createManualClock();
  const kube = createFakeObjects(clock);
  const { client } = kube.connect();
  const startMs = APPROVED_MS + 31 * DAY_MS;
  const signal = new AbortController().signal;
  await client.post(`${BASE}/accessgrants`, grantObject(['get secrets'], YEARS));
  await client.post(`${BASE}/accessdecisions`, decisionObject(ASKED));
  const taken = decisionObject(ASKED, { decision: ending, by: 'ada' }, { name: 'debug-2', uid: 'd-2' });
  await client.post(`${BASE}/accessdecisions`, taken);
  const history: Snapshot[] = [{ atMs: 0, objects: [...kube.objects.values()] }];
  let approvals = 0;
  let keeper = newKeeper();

  function newKeeper(): GrantKeeper {
    const made = createGrantKeeper({
      client,
      clock,
      now: () => new Date(startMs + clock.now()),
      facts: worldOf(),
      settings: { keepEvidenceDays: 30, warnBeforeExpirySeconds: 900 },
      factsMaxAgeSeconds: graceSeconds,
      recorder: { record: () => undefined },
      notify: () => undefined,
    });
    hear(made, 'AccessGrant');
    hear(made, 'AccessDecision');
    return made;
  }

  /** As a list does it. */
  function hear({ entries }: GrantKeeper, kind: 'AccessGrant' | 'AccessDecision'): void {
    const sink = kind === 'AccessGrant' ? entries.grantSink : entries.decisionSink;
    const keys = [...kube.objects.values()]
      .filter((object) => object['kind'] === kind)
      .map((object) => sink.put(object));
    sink.retain(new Set(keys.filter((key) => key !== undefined)));
  }

  async function take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'round':
        return keeper.round(signal);
      case 'hearGrants':
        return hear(keeper, 'AccessGrant');
      case 'hearDecisions':
        return hear(keeper, 'AccessDecision');
      case 'newLeader':
        keeper = newKeeper();
        return;
      case 'approve': {
        approvals += 1;
        const late = { name: `late-${approvals}`, uid: `l-${approvals}` };
        await client.post(`${BASE}/accessdecisions`, decisionObject(ASKED, { by: 'eve' }, late));
        return;
      }
      case 'pass':
        clock.advance(step.seconds * 1000);
        return;
    }
  }

  for (const step of [{ kind: 'round' } as const, ...steps]) {
    await take(step);
    history.push({ atMs: clock.now(), objects: [...kube.objects.values()] });
    const seen = history.filter(({ atMs }, at) => {
      const untilMs = history[at + 1]?.atMs ?? Infinity;
      return atMs <= clock.now() && untilMs >= clock.now() - VIEW_SECONDS * 1000;
    });
    const withGrant = seen.filter(({ objects }) => objects.some(({ kind }) => kind === 'AccessGrant'));
    for (const grants of withGrant)
      for (const decisions of seen) {
        expect(activeIn(grants.objects, decisions.objects, startMs + clock.now())).toBe(false);
      }
  }
}

/** For a replica whose two caches are of two times. */
function activeIn(grants: readonly JsonObject[], decisions: readonly JsonObject[], nowMs: number): boolean {
  const records = grants.flatMap((object): readonly GrantRecord[] => {
    const { value } = parseGrant(object);
    const made = decisions.flatMap((decision) => parseDecision(decision).value ?? []);
    return value === undefined ? [] : [{ grant: value, decisions: made }];
  });
  return records.some((record) => grantState(record, nowMs, Infinity).state === 'Active');
}

describe('a grant that was taken back', () => {
  it.each(['Revoke', 'Reject'] as const)(
    'never holds again after a %s, in whatever order its evidence goes',
    async (ending) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 60 }), async (steps) => {
          await play(steps, ending, VIEW_SECONDS);
        }),
      );
    },
  );

  it('would hold again if decisions went as soon as their grant', async () => {
    const steps: readonly Step[] = [
      { kind: 'round' },
      { kind: 'pass', seconds: 1 },
      { kind: 'approve' },
      { kind: 'round' },
    ];

    await expect(play(steps, 'Revoke', 0)).rejects.toThrow('expected true to be false');
  });
});
