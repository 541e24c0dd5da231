import { describe, expect, it } from 'vitest';
import type { Decided } from '../../../../src/admit/handler.ts';
import { DENIAL_SCHEMA, type DenialSource } from '../../../../src/api/denial.ts';
import { createValidator } from '../../../../src/api/validate.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { denialSpec, refusedIn } from '../../../../src/review/denials/source.ts';
import { admissionOn, ask, type Reviewed, reviewOf, worldOf } from '../../../support/admission.ts';
import { workloadObject } from '../../../support/workload.ts';

const OURS = 'countersign.dev/v1alpha1';
const RBAC = 'rbac.authorization.k8s.io';
const POLICY: JsonObject = {
  apiVersion: OURS,
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: { onChange: { missing: 'Deny', excess: { critical: 'Deny', high: 'Deny' } } },
};
const metadata = { namespace: 'shop', name: 'api' };
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, uid: 'a-1' } };
const ROLE = {
  apiVersion: `${RBAC}/v1`,
  kind: 'Role',
  metadata,
  rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }],
};
const BINDING = {
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata,
  roleRef: { apiGroup: RBAC, kind: 'Role', name: 'api' },
  subjects: [{ kind: 'ServiceAccount', ...metadata }],
};
const annotated = (needs: string) => workloadObject({ annotations: { 'countersign.dev/needs': needs } });

async function specOf(
  reviewed: Reviewed,
  ...objects: JsonObject[]
): Promise<DenialSource['spec'] | undefined> {
  const world = worldOf(POLICY, ...objects);
  const decisions: Decided[] = [];
  await ask(
    admissionOn(world, { onDecision: (decided) => decisions.push(decided) }),
    'change',
    reviewOf(reviewed),
  );
  const [decided] = decisions;
  const refused = decided && refusedIn(decided);
  return refused && denialSpec(refused, world, (text) => text.replaceAll('hunter2', '[redacted]'));
}

describe('what a Denial says', () => {
  it('is what was found, strictest first, with what gives it', async () => {
    const spec = await specOf({ object: annotated('get pods') }, ACCOUNT, ROLE, BINDING);

    expect(spec).toMatchObject({
      workload: { kind: 'Deployment', name: 'api' },
      serviceAccount: { name: 'api', uid: 'a-1' },
      policy: 'strict',
      summary: expect.stringMatching(
        /^shop\/api \(Deployment\) may not run .*1 missing, 1 excess \[d-\w{8}, policy strict\]$/u,
      ),
      findings: [
        {
          check: 'missing',
          reason: 'Missing',
          action: 'Deny',
          undetermined: false,
          scope: 'get pods in shop',
        },
        {
          check: 'excess',
          reason: 'Excess',
          scope: expect.stringContaining('secrets'),
          via: expect.stringContaining('Role api'),
        },
      ],
    });
  });

  it('is what is wrong with a declaration, without what looks like a credential', async () => {
    const spec = await specOf({ object: annotated('get hunter2!') });

    expect(spec?.findings).toMatchObject([
      {
        check: 'request',
        reason: 'DeclarationInvalid',
        action: 'Deny',
        detail: expect.stringMatching(/^countersign\.dev\/needs: /u),
      },
    ]);
    expect(JSON.stringify(spec)).not.toContain('hunter2');
  });

  it('stays small, and says how much more there is', async () => {
    const needs = [...Array(80).keys()].map((at) => `get pods named ${'n'.repeat(200)}-${at}`).join('\n');
    const spec = await specOf({ object: annotated(needs) });

    expect(JSON.stringify(spec).length).toBeLessThan(20_000);
    expect((spec?.findings.length ?? 0) + (spec?.moreFindings ?? 0)).toBe(80);
    const object = { apiVersion: OURS, kind: 'Denial', metadata: {}, spec };
    expect(createValidator(DENIAL_SCHEMA)(object)).toEqual([]);
  });

  it.each<[string, Reviewed]>([
    ['a dry-run', { object: annotated('get pods'), dryRun: true }],
    ['a pass', { object: annotated('') }],
    ['what is no workload', { object: { kind: 'ConfigMap', metadata: {} } }],
  ])('is nothing of %s', async (_, reviewed) => {
    expect(await specOf(reviewed)).toBeUndefined();
  });
});
