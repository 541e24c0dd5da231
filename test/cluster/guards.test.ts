import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { kindOf, nameOf, rendered } from '../support/chart.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';

/** Who asked and who decided is settled by the API server alone: nobody of ours runs here. */

const cluster = sharedCluster();
const [JANE, OMAR, ADA, BOT] = ['jane', 'omar', 'ada', 'system:serviceaccount:shop:bot'];
const SELF = 'system:serviceaccount:countersign:countersign';
const OURS = 'countersign.dev/v1alpha1';
const GUARDS = ['countersign-grants', 'countersign-decisions', 'countersign-denials'];
const PEOPLE = ['countersign-requester', 'countersign-approver'];

let objects: readonly JsonObject[] = [];
let namespace = '';

function bound(user: string, role: string): object {
  const group = 'rbac.authorization.k8s.io';
  const isAccount = user.startsWith('system:serviceaccount:');
  const [, , place = '', name = ''] = user.split(':');
  return {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: { namespace, name: `${user.replaceAll(':', '-')}-${role}` },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [
      isAccount
        ? { kind: 'ServiceAccount', name, namespace: place }
        : { apiGroup: group, kind: 'User', name: user },
    ],
  };
}

function grant(name: string, requester: string, spec: object = {}): object {
  return {
    apiVersion: OURS,
    kind: 'AccessGrant',
    metadata: { name, namespace },
    spec: {
      serviceAccount: { name: 'api' },
      scopes: ['get secrets in shop'],
      checks: ['excess'],
      reason: 'the queue is stuck',
      duration: '1h',
      requester,
      ...spec,
    },
  };
}

function decision(name: string, by: string, spec: object = {}): object {
  return {
    apiVersion: OURS,
    kind: 'AccessDecision',
    metadata: { name, namespace },
    spec: {
      grant: 'debug',
      grantUID: 'g-1',
      scopesDigest: 'sha256:0',
      requester: JANE,
      by,
      decision: 'Approve',
      reason: 'agreed',
      ...spec,
    },
  };
}

function denial(name: string): object {
  const spec = {
    workload: { kind: 'Deployment', name: 'api' },
    serviceAccount: { name: 'api' },
    policy: 'enforce',
    summary: 'shop/api (Deployment) may not run',
    findings: [{ check: 'excess', reason: 'Excess', action: 'Deny', undetermined: false }],
  };
  return { apiVersion: OURS, kind: 'Denial', metadata: { name, namespace }, spec };
}

/** What was said against it; empty when it was done. */
async function done(user: string, args: readonly string[], input = ''): Promise<string> {
  const { code, stderr } = await cluster.kubectl([...args, '-n', namespace], {
    as: user,
    input,
    allowFailure: true,
  });
  return code === 0 ? '' : stderr;
}

const created = (user: string, object: object, ...flags: string[]) =>
  done(user, ['create', '-f', '-', ...flags], JSON.stringify(object));

beforeAll(async () => {
  const chart = await rendered();
  objects = chart.objects.filter((object) => [...GUARDS, ...PEOPLE].includes(nameOf(object)));
  namespace = await newNamespace(cluster);
  const own = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'guards-own' },
    rules: [{ apiGroups: ['countersign.dev'], resources: ['*'], verbs: ['*'] }],
  };
  const items = [
    ...objects,
    own,
    bound(JANE, 'countersign-requester'),
    bound(OMAR, 'countersign-approver'),
    bound(BOT, 'countersign-approver'),
    bound(SELF, 'guards-own'),
    // May write all of our kinds, as an administrator may.
    bound(ADA, 'guards-own'),
  ];
  await cluster.kubectl(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
  });
  const forged = () => created(ADA, grant('probe', JANE), '--dry-run=server');
  const forgedDenial = () => created(ADA, denial('d-00000000'), '--dry-run=server');
  await vi.waitUntil(
    async () =>
      (await forged()).includes('has to be who asks') &&
      (await forgedDenial()).includes('by Countersign alone') &&
      (await created(ADA, decision('probe', JANE), '--dry-run=server')).includes('has to be who decides'),
    { timeout: 30_000, interval: 500 },
  );
});
afterAll(async () => {
  for (const object of objects)
    await cluster.kubectl(['delete', kindOf(object), nameOf(object), '--ignore-not-found']);
});

