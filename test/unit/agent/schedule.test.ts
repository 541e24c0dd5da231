import { describe, expect, it } from 'vitest';
import { emptyState } from '../../../src/agent/change.ts';
import { createRetries } from '../../../src/agent/retries.ts';
import { nextOf, released, type Task, tasksOf } from '../../../src/agent/schedule.ts';
import type { AgentState } from '../../../src/agent/state.ts';
import { isAlive, isFresh, refreshTerm, termOf } from '../../../src/agent/term.ts';

const session = { token: 't', accessor: undefined, renewable: true, seconds: 90, expiresAt: 100, dueAt: 60 };
const held = { data: {}, lease: undefined, expiresAt: undefined };
const state: AgentState = {
  ...emptyState('d'),
  session,
  credentials: [
    { ...held, name: 'db', dueAt: 50 },
    { ...held, name: 'kv', dueAt: undefined },
  ],
  identities: [{ file: 'id', jwt: 'j', expiresAt: 90, dueAt: 55 }],
  retired: [{ token: 'old', expiresAt: 70, waitsFor: ['db'], revokeAt: undefined }],
};

const brief = (tasks: readonly Task[]) =>
  tasks.map(({ kind, name, dueAt }) => `${kind} ${name} ${dueAt}`.replace('  ', ' '));

describe('tasksOf', () => {
  it.each<[string, AgentState, boolean, number, readonly string[]]>([
    [
      'all that has a time',
      state,
      false,
      0,
      ['token 60', 'credential db 50', 'identity id 55', 'retired old 70'],
    ],
    [
      'the files when they may differ',
      state,
      true,
      0,
      ['token 60', 'credential db 50', 'identity id 55', 'files 0', 'retired old 70'],
    ],
    ['nothing that needs a token that has ended', state, false, 100, ['token 60', 'retired old 70']],
    [
      'a login where there is no token',
      { ...state, session: undefined },
      false,
      0,
      ['token 0', 'retired old 70'],
    ],
    [
      'no renewal of a token without end',
      { ...emptyState('d'), session: { ...session, expiresAt: undefined, dueAt: undefined } },
      false,
      0,
      [],
    ],
  ])('names %s', (_, given, dirty, now, expected) => {
    expect(brief(tasksOf(given, dirty, now))).toEqual(expected);
  });
});

describe('nextOf', () => {
  const task = (kind: Task['kind']): Task => ({ kind, name: '', dueAt: 0 });

  it.each<[Task['kind'][], Task['kind'][]]>([
    [['retired', 'files', 'identity', 'credential', 'token'], ['token']],
    [
      ['retired', 'files', 'identity', 'credential'],
      ['identity', 'credential'],
    ],
    [['retired', 'files'], ['files']],
    [
      ['retired', 'retired'],
      ['retired', 'retired'],
    ],
    [[], []],
  ])('of %j takes %j', (given, expected) => {
    expect(nextOf(given.map(task)).map(({ kind }) => kind)).toEqual(expected);
  });
});

describe('released', () => {
  const retired = { token: 'old', expiresAt: 1000, waitsFor: [], revokeAt: undefined };

  it.each<[string, object, number, number | undefined]>([
    ['half of its time', { expiresAt: 100 }, 60, 80],
    ['five minutes at most', {}, 0, 300],
    ['five minutes when it does not end', { expiresAt: undefined }, 0, 300],
    ['no time when it has ended', { expiresAt: 50 }, 60, 60],
    ['as long as it is waited for', { waitsFor: ['db'] }, 60, undefined],
    ['what it was given before', { revokeAt: 77 }, 60, 77],
  ])('gives %s', (_, change, now, revokeAt) => {
    expect(released([{ ...retired, ...change }], now)[0]?.revokeAt).toBe(revokeAt);
  });
});

describe('terms', () => {
  const clock = (random: number, seconds = 1000) => ({ now: () => seconds * 1000, random: () => random });

  it.each<[number, number]>([
    [0, 1000 + 60 * (2 / 3)],
    [0.999999, 1000 + 60 * 0.6],
  ])('are seen to between 60 % and two thirds of them (draw %d)', (random, dueAt) => {
    const term = termOf(clock(random), 60);
    expect(term.expiresAt).toBe(1060);
    expect(term.dueAt).toBeCloseTo(dueAt, 3);
  });

  it('of 0 seconds have no end', () => {
    expect(termOf(clock(0), 0)).toEqual({ expiresAt: undefined, dueAt: undefined });
  });

  it('are seen to no more often than once a second', () => {
    expect(termOf(clock(0), 1).dueAt).toBe(1001);
    expect(refreshTerm(clock(1), 1).dueAt).toBe(1001);
  });

  it('of refreshing are drawn up to a tenth early', () => {
    expect(refreshTerm(clock(0), 60).dueAt).toBe(1060);
    expect(refreshTerm(clock(1), 60).dueAt).toBe(1054);
  });

  it.each<[number | undefined, number, boolean, boolean]>([
    [undefined, 60, true, true],
    [1031, 3600, true, true],
    [1030, 3600, true, false],
    [1008, 20, true, true],
    [1006, 20, true, false],
    [1000, 20, false, false],
  ])('that end at %s of %d s: alive %s, fresh %s', (expiresAt, seconds, alive, fresh) => {
    const term = { expiresAt, dueAt: undefined };
    expect([isAlive(clock(0), term), isFresh(clock(0), term, seconds)]).toEqual([alive, fresh]);
  });
});

describe('retries', () => {
  const failure = { kind: 'unreachable', where: 'w', cause: 'c', retryable: true } as const;

  it('wait longer each time, up to half a minute, each for itself', () => {
    const retries = createRetries({ now: () => 0, random: () => 0.999 });
    const waits = Array.from({ length: 7 }, () => Math.round(retries.failed('a', [failure]) / 1000));

    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(retries.notBefore('a')).toBeCloseTo(30, 0);
    expect(retries.notBefore('b')).toBe(0);
  });

  it('begin anew after a success', () => {
    const retries = createRetries({ now: () => 0, random: () => 0.999 });
    for (let count = 0; count < 5; count += 1) retries.failed('a', [failure]);
    retries.succeeded('a');
    expect(retries.notBefore('a')).toBe(0);
    expect(retries.failed('a', [failure])).toBe(999);
  });

  it('hold back everything that is asked of Vault where it asked for that', () => {
    const retries = createRetries({ now: () => 5_000, random: () => 0.5 });
    retries.failed('a', [{ ...failure, retryAfterSeconds: 20 }]);
    retries.succeeded('a');
    expect([retries.notBefore('a'), retries.quietUntil()]).toEqual([0, 25]);
  });
});
