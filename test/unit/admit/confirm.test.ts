import { describe, expect, it } from 'vitest';
import type { LiveTruth, RunningWorkload } from '../../../src/admit/ports.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { objectKey, type RbacOverlay, type Via } from '../../../src/core/rbac/held.ts';
import type { Binding, Role } from '../../../src/core/rbac/rules.ts';
import { printScope } from '../../../src/core/scope/print.ts';
import type { GrantRecord } from '../../../src/core/verdict/grants.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { decisionOn, grant } from '../../support/grants.ts';
import { liveTruth } from '../../support/live.ts';
import { binding, clusterRole, rule } from '../../support/rbac.ts';
import { workload, workloadObject } from '../../support/workload.ts';

const RBAC = 'rbac.authorization.k8s.io';
const needing = (needs: string) => workloadObject({ annotations: { 'countersign.dev/needs': needs } });
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: {
    onChange: {
      missing: 'Deny',
      excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
      forbidden: 'Deny',
      undeclared: 'Deny',
      undetermined: 'Warn',
    },
    forbid: ['delete nodes everywhere'],
    grants: { mayWaive: ['excess'] },
  },
};

function granting(name: string, verbs: string, resources: string): JsonObject[] {
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: [resources], verbs: verbs.split(',') }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'api', namespace: 'shop' }],
    },
  ];
}

/** Reads what the caches have, or what a test says of the binding of that name. */
function reading(objects: Readonly<Record<string, { role?: Role; binding?: Binding }>>) {
  return async (via: Via): Promise<RbacOverlay | undefined> => {
    const found = objects[via.binding.name];
    return (
      found && {
        roles: new Map([[objectKey(via.role), found.role]]),
        bindings: new Map([[objectKey(via.binding), found.binding]]),
      }
    );
  };
}

const SECRETS = {
  role: clusterRole('secrets', rule('get', 'secrets')),
  binding: binding('secrets', 'ClusterRole:secrets', 'ServiceAccount:shop/api'),
};
const ASKED = grant('get secrets everywhere', { durationSeconds: 20 * 365 * 24 * 3600 });
const APPROVED: GrantRecord = { grant: ASKED, decisions: [decisionOn(ASKED)] };
const REVOKED: GrantRecord = {
  grant: ASKED,
  decisions: [decisionOn(ASKED), decisionOn(ASKED, { decision: 'Revoke' })],
};
const LIST_NONE = async (): Promise<readonly RunningWorkload[]> => [];

async function judged(object: JsonObject, facts: JsonObject[], live: Partial<LiveTruth>) {
  const admission = admissionOn(worldOf(POLICY, ...facts), { live: liveTruth(live) });
  const handled = await ask(admission, 'change', reviewOf({ object }));
  return { verdict: handled.record.verdict, codes: handled.record.codes, response: responseOf(handled) };
}

describe('what is missing by the caches', () => {
  it('is no reason when the API server allows it', async () => {
    expect(await judged(needing('get pods'), [], { allows: async () => true })).toMatchObject({
      verdict: 'allow',
    });
  });

  it('is refused when the API server refuses it', async () => {
    expect(await judged(needing('get pods'), [], { allows: async () => false })).toMatchObject({
      verdict: 'deny',
      codes: ['Missing'],
    });
  });

  it('is asked for verb by verb and name by name', async () => {
    const asked: string[] = [];
    const allows: LiveTruth['allows'] = async (_, scope) => {
      asked.push(printScope(scope));
      return scope.verbs[0] !== 'list';
    };
    const { response } = await judged(needing('get,list configmaps named a,b\nget /metrics'), [], { allows });

    expect(asked).toEqual([
      'get /metrics',
      'get configmaps named a in shop',
      'get configmaps named b in shop',
      'list configmaps named a in shop',
      'list configmaps named b in shop',
    ]);
    expect(JSON.stringify(response)).toContain('list configmaps named a,b in shop');
  });

  it('is undetermined without an answer, and what was answered stays proved', async () => {
    const allows: LiveTruth['allows'] = async (_, { verbs }) => (verbs[0] === 'get' ? false : undefined);

    expect(await judged(needing('list pods'), [], { allows })).toMatchObject({
      verdict: 'warn',
      codes: ['NotConfirmed'],
    });
    expect(await judged(needing('get,list pods'), [], { allows })).toMatchObject({
      verdict: 'deny',
      codes: ['Missing', 'NotConfirmed'],
    });
  });

  it('is asked for twenty times at most, and the rest is undetermined', async () => {
    let asked = 0;
    const allows: LiveTruth['allows'] = async () => {
      asked += 1;
      return false;
    };
    const names = [...Array(40).keys()].map((at) => `n${at}`).join(',');

    expect(await judged(needing(`get configmaps named ${names}`), [], { allows })).toMatchObject({
      verdict: 'deny',
      codes: ['Missing', 'NotConfirmed'],
    });
    expect(asked).toBe(20);
  });
});

