import { describe, expect, it } from 'vitest';
import { auditEventOf } from '../../../../scripts/cluster/audit.ts';

const line = JSON.stringify({
  kind: 'Event',
  auditID: 'a1',
  verb: 'create',
  requestURI: '/api/v1/namespaces/shop/pods',
  user: { username: 'admin', groups: ['system:masters'] },
  objectRef: { resource: 'pods', namespace: 'shop', name: 'api' },
  responseStatus: { code: 403 },
  annotations: { 'change.countersign.dev/decision': 'd-7f3k2m4q' },
});

describe('auditEventOf', () => {
  it('reads who did what, and how it was answered', () => {
    expect(auditEventOf(line)).toEqual({
      id: 'a1',
      verb: 'create',
      uri: '/api/v1/namespaces/shop/pods',
      user: 'admin',
      groups: ['system:masters'],
      resource: 'pods',
      subresource: '',
      namespace: 'shop',
      name: 'api',
      code: 403,
      annotations: { 'change.countersign.dev/decision': 'd-7f3k2m4q' },
    });
  });

  it.each(['', '{}', 'null', '[]', line.slice(0, -1), 'text'])('has no event for %j', (text) => {
    expect(auditEventOf(text)).toBeUndefined();
  });
});
