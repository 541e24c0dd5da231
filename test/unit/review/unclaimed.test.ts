import { beforeEach, describe, expect, it } from 'vitest';
import { type JsonObject, objectOf } from '../../../src/core/json.ts';
import { createUnclaimed, type Unclaimed } from '../../../src/review/unclaimed.ts';
import { injected, inputFor, MINTED, podWith, SETTINGS } from '../core/inject/fixtures.ts';

const ASKS = { 'countersign.dev/inject': 'wrapped', 'countersign.dev/token': 'file' };
const END_MS = MINTED.expiresAtSeconds * 1000;
const iso = (secondsFromEnd: number) => new Date(END_MS + secondsFromEnd * 1000).toISOString();

/** As the API server has it. */
function podOf(init: JsonObject | undefined, metadata: JsonObject = {}): JsonObject {
  const pod = injected(inputFor(podWith(ASKS), ASKS));
  const status = init === undefined ? {} : { initContainerStatuses: [{ name: 'countersign-init', ...init }] };
  return {
    ...pod,
    metadata: { ...objectOf(pod['metadata']), namespace: 'shop', name: 'a', uid: 'uid-a', ...metadata },
    status,
  };
}

const IN_TIME = podOf({ restartCount: 0, state: { running: { startedAt: iso(-30) } } });
const LATE = podOf({ restartCount: 0, state: { terminated: { startedAt: iso(1) } } });

describe('a token that is made for a pod', () => {
  let nowMs: number;
  let due: { atMs: number; run: () => void }[];
  let revoked: string[];
  let stop: AbortController;
  let unclaimed: Unclaimed;

  beforeEach(() => {
    [nowMs, due, revoked, stop] = [END_MS - 100_000, [], [], new AbortController()];
    const clock = {
      now: () => nowMs,
      after(milliseconds: number, run: () => void) {
        const entry = { atMs: nowMs + milliseconds, run };
        due.push(entry);
        return () => void (due = due.filter((one) => one !== entry));
      },
    };
    const revoker = {
      revoke: async (vault: string, accessor: string) => void revoked.push(`${vault} ${accessor}`),
    };
    const silent = { info() {}, warn() {} };
    const now = () => new Date(nowMs);
    const options = { clock, random: () => 0, settings: SETTINGS, revoker, log: silent, now };
    unclaimed = createUnclaimed(options, stop.signal);
  });

  /** As long as it takes for the wrapping token to end, and then some. */
  async function pass(milliseconds = 200_000): Promise<void> {
    nowMs += milliseconds;
    const ready = due.filter(({ atMs }) => atMs <= nowMs);
    due = due.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of ready) run();
    await Promise.resolve();
  }

  const ALL = [`default ${MINTED.accessor}`];

  it.each<[string, readonly JsonObject[], readonly string[]]>([
    ['is revoked where the pod never starts', [podOf(undefined)], ALL],
    ['is revoked where the pod starts too late', [podOf(undefined), LATE], ALL],
    ['is left alone where the pod came in time', [podOf(undefined), IN_TIME], []],
    ['is left alone where the pod had come before anybody looked', [IN_TIME], []],
    [
      'is left alone where the container was started again, since it had started before',
      [podOf({ restartCount: 1, state: { running: { startedAt: iso(50) } } })],
      [],
    ],
    [
      'is not revoked for a pod that Countersign has not sealed',
      [podOf(undefined, { annotations: { 'countersign.dev/accessor': 'another' } })],
      [],
    ],
    ['is none in a pod without one', [{ ...podWith({}), metadata: { uid: 'b' } }], []],
  ])('%s', async (_, pods, want) => {
    for (const pod of pods) unclaimed.put(pod);
    await pass();

    expect(revoked).toEqual(want);
  });

  it('is not revoked before its end', async () => {
    unclaimed.put(podOf(undefined));
    await pass(100_000);

    expect(revoked).toEqual([]);
  });

  it('is revoked though the pod is deleted meanwhile', async () => {
    unclaimed.put(podOf(undefined));
    unclaimed.drop('uid-a');
    unclaimed.retain(new Set());
    await pass();

    expect(revoked).toEqual(ALL);
  });

  it('is revoked once, however often the pod changes', async () => {
    unclaimed.put(podOf(undefined));
    await pass();
    unclaimed.put(LATE);
    await pass();

    expect(revoked).toEqual(ALL);
  });

  it('is nobody’s business after the leader has gone', async () => {
    unclaimed.put(podOf(undefined));
    stop.abort();
    await pass();
    unclaimed.put(podOf(undefined, { uid: 'uid-b' }));
    await pass();

    expect(revoked).toEqual([]);
  });
});
