import { describe, expect, it } from 'vitest';
import { createRefresh } from '../../../../src/facts/vault/refresh.ts';
import { createRoleIndex } from '../../../../src/facts/vault/role-index.ts';
import type { VaultTable } from '../../../../src/facts/vault/table.ts';
import { failing } from '../../../support/agent.ts';
import { createManualClock, until } from '../../kube/manual-clock.ts';

const TABLE: VaultTable = {
  mount: { type: 'kubernetes', accessor: 'a', dialect: 'vault' },
  roles: new Map(),
  index: createRoleIndex([]),
  policies: new Map(),
  unread: [],
};

function refreshOf(answers: readonly (VaultTable | Error)[], random = 0.5) {
  const clock = createManualClock();
  const stop = new AbortController();
  let asked = 0;
  const refresh = createRefresh({
    read: () => {
      const answer = answers[asked] ?? TABLE;
      asked += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    refreshSeconds: 300,
    clock,
    random: () => random,
    onChange: () => undefined,
  });
  const running = refresh.run(stop.signal);
  return {
    refresh,
    clock,
    asked: () => asked,
    waiting: async () => {
      await until(() => clock.pending().length === 1);
      return clock.pending()[0];
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

describe('the reading of a Vault', () => {
  it.each([
    [0, 270_000],
    [0.5, 300_000],
  ])('comes again within a tenth of its time, random %d', async (random, wait) => {
    const { refresh, clock, waiting, stop, asked } = refreshOf([], random);
    expect(refresh.failure()?.code).toBe('NotYet');
    expect(refresh.ageMs()).toBe(Number.POSITIVE_INFINITY);
    expect(await waiting()).toBe(wait);
    expect(refresh.table()).toBe(TABLE);
    clock.advance(wait);
    expect(await waiting()).toBe(wait);
    expect(asked()).toBe(2);
    expect(refresh.ageMs()).toBe(0);
    await stop();
  });

  it('comes soon where it failed, later each time, and keeps what it has', async () => {
    const away = failing('ERR_VAULT_UNREACHABLE', 'away');
    const { refresh, clock, waiting, stop } = refreshOf([TABLE, away, away, away, away, TABLE]);
    clock.advance((await waiting()) ?? 0);
    const waits: (number | undefined)[] = [];
    for (let at = 0; at < 4; at += 1) {
      const wait = await waiting();
      waits.push(wait);
      expect(refresh.table()).toBe(TABLE);
      expect(refresh.failure()?.code).toBe('Unreachable');
      clock.advance(wait ?? 0);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
    expect(await waiting()).toBe(300_000);
    expect(refresh.failure()).toBeUndefined();
    await stop();
  });

  it('ends with the signal', async () => {
    const { waiting, stop, clock } = refreshOf([]);
    await waiting();
    await stop();
    expect(clock.pending()).toEqual([]);
  });
});
