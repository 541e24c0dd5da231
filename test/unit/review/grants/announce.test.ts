import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/core/json.ts';
import { grantEventEntry, grantNotice } from '../../../../src/review/grants/announce.ts';
import { type GrantEntry, grantEntry } from '../../../../src/review/grants/entry.ts';
import { worldOf } from '../../../support/admission.ts';
import { APPROVED_MS, grantObject } from '../../../support/grants.ts';
import { workloadObject } from '../../../support/workload.ts';

const TOLD = { by: 'omar', message: 'approved by omar', expiresAtMs: APPROVED_MS };
const FACTS = worldOf(
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'api', namespace: 'shop', uid: 'a-1' } },
  { ...workloadObject(), metadata: { name: 'api', namespace: 'shop', uid: 'w-1' } },
);

function entry(spec: JsonObject = {}): GrantEntry {
  const made = grantEntry(grantObject(['get secrets'], spec));
  if (made === undefined) throw new Error('no grant');
  return made;
}

describe('what happens to a grant', () => {
  it.each<[string, JsonObject, object]>([
    [
      'on the workload that it is for',
      { workload: { kind: 'Deployment', name: 'api' } },
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api', uid: 'w-1' },
    ],
    [
      'on one that does not run yet',
      { workload: { kind: 'CronJob', name: 'nightly' } },
      { apiVersion: 'batch/v1', kind: 'CronJob', namespace: 'shop', name: 'nightly', uid: undefined },
    ],
    [
      'on the account, where it is for all of its workloads',
      {},
      { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'api', uid: 'a-1' },
    ],
    [
      'on the account, where nobody knows the kind of the workload',
      { workload: { kind: 'toString', name: 'api' } },
      { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'api', uid: 'a-1' },
    ],
  ])('is seen %s', (_, spec, regarding) => {
    expect(grantEventEntry('GrantApproved', entry(spec), TOLD, FACTS)).toEqual({
      regarding,
      type: 'Normal',
      reason: 'GrantApproved',
      action: 'Grant',
      note: 'grant shop/debug was approved: approved by omar',
      key: 'GrantApproved g-1',
    });
  });

  it('is seen nowhere when nobody can read whom it is for', () => {
    expect(grantEventEntry('GrantOpened', entry({ scopes: ['get'] }), TOLD, FACTS)).toBeUndefined();
    expect(grantNotice('GrantOpened', entry({ scopes: ['get'] }), TOLD).text).toContain(
      'shop/debug was asked for',
    );
  });

  it.each(['GrantExpiring', 'GrantExpired', 'GrantRevoked'] as const)('is a warning: %s', (event) => {
    expect(grantEventEntry(event, entry(), TOLD, FACTS)?.type).toBe('Warning');
  });

  it('says outside who asked, and who decided once somebody has', () => {
    const spec = { decision: 'd-7f3k2m4q', workload: { kind: 'Deployment', name: 'api' } };
    const common = {
      name: 'debug',
      serviceAccount: 'api',
      workload: 'Deployment/api',
      requester: 'jane',
      decision: 'd-7f3k2m4q',
      expiresAt: '2026-01-31T12:00:00Z',
    };

    expect(grantNotice('GrantApproved', entry(spec), TOLD).fields).toEqual({ ...common, by: 'omar' });
    expect(grantNotice('GrantOpened', entry(spec), TOLD).fields).toEqual({ ...common, by: undefined });
  });
});
