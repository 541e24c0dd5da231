import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject, listOf } from '../../../src/core/json.ts';
import { countersign, withFiles } from '../../support/cli.ts';
import { workloadObject } from '../../support/workload.ts';

/** Countersign under its own strictest policy: its account holds what it declares, and nothing beside it. */

function documents(file: string): readonly JsonObject[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const value: unknown = document.toJS();
    return isObject(value) ? value : {};
  });
}

function own(change: (object: JsonObject) => JsonObject = (object) => object): Record<string, string> {
  const objects = [
    ...documents('manifests/rbac.yaml').map((object) =>
      object['kind'] === 'Namespace'
        ? { ...object, metadata: { name: 'countersign', labels: { 'countersign.dev/policy': 'enforce' } } }
        : object,
    ),
    ...documents('manifests/policies/enforce.yaml'),
    workloadObject({ name: 'countersign', namespace: 'countersign', account: 'countersign' }),
  ].map(change);
  return { 'all.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n') };
}

describe('the rights of Countersign itself', () => {
  it('pass the policy `enforce`, with nothing to say but how the watches of one name must ask', async () => {
    await withFiles(own(), async (dir) => {
      const { code, out } = await countersign(['check', dir, '--fail-on', 'warn']);

      expect({ code, out }).toEqual({
        code: 0,
        out: expect.stringMatching(
          /^pass {4}countersign\/countersign \(Deployment\) as serviceaccount countersign\/countersign \[policy enforce\]\n(?: +note: countersign\.dev\/needs \(serviceaccount\), line \d+: `list,watch` with `named` matches only requests with the field selector `metadata\.name=NAME`\n){3}1 workload in 1 file: 1 pass\n$/u,
        ),
      });
    });
  });

  it('would not with one more', async () => {
    const wider = own((object) =>
      object['kind'] === 'ClusterRole'
        ? {
            ...object,
            rules: [
              ...listOf(object['rules']).filter(isObject),
              { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
            ],
          }
        : object,
    );
    await withFiles(wider, async (dir) => {
      expect((await countersign(['check', dir])).out).toContain('get secrets everywhere');
    });
  });

  it('are each explained in a comment', () => {
    const lines = readFileSync('manifests/rbac.yaml', 'utf8').split('\n');
    const rules = documents('manifests/rbac.yaml')
      .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
      .flatMap((role) => listOf(role['rules']));

    expect(rules.length).toBeGreaterThan(9);
    expect(lines.filter((line) => line.trim().startsWith('#')).length).toBeGreaterThan(9);
  });
});
