import { expect, it } from 'vitest';
import { createGate } from '../../../src/server/gate.ts';

function leave(way: string | (() => void)): void {
  if (typeof way === 'string') throw new Error(`turned away: ${way}`);
  way();
}

it('turns away what is more than it can hold, and takes more once somebody has left', () => {
  const gate = createGate({ requests: 2, bytes: 100 });
  const first = gate.enter(10);
  gate.enter(10);
  expect([gate.enter(10), gate.inFlight]).toEqual(['requests', 2]);

  leave(first);
  expect([typeof gate.enter(10), gate.inFlight]).toEqual(['function', 2]);
});

it('turns away bodies that are too much together, but never a single one', () => {
  const gate = createGate({ requests: 10, bytes: 100 });
  const first = gate.enter(150);
  expect(gate.enter(1)).toBe('bytes');

  leave(first);
  expect([typeof gate.enter(60), typeof gate.enter(40), gate.enter(1)]).toEqual([
    'function',
    'function',
    'bytes',
  ]);
});

it('counts whoever leaves twice once', () => {
  const gate = createGate({ requests: 2, bytes: 100 });
  const first = gate.enter(50);
  gate.enter(50);
  leave(first);
  leave(first);
  expect(gate.inFlight).toBe(1);
});
