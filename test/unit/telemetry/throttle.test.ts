import { expect, it } from 'vitest';
import { createThrottle } from '../../../src/telemetry/throttle.ts';

it('lets one pass in an interval and then says how many it held back', () => {
  let now = 0;
  const throttle = createThrottle(1000, () => now);
  const passes = [0, 1, 999, 1000, 1001, 2500].map((time) => {
    now = time;
    return throttle.pass();
  });
  expect(passes).toEqual([0, undefined, undefined, 2, undefined, 1]);
});
