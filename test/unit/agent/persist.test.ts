import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Attempt, Failure } from '../../../src/agent/failure.ts';
import { createLog } from '../../../src/agent/log.ts';
import { persist } from '../../../src/agent/persist.ts';
import { startMilliseconds, type TestHost, testHost } from '../../support/agent.ts';

const away: Failure = { kind: 'unreachable', where: 'w', cause: 'away', retryable: true };
const no: Failure = { kind: 'login', where: 'w', cause: 'no', retryable: false };

describe('persist', () => {
  let host: TestHost;

  beforeEach(async () => {
    host = await testHost({});
  });
  afterEach(() => host.remove());

  function persisted(
    rounds: (count: number) => readonly Failure[],
    giveUpSeconds = 180,
  ): Promise<Attempt<number>> {
    const patience = { untilMilliseconds: startMilliseconds + giveUpSeconds * 1000, refusalSeconds: 20 };
    let count = 0;
    return persist(host, createLog(host), patience, async () => {
      const failures = rounds(count);
      count += 1;
      return failures.length > 0 ? { failures } : { value: count };
    });
  }

  it('ends with the first round that leaves nothing to do', async () => {
    await expect(persisted((count) => (count < 3 ? [away] : []))).resolves.toEqual({ value: 4 });
    expect(host.slept).toEqual([250, 500, 1000]);
  });

  it('gives up after minutes of silence, with waits that stop growing', async () => {
    await expect(persisted(() => [away])).resolves.toEqual({ failures: [away] });
    expect(Math.max(...host.slept)).toBe(7_500);
    expect(host.now() - startMilliseconds).toBeGreaterThan(170_000);
    expect(host.now() - startMilliseconds).toBeLessThanOrEqual(180_000);
  });

  it('doubts a no for seconds only', async () => {
    await expect(persisted(() => [no])).resolves.toEqual({ failures: [no] });
    expect(host.slept.length).toBeGreaterThan(3);
    expect(host.now() - startMilliseconds).toBeLessThanOrEqual(20_000);
  });

  it('counts the seconds of a no from its first time on', async () => {
    const failures = await persisted(() => (host.now() - startMilliseconds < 60_000 ? [away] : [away, no]));
    expect(failures).toEqual({ failures: [away, no] });
    expect(host.now() - startMilliseconds).toBeGreaterThan(70_000);
    expect(host.now() - startMilliseconds).toBeLessThan(90_000);
  });

  it('waits as long as it is asked to', async () => {
    await persisted((count) => (count === 0 ? [{ ...away, retryAfterSeconds: 30 }, away] : []));
    expect(host.slept).toEqual([30_000]);
  });

  it('gives up at once when it is asked to wait beyond its end', async () => {
    await persisted(() => [{ ...away, retryAfterSeconds: 600 }]);
    expect(host.slept).toEqual([]);
  });

  it('ends when the container is stopped', async () => {
    const reason = new Error('stopped');
    host.stop.abort(reason);
    await expect(persisted(() => [away])).rejects.toBe(reason);
  });
});
