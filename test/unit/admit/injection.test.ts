import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../../src/admit/handler.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../../src/core/json.ts';
import { admissionOn, ask, responseOf, reviewOf, worldOf } from '../../support/admission.ts';
import { workloadObject } from '../../support/workload.ts';

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const VARIABLE = {
  'countersign.dev/needs': '',
  'countersign.dev/inject': 'true',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/env.PASSWORD': 'db.password',
};

function node(kubeletVersion: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'worker-1' },
    status: { nodeInfo: { kubeletVersion } },
  };
}

async function asked(endpoint: Endpoint, kind: string, ...nodes: readonly JsonObject[]) {
  const object = workloadObject({ kind, annotations: VARIABLE });
  return ask(admissionOn(worldOf(ACCOUNT, ...nodes)), endpoint, reviewOf({ object }));
}

describe('variables, where a node has a kubelet that does not know them', () => {
  it.each<[Endpoint, string]>([
    ['inject', 'Pod'],
    ['change', 'Deployment'],
  ])('are refused by /%s for a %s, with the node and the way out', async (endpoint, kind) => {
    const handled = await asked(endpoint, kind, node('v1.34.3'));
    const message = textOf(objectOf(responseOf(handled)['status'])['message']);

    expect(handled.record.codes).toContain('InjectionInvalid');
    expect(message).toContain('countersign.dev/env.PASSWORD: needs kubelet 1.35');
    expect(message).toContain('node worker-1 has v1.34.3');
    expect(message).toContain('countersign.dev/file.<file name>');
  });

  it.each<[string, readonly JsonObject[]]>([
    ['every node knows them', [node('v1.35.0')]],
    ['no node is known', []],
  ])('are given where %s', async (_, nodes) => {
    const handled = await asked('inject', 'Pod', ...nodes);
    const patch: unknown = JSON.parse(atob(textOf(responseOf(handled)['patch']) ?? 'bnVsbA=='));
    const paths = listOf(patch).map((operation) => textOf(objectOf(operation)['path']));

    expect(handled.record.verdict).toBe('allow');
    expect(paths).toContain('/spec/containers/0/env');
  });

  it('keep a pod that was not injected out, with the same reason', async () => {
    const handled = await asked('injected', 'Pod', node('v1.34.3'));

    expect(handled.record.codes).toEqual(['InjectionInvalid']);
  });
});
