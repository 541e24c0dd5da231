import { describe, expect, it } from 'vitest';
import { createQuestions } from '../../../../src/facts/cluster/questions.ts';
import { createManualClock } from '../../kube/manual-clock.ts';

const OPEN = new AbortController().signal;

function asking() {
  const clock = createManualClock();
  const questions = createQuestions<number>(clock);
  let asked = 0;
  const put = async () => {
    asked += 1;
    return asked;
  };
  return { clock, ask: (key = 'k') => questions.ask(key, put, OPEN), questions };
}

describe('a question', () => {
  it('is asked afresh when somebody tries again', async () => {
    const { ask } = asking();

    expect([await ask(), await ask(), await ask()]).toEqual([1, 2, 3]);
  });

  it('that is asked more often than three times in two seconds is answered from memory', async () => {
    const { ask, clock } = asking();
    for (const _ of [1, 2, 3]) await ask();

    expect(await ask()).toBe(3);
    clock.advance(1999);
    expect(await ask()).toBe(3);
    clock.advance(1);
    expect(await ask()).toBe(4);
  });

  it('is no other question', async () => {
    const { ask } = asking();
    for (const _ of [1, 2, 3]) await ask('a');

    expect(await ask('b')).toBe(4);
  });

  it('under way is shared', async () => {
    const { ask } = asking();

    expect(await Promise.all([ask(), ask(), ask(), ask(), ask()])).toEqual([1, 1, 1, 1, 1]);
  });

  it('without an answer before the caller goes is none, and goes on for the others', async () => {
    const questions = createQuestions<number>(createManualClock());
    const answer = Promise.withResolvers<number>();
    const leaving = new AbortController();
    const first = questions.ask('k', () => answer.promise, leaving.signal);
    const second = questions.ask('k', () => answer.promise, OPEN);
    leaving.abort();

    expect(await first).toBeUndefined();
    answer.resolve(7);
    expect(await second).toBe(7);
  });

  it('that fails by a bug fails for whoever asked, and can be asked again', async () => {
    const questions = createQuestions<number>(createManualClock());

    await expect(questions.ask('k', () => Promise.reject(new Error('bug')), OPEN)).rejects.toThrow('bug');
    expect(await questions.ask('k', async () => 1, OPEN)).toBe(1);
  });

  it('is forgotten when a thousand others came after it', async () => {
    const { ask } = asking();
    for (const _ of [1, 2, 3]) await ask();
    for (const at of Array(1000).keys()) await ask(`other ${at}`);

    expect(await ask()).toBe(1004);
  });
});
