import { expect, it } from 'vitest';
import { countersign } from '../../support/cli.ts';
import { decisionObject, grant, grantObject } from '../../support/grants.ts';
import { workloadObject } from '../../support/workload.ts';

const OPTIONS = { checks: ['missing'] } as const;
const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop' } };
const POLICY = {
  apiVersion: 'countersign.dev/v1alpha1',
  kind: 'ScopePolicy',
  metadata: { name: 'strict' },
  spec: { onChange: { missing: 'Deny' }, grants: { mayWaive: ['missing'] } },
};

function check(approvedMs: number) {
  const creationTimestamp = new Date(approvedMs).toISOString().replace(/\.\d+Z/u, 'Z');
  const about = grant('get pods', OPTIONS);
  const objects = [
    ACCOUNT,
    POLICY,
    workloadObject({ annotations: { 'countersign.dev/needs': 'get pods' } }),
    grantObject(['get pods'], OPTIONS),
    decisionObject(about, {}, { creationTimestamp }),
  ];
  return countersign(['check', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
}

it('a grant in the folder lets a workload pass while it lasts', async () => {
  const { code, out } = await check(Date.now());

  expect(out).toMatch(/note: passes under grant shop\/debug until \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/u);
  expect(code).toBe(0);
});

it('a grant that has ended lets nothing pass', async () => {
  const { code, out } = await check(Date.now() - 3_600_000);

  expect(out).toContain('may not run as serviceaccount shop/api: 1 missing');
  expect(out).not.toContain('under grant');
  expect(code).toBe(1);
});
