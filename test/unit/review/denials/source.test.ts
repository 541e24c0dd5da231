import { describe, expect, it } from 'vitest';
import type { Decided } from '../../../../src/admit/handler.ts';
import { DENIAL_SCHEMA, type DenialSource } from '../../../../src/api/denial.ts';
import { createValidator } from '../../../../src/api/validate.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { denialSpec, refusedIn } from '../../../../src/review/denials/source.ts';
import { createScrubber } from '../../../../src/telemetry/scrub.ts';
import { admissionOn, ask, type Reviewed, reviewOf, worldOf } from '../../../support/admission.ts';
import { workloadObject } from '../../../support/workload.ts';

const { scrub } = createScrubber();
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
  return refused && denialSpec(refused, world, (text) => scrub(text).replaceAll('hunter2', '[redacted]'));
}

function isStorable(spec: DenialSource['spec'] | undefined): boolean {
  const object = { apiVersion: OURS, kind: 'Denial', metadata: {}, spec };
  return createValidator(DENIAL_SCHEMA)(object).length === 0;
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

  it.each([
    ['many needs', 150, 40],
    ['long needs', 80, 200],
    ['needs of any length', 20, 1500],
  ])('stays small with %s, and says how much more there is', async (_, count, length) => {
    const needs = [...Array(count).keys()].map((at) => `get pods named ${'n'.repeat(length)}-${at}`);
    const spec = await specOf({ object: annotated(needs.join('\n')) });

    expect(JSON.stringify(spec).length).toBeLessThan(23_000);
    expect((spec?.findings.length ?? 0) + (spec?.moreFindings ?? 0)).toBe(count);
    expect((spec?.needs?.length ?? 0) + (spec?.moreNeeds ?? 0)).toBe(count);
    expect(isStorable(spec)).toBe(true);
  });

  const SECRETIVE = 'get secrets named hunter2';
  const TOKEN = `hvs.${'a'.repeat(24)}`;
  it.each<[string, JsonObject, JsonObject | undefined, object]>([
    [
      'what the template declares, as it is meant and each once',
      { 'countersign.dev/needs': 'watch,get pods # for jane\nvault read kv/a\nget,watch pods in shop' },
      undefined,
      { needs: ['get,watch pods in shop', 'vault read kv/a'] },
    ],
    [
      'what the credentials imply beside it',
      {
        'countersign.dev/needs': 'get pods',
        'countersign.dev/inject': 'true',
        'countersign.dev/credential.db': 'kv/db',
        'countersign.dev/file.db': 'db',
      },
      undefined,
      { needs: ['get pods in shop', 'vault read kv/db'] },
    ],
    [
      'what the account declares',
      {},
      { 'countersign.dev/needs': 'get nodes' },
      { needs: ['get nodes everywhere'] },
    ],
    [
      'an empty list of what declares to need nothing',
      { 'countersign.dev/needs': '' },
      undefined,
      { needs: [] },
    ],
    [
      'only what is still what was declared',
      { 'countersign.dev/needs': `get pods\n${SECRETIVE}` },
      undefined,
      { needs: ['get pods in shop'], moreNeeds: 1 },
    ],
    [
      'nothing that looks like a token',
      { 'countersign.dev/needs': `get pods\nget secrets named ${TOKEN}\nget secrets named ${TOKEN}-x` },
      undefined,
      { needs: ['get pods in shop'], moreNeeds: 2 },
    ],
    [
      'nothing that a terminal would obey',
      { 'countersign.dev/needs': 'get pods named "\\u001b[31m\\u202e"' },
      undefined,
      { needs: [String.raw`get pods named "\u001b[31m\u202e" in shop`] },
    ],
  ])('has as needs %s', async (_, annotations, ofAccount, want) => {
    const account = { ...ACCOUNT, metadata: { ...ACCOUNT.metadata, annotations: ofAccount ?? {} } };
    const spec = await specOf({ object: workloadObject({ annotations }) }, account, ROLE, BINDING);
    const { needs, moreNeeds } = spec ?? {};

    expect({ needs, moreNeeds }).toEqual({ moreNeeds: undefined, ...want });
    expect(JSON.stringify(spec)).not.toContain('jane');
    expect(JSON.stringify(spec)).not.toContain('hunter2');
    expect(JSON.stringify(spec)).not.toContain(TOKEN);
    expect(isStorable(spec)).toBe(true);
  });

  it.each([
    ['nothing is declared', {}],
    ['the declaration can’t be read', { 'countersign.dev/needs': 'get pods\nget pods!' }],
    ['the declaration is 64 kB', { 'countersign.dev/needs': 'get pods\n'.repeat(7282) }],
  ])('has no needs where %s', async (_, annotations) => {
    const policy = { ...POLICY, spec: { onChange: { undeclared: 'Deny' } } };
    const spec = await specOf({ object: workloadObject({ annotations }) }, policy, ROLE, BINDING);

    expect(spec?.findings).not.toEqual([]);
    expect(spec).not.toHaveProperty('needs');
    expect(spec).not.toHaveProperty('moreNeeds');
  });

  it.each<[string, string, JsonObject, readonly string[]]>([
    [
      'what the policy lets grants waive of it',
      'get pods',
      { mayWaive: ['overreach', 'excess'] },
      ['excess'],
    ],
    ['nothing where the policy lets none', 'get pods', {}, []],
    ['nothing of a declaration that can’t be read', 'get!', { mayWaive: ['excess'] }, []],
  ])('says that a grant may waive %s', async (_, needs, grants, want) => {
    const policy = { ...POLICY, spec: { ...(POLICY['spec'] as JsonObject), grants } };
    const spec = await specOf({ object: annotated(needs) }, policy, ROLE, BINDING);

    expect(spec?.mayWaive).toEqual(want);
  });

  it.each<[string, Reviewed]>([
    ['a dry-run', { object: annotated('get pods'), dryRun: true }],
    ['a pass', { object: annotated('') }],
    ['what is no workload', { object: { kind: 'ConfigMap', metadata: {} } }],
  ])('is nothing of %s', async (_, reviewed) => {
    expect(await specOf(reviewed)).toBeUndefined();
  });
});
