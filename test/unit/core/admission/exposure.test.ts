import { describe, expect, it } from 'vitest';
import { isLatent, tokenMountsOf } from '../../../../src/core/admission/exposure.ts';
import type { JsonObject } from '../../../../src/core/json.ts';

const projected = (...sources: readonly JsonObject[]): JsonObject => ({
  volumes: [{ name: 'v', projected: { sources } }],
});

describe('how a pod could come by a token', () => {
  it.each<[string, JsonObject, object]>([
    ['it says nothing', {}, { automount: undefined, mounted: false, secrets: [] }],
    [
      'it says something that is no answer',
      { automountServiceAccountToken: 'yes' },
      { automount: undefined },
    ],
    ['it says yes', { automountServiceAccountToken: true }, { automount: true }],
    ['it says no', { automountServiceAccountToken: false }, { automount: false }],
    ['a token without audience', projected({ serviceAccountToken: { path: 't' } }), { mounted: true }],
    [
      'a token for the API server by its full name',
      projected({ serviceAccountToken: { audience: 'https://kubernetes.default.svc.cluster.local' } }),
      { mounted: true },
    ],
    [
      'a token for somebody else',
      projected({ serviceAccountToken: { audience: 'vault' } }),
      { mounted: false },
    ],
    [
      'one for somebody else beside one for the API server',
      projected({ serviceAccountToken: { audience: 'vault' } }, { serviceAccountToken: { path: 't' } }),
      { mounted: true },
    ],
    ['a token of no shape', projected({ serviceAccountToken: 'x' }), { mounted: false }],
    [
      'a Secret, mounted',
      { volumes: [{ secret: { secretName: 'db' } }] },
      { mounted: false, secrets: ['db'] },
    ],
    ['a Secret, projected', projected({ secret: { name: 'db' } }), { mounted: false, secrets: ['db'] }],
    ['another account’s token', projected({ secret: { name: 'web-token-1' } }), { mounted: false }],
  ])('%s', (_, podSpec, want) => {
    expect(tokenMountsOf(podSpec, 'api')).toMatchObject(want);
  });

  it('shares the list of a pod without Secrets, of which there are many', () => {
    expect(tokenMountsOf({}, 'api').secrets).toBe(tokenMountsOf({ volumes: [] }, 'web').secrets);
  });
});

describe('what an account holds is out of reach', () => {
  const away = { automount: false, mounted: false, secrets: [] };

  it('is not a matter of an account that does not exist', () => {
    expect(isLatent(away, undefined)).toBe(true);
    expect(isLatent({ ...away, automount: undefined }, undefined)).toBe(false);
    expect(isLatent({ ...away, secrets: ['db'] }, undefined)).toBe(true);
  });

  it('is not, where one of several Secrets is the account’s', () => {
    const account = { automount: undefined, secrets: ['listed', 'other'] };

    expect(isLatent({ ...away, secrets: ['db', 'listed'] }, account)).toBe(false);
    expect(isLatent({ ...away, secrets: ['db'] }, account)).toBe(true);
  });
});
