import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { admissionOn, ask, type Reviewed, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const LOST = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'readers', namespace: 'shop' },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: 'reader' },
  subjects: [{ kind: 'ServiceAccount', name: 'api' }],
};
const needing = (needs: string) => workloadObject({ annotations: { 'countersign.dev/needs': needs } });

async function warnings(reviewed: Reviewed, ...facts: JsonObject[]): Promise<unknown> {
  return responseOf(await ask(admissionOn(worldOf(...facts)), 'change', reviewOf(reviewed)))['warnings'];
}

describe('a person who changes something is told of', () => {
  it.each<[string, Reviewed, readonly JsonObject[], string]>([
    [
      'a scope that may not mean what it says',
      { object: needing('get pods/logs') },
      [ACCOUNT],
      'did you mean `pods/log`?',
    ],
    [
      'a binding without its role',
      { object: needing('') },
      [ACCOUNT, LOST],
      'Role reader: the role does not exist',
    ],
    [
      'an account that does not exist',
      { object: needing('') },
      [],
      'the service account does not exist (yet)',
    ],
  ])('%s', async (_, reviewed, facts, want) => {
    expect(await warnings(reviewed, ...facts)).toContainEqual(expect.stringContaining(want));
  });

  it('three of them at most, and each on a line that is not cut', async () => {
    const lines = [...Array(20).keys()].map((at) => `get pods/logs${at}`).join('\n');
    const told = await warnings({ object: needing(lines) }, ACCOUNT);
    const notes = Array.isArray(told)
      ? told.filter((line) => String(line).includes('not a known subresource'))
      : [];

    expect(notes).toHaveLength(3);
  });

  it('nothing that is so by design', async () => {
    const web = workloadObject({ name: 'web', annotations: { 'countersign.dev/needs': '' } });

    expect(await warnings({ object: needing('') }, ACCOUNT, web)).toBeUndefined();
  });
});