describe('what is held by the caches', () => {
  const facts = granting('secrets', 'get', 'secrets');

  it.each<[string, Partial<LiveTruth>, string, string[]]>([
    [
      'is read again and stays',
      { reread: reading({ secrets: SECRETS }), pods: LIST_NONE },
      'deny',
      ['Excess'],
    ],
    [
      'is gone with its binding',
      { reread: reading({ secrets: { role: SECRETS.role } }), pods: LIST_NONE },
      'allow',
      [],
    ],
    [
      'is gone with its role',
      { reread: reading({ secrets: { binding: SECRETS.binding } }), pods: LIST_NONE },
      'allow',
      [],
    ],
    [
      'is less than it was',
      {
        reread: reading({ secrets: { ...SECRETS, role: clusterRole('secrets', rule('list', 'secrets')) } }),
        pods: LIST_NONE,
      },
      'deny',
      ['Excess'],
    ],
    ['is undetermined where it cannot be read', { pods: LIST_NONE }, 'warn', ['NotConfirmed']],
  ])('%s', async (_, live, verdict, codes) => {
    expect(await judged(needing(''), facts, live)).toMatchObject({ verdict, codes });
  });

  it('is undetermined when the binding now refers to a role that was not read', async () => {
    const elsewhere = {
      ...SECRETS,
      binding: binding('secrets', 'ClusterRole:other', 'ServiceAccount:shop/api'),
    };
    const other = granting('other', 'get', 'pods').slice(0, 1);
    const live = { reread: reading({ secrets: elsewhere }), pods: LIST_NONE };

    expect(await judged(needing(''), [...facts, ...other], live)).toMatchObject({
      verdict: 'warn',
      codes: ['NotConfirmed'],
    });
  });

  it.each<[string, readonly GrantRecord[] | undefined, string, string[]]>([
    ['is waived by a grant that the caches do not have yet', [APPROVED], 'allow', []],
    ['is not waived by a grant that has just been revoked', [REVOKED], 'deny', ['Excess']],
    ['is refused where grants cannot be read, and the caches have none', undefined, 'deny', ['Excess']],
  ])('%s', async (_, grants, verdict, codes) => {
    const live = { reread: reading({ secrets: SECRETS }), pods: LIST_NONE, grants: async () => grants };

    expect(await judged(needing(''), facts, live)).toMatchObject({ verdict, codes });
  });

  it('is needed by a pod that no workload speaks for', async () => {
    const pods = async () => [
      workload({
        kind: 'Pod',
        name: 'bare',
        annotations: { 'countersign.dev/needs': 'get secrets everywhere' },
      }),
    ];

    expect(await judged(needing(''), facts, { reread: reading({ secrets: SECRETS }), pods })).toMatchObject({
      verdict: 'allow',
    });
  });

  it('is undetermined below critical when pods cannot be listed', async () => {
    const pods = granting('pods', 'get', 'pods');
    const role = clusterRole('pods', rule('get', 'pods'));
    const bound = binding('pods', 'ClusterRole:pods', 'ServiceAccount:shop/api');

    expect(
      await judged(needing(''), pods, { reread: reading({ pods: { role, binding: bound } }) }),
    ).toMatchObject({
      verdict: 'warn',
      codes: ['SharedWithUndeclared'],
    });
    expect(await judged(needing(''), facts, { reread: reading({ secrets: SECRETS }) })).toMatchObject({
      verdict: 'deny',
    });
  });

  it('stays proved whatever else is unknown: a dangling binding, a lost role, a failed review', async () => {
    const dangling = granting('lost', 'get', 'pods').slice(1);
    const live = { reread: reading({ secrets: SECRETS }), pods: LIST_NONE };

    expect(await judged(needing('get pods'), [...facts, ...dangling], live)).toMatchObject({
      verdict: 'deny',
      codes: ['Excess', 'NotConfirmed'],
    });
  });

  it('is forbidden only as it is read', async () => {
    const nodes = granting('nodes', 'delete', 'nodes');
    const found = {
      role: clusterRole('nodes', rule('delete', 'nodes')),
      binding: binding('nodes', 'ClusterRole:nodes', 'ServiceAccount:shop/api'),
    };

    expect(
      await judged(needing(''), nodes, { reread: reading({ nodes: found }), pods: LIST_NONE }),
    ).toMatchObject({
      verdict: 'deny',
      codes: ['ForbiddenHeld'],
    });
    expect(
      await judged(needing(''), nodes, { reread: reading({ nodes: {} }), pods: LIST_NONE }),
    ).toMatchObject({
      verdict: 'allow',
    });
  });

  it('makes a workload undeclared only as it is read', async () => {
    expect(await judged(workloadObject(), facts, { reread: reading({ secrets: SECRETS }) })).toMatchObject({
      verdict: 'deny',
      codes: ['Undeclared'],
    });
    expect(await judged(workloadObject(), facts, { reread: reading({ secrets: {} }) })).toMatchObject({
      verdict: 'allow',
    });
    expect(await judged(workloadObject(), facts, {})).toMatchObject({
      verdict: 'warn',
      codes: ['NotConfirmed'],
    });
  });
});

describe('the API server', () => {
  it('is asked nothing where nothing is refused', async () => {
    const never = async () => {
      throw new Error('asked');
    };
    const live = { allows: never, reread: never, pods: never };

    expect(
      await judged(needing('get secrets everywhere'), granting('secrets', 'get', 'secrets'), live),
    ).toMatchObject({ verdict: 'allow' });
  });

  it('has as long as the call has', async () => {
    const deadline = new AbortController();
    deadline.abort();
    const allows: LiveTruth['allows'] = async (_account, _scope, signal) =>
      signal.aborted ? undefined : false;
    const admission = admissionOn(worldOf(POLICY), { live: liveTruth({ allows }) });
    const handled = await ask(
      admission,
      'change',
      reviewOf({ object: needing('get pods') }),
      deadline.signal,
    );

    expect(handled.record).toMatchObject({ verdict: 'warn', codes: ['NotConfirmed'] });
  });
});
