import { describe, expect, it } from 'vitest';
import { changesClaim } from '../../../../src/core/admission/moment.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { type WorkloadOptions, workload } from '../../../support/workload.ts';

function changes(before: WorkloadOptions, after: WorkloadOptions): boolean {
  return changesClaim(workload(before), workload(after));
}

const withSpec = (podSpec: JsonObject): WorkloadOptions => ({ podSpec });

describe('an update changes the claim', () => {
  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['a Secret is mounted', {}, { volumes: [{ name: 'v', secret: { secretName: 'a' } }] }, true],
    [
      'another Secret is mounted',
      { volumes: [{ name: 'v', secret: { secretName: 'a' } }] },
      { volumes: [{ name: 'v', secret: { secretName: 'b' } }] },
      true,
    ],
    ['scratch space is mounted', {}, { volumes: [{ name: 'v', emptyDir: {} }] }, false],
    ['a volume is no volume', {}, { volumes: ['secret', null] }, false],
    [
      'the token is refused',
      { automountServiceAccountToken: true },
      { automountServiceAccountToken: false },
      true,
    ],
    ['the token is asked for', {}, { automountServiceAccountToken: true }, true],
    ['null is written for what is absent', {}, { automountServiceAccountToken: null }, false],
  ])('%s: %#', (_, before, after, want) => {
    expect(changes(withSpec(before), withSpec(after))).toBe(want);
  });

  it('is not a matter of the order of annotations', () => {
    const [a, b] = [{ 'countersign.dev/needs': 'get pods' }, { 'countersign.dev/inject': 'true' }];

    expect(changes({ annotations: { ...a, ...b } }, { annotations: { ...b, ...a } })).toBe(false);
    expect(changes({ annotations: { ...b, ...a } }, { annotations: { ...a, ...b } })).toBe(false);
  });
});
