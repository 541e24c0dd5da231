import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { scanPolicies } from '../../../src/scan/pass.ts';
import { worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

const ENFORCED = { 'countersign.dev/enforce': 'true' };

function policy(name: string, spec: object): JsonObject {
  return {
    apiVersion: 'countersign.dev/v1alpha1',
    kind: 'ScopePolicy',
    metadata: { name },
    spec: { ...spec },
  };
}

function namespace(name: string, labels: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

function needing(needs: string, place = 'shop', more: JsonObject = {}): JsonObject {
  const annotations = { 'countersign.dev/needs': needs };
  return workloadObject({ namespace: place, name: `w-${needs.length}`, annotations, metadata: more });
}

function pass(objects: readonly JsonObject[], more: { signal?: AbortSignal; now?: () => number } = {}) {
  let yields = 0;
  return scanPolicies({
    facts: worldOf(...objects),
    factsMaxAgeSeconds: 300,
    startMs: 0,
    now: () => 0,
    yieldToOthers: async () => {
      yields += 1;
    },
    signal: new AbortController().signal,
    ...more,
  }).then((reaches) => ({ reaches: reaches && Object.fromEntries(reaches), yields }));
}

const NOTHING = { workloads: 0, wouldDeny: 0, wouldWarn: 0, unenforcedNamespaces: 0 };
const DENY = policy('deny', { onChange: { missing: 'Deny' } });
const WARN = policy('warn', { onChange: { missing: 'Warn' } });

describe('a pass over running workloads', () => {
  it.each<[string, JsonObject[], object]>([
    ['no workload', [DENY], { deny: NOTHING }],
    [
      'one that holds what it needs',
      [DENY, needing('')],
      { deny: { ...NOTHING, workloads: 1, unenforcedNamespaces: 1 } },
    ],
    [
      'one that would be refused, in a namespace that is not labelled',
      [DENY, needing('get pods')],
      { deny: { ...NOTHING, workloads: 1, wouldDeny: 1, unenforcedNamespaces: 1 } },
    ],
    [
      'the same in a labelled one',
      [DENY, namespace('shop', ENFORCED), needing('get pods')],
      { deny: { ...NOTHING, workloads: 1, wouldDeny: 1 } },
    ],
    [
      'one that would be warned of',
      [WARN, needing('get pods')],
      { warn: { ...NOTHING, workloads: 1, wouldWarn: 1, unenforcedNamespaces: 1 } },
    ],
    [
      'one whose declaration cannot be read',
      [WARN, namespace('shop', ENFORCED), needing('get pods in')],
      { warn: { ...NOTHING, workloads: 1, wouldDeny: 1 } },
    ],
    [
      'several namespaces, each once',
      [DENY, needing('get pods'), needing('get,list pods'), needing('get pods', 'dev')],
      { deny: { ...NOTHING, workloads: 3, wouldDeny: 3, unenforcedNamespaces: 2 } },
    ],
    [
      'two policies that match: the first decides, both reach',
      [
        policy('deny', { priority: 1, onChange: { missing: 'Deny' } }),
        WARN,
        namespace('shop', ENFORCED),
        needing('get pods'),
      ],
      { deny: { ...NOTHING, workloads: 1, wouldDeny: 1 }, warn: { ...NOTHING, workloads: 1 } },
    ],
    [
      'a policy that matches nothing here',
      [policy('deny', { match: { serviceAccounts: ['dev/*'] } }), needing('get pods')],
      { deny: NOTHING },
    ],
    [
      'a ReplicaSet that its Deployment speaks for',
      [
        DENY,
        needing('get pods', 'shop', { uid: 'd' }),
        workloadObject({
          kind: 'ReplicaSet',
          name: 'rs',
          annotations: { 'countersign.dev/needs': 'get pods' },
          metadata: {
            uid: 'r',
            ownerReferences: [{ kind: 'Deployment', name: 'w-8', uid: 'd', controller: true }],
          },
        }),
      ],
      { deny: { ...NOTHING, workloads: 1, wouldDeny: 1, unenforcedNamespaces: 1 } },
    ],
  ])('counts %s', async (_, objects, want) => {
    expect((await pass(objects)).reaches).toEqual(want);
  });

  it('lets others run every ten milliseconds', async () => {
    let time = 0;
    const now = () => {
      time += 3;
      return time;
    };
    const many = [...Array(20).keys()].map((at) => needing(`get pods${'s'.repeat(at)}`));

    expect((await pass([DENY, ...many], { now })).yields).toBeGreaterThan(3);
    expect((await pass([DENY, ...many])).yields).toBe(0);
  });

  it('ends without a result when it is told to', async () => {
    const stop = new AbortController();
    stop.abort();

    expect((await pass([DENY, needing('')], { signal: stop.signal })).reaches).toBeUndefined();
  });
});