describe('while nobody of Countersign runs', () => {
  it.each<[string, string, () => object, string]>([
    ['a grant is asked for in one’s own name', JANE, () => grant('debug', JANE), ''],
    ['not in another’s', JANE, () => grant('forged', OMAR), 'spec.requester has to be who asks: jane'],
    [
      'not by an administrator either',
      ADA,
      () => grant('forged', JANE),
      'spec.requester has to be who asks: ada',
    ],
    ['whoever may not read denials may not ask', 'eve', () => grant('eve', 'eve'), 'cannot create resource'],
    ['who may ask may not decide', JANE, () => decision('own', JANE), 'cannot create resource'],
    ['another person approves', OMAR, () => decision('approve', OMAR), ''],
    ['not in another’s name', OMAR, () => decision('forged', ADA), 'spec.by has to be who decides: omar'],
    [
      'nobody approves what they asked for',
      OMAR,
      () => decision('own', OMAR, { requester: OMAR }),
      'another person approves than the one who asked',
    ],
    ['a service account does not approve', BOT, () => decision('bot', BOT), 'a person approves'],
    ['but it may revoke', BOT, () => decision('bot-revokes', BOT, { decision: 'Revoke' }), ''],
    [
      'one rejects what one asked for',
      OMAR,
      () => decision('own-reject', OMAR, { requester: OMAR, decision: 'Reject' }),
      '',
    ],
    ['nobody records a denial', ADA, () => denial('d-1234567z'), 'recorded by Countersign alone'],
    ['but Countersign', SELF, () => denial('d-1234567x'), ''],
  ])('%s', async (_, user, object, refusal) => {
    const said = await created(user, object());

    if (refusal === '') expect(said).toBe('');
    else expect(said).toContain(refusal);
  });

  it.each<[string, string, readonly string[], string]>([
    [
      'the scopes of a grant stay as they are',
      ADA,
      ['patch', 'accessgrant', 'debug', '--type=merge', '-p', '{"spec":{"scopes":["* * everywhere"]}}'],
      'a grant is never changed',
    ],
    [
      'and so does a decision',
      ADA,
      ['patch', 'accessdecision', 'approve', '--type=merge', '-p', '{"spec":{"decision":"Reject"}}'],
      'a decision is never changed',
    ],
    [
      'and what a denial says',
      ADA,
      ['patch', 'denial', 'd-1234567x', '--type=merge', '-p', '{"spec":{"summary":"nothing"}}'],
      'a denial is never changed',
    ],
    [
      'a requester writes no status',
      JANE,
      [
        'patch',
        'accessgrant',
        'debug',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"state":"Active"}}',
      ],
      'cannot get resource "accessgrants/status"',
    ],
    [
      'a requester asks to check a denial again',
      JANE,
      ['annotate', 'denial', 'd-1234567x', 'countersign.dev/recheck=2026-01-31T12:00:00Z'],
      '',
    ],
    [
      'and again',
      JANE,
      ['annotate', 'denial', 'd-1234567x', 'countersign.dev/recheck=2026-01-31T12:00:01Z', '--overwrite'],
      '',
    ],
    [
      'in a short word',
      JANE,
      ['annotate', 'denial', 'd-1234567x', `countersign.dev/recheck=${'x'.repeat(65)}`, '--overwrite'],
      'expected a time',
    ],
    [
      'and sets no other annotation',
      JANE,
      ['annotate', 'denial', 'd-1234567x', 'other=1'],
      'only the annotation countersign.dev/recheck',
    ],
    [
      'no label',
      JANE,
      ['label', 'denial', 'd-1234567x', 'other=1'],
      'only the annotation countersign.dev/recheck',
    ],
    [
      'and no finalizer',
      JANE,
      ['patch', 'denial', 'd-1234567x', '--type=merge', '-p', '{"metadata":{"finalizers":["a.example/b"]}}'],
      'only the annotation countersign.dev/recheck',
    ],
    ['a grant is not deleted', ADA, ['delete', 'accessgrant', 'debug'], 'a grant is evidence'],
    ['nor are all', ADA, ['delete', 'accessgrants', '--all'], 'a grant is evidence'],
    ['nor is a decision', ADA, ['delete', 'accessdecision', 'approve'], 'a decision is evidence'],
    ['but by Countersign', SELF, ['delete', 'accessdecision', 'bot-revokes'], ''],
  ])('%s', async (_, user, args, refusal) => {
    const said = await done(user, args);

    if (refusal === '') expect(said).toBe('');
    else expect(said).toContain(refusal);
  });

  it('a namespace takes its grants with it', async () => {
    const other = namespace;
    namespace = await newNamespace(cluster);
    await cluster.kubectl(['apply', '-f', '-'], {
      input: JSON.stringify(bound(JANE, 'countersign-requester')),
    });
    expect(await created(JANE, grant('debug', JANE))).toBe('');
    await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=60s']);
    namespace = other;
  });
});

describe('our kinds', () => {
  it.each(['scopepolicies', 'denials', 'accessgrants', 'accessdecisions'])(
    '%s explain themselves, field by field',
    async (plural) => {
      const { stdout } = await cluster.kubectl(['explain', `${plural}.spec`, '--recursive']);

      expect(stdout).toContain('FIELDS:');
      expect(stdout).not.toContain('<no description>');
    },
  );

  it.each(['den', 'ag', 'ad', 'countersign'])('are listed as %s', async (name) => {
    const { stdout } = await cluster.kubectl(['get', name, '-n', namespace]);

    expect(stdout).toMatch(/api|omar/u);
  });

  it.each([
    ['denials', 'NAME STATE KIND WORKLOAD ACCOUNT COUNT LAST-SEEN'],
    ['accessgrants', 'NAME STATE ACCOUNT WORKLOAD REQUESTER DECIDED-BY EXPIRES USES AGE'],
    ['accessdecisions', 'NAME GRANT DECISION BY REQUESTER AGE'],
  ])('%s have columns', async (plural, header) => {
    const { stdout } = await cluster.kubectl(['get', plural, '-n', namespace]);

    expect(stdout.split('\n')[0]?.trim().split(/ {2,}/u).join(' ')).toBe(header);
  });
});
