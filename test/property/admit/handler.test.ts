import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENDPOINTS } from '../../../src/admit/handler.ts';
import { readReview } from '../../../src/core/admission/review.ts';
import { admissionOn, ask, reviewOf, worldOf } from '../../support/admission.ts';
import { runs } from '../../support/runs.ts';

const admission = admissionOn(worldOf());
const text = fc.string({ unit: 'binary', maxLength: 20 });
const key = fc.oneof(
  text,
  fc.constantFrom(
    'countersign.dev/needs',
    'countersign.dev/inject',
    'countersign.dev/credential.db',
    'countersign.dev/file.x',
    'countersign.dev/injected',
    '__proto__',
    'constructor',
  ),
);
const value = fc.oneof(
  text,
  fc.jsonValue(),
  fc.constantFrom('true', 'get pods', 'secret/data/x', 'db.password', 'v1.x'),
);
const loose = fc.oneof(fc.jsonValue(), fc.dictionary(key, value, { maxKeys: 5 }));

/** Objects that are nearly what they claim to be: any field may be anything. */
const anyObject = fc.record(
  {
    kind: fc.constantFrom(
      'Pod',
      'Deployment',
      'CronJob',
      'Job',
      'Widget',
      'Role',
      'ClusterRole',
      'RoleBinding',
      'ClusterRoleBinding',
      'ServiceAccount',
    ),
    apiVersion: value,
    metadata: fc.oneof(
      loose,
      fc.record({ name: value, annotations: loose, ownerReferences: fc.array(loose, { maxLength: 2 }) }),
    ),
    rules: loose,
    aggregationRule: loose,
    roleRef: loose,
    subjects: fc.array(loose, { maxLength: 2 }),
    spec: fc.oneof(
      loose,
      fc.record({ template: fc.record({ metadata: fc.record({ annotations: loose }), spec: loose }) }),
      fc.record({ containers: fc.array(loose, { maxLength: 3 }), volumes: loose, serviceAccountName: value }),
    ),
  },
  { requiredKeys: ['kind'] },
);

function groupOf(kind: string): string {
  return /Role/u.test(kind) ? 'rbac.authorization.k8s.io' : '';
}

it('reading a review is total on any JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      expect(typeof readReview(body).ok).toBe('boolean');
    }),
    { numRuns: runs(2000) },
  );
});

it('every endpoint answers every object, and echoes the uid', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyObject,
      anyObject,
      fc.constantFrom('CREATE', 'UPDATE', 'DELETE'),
      async (object, oldObject, operation) => {
        // As it comes over the wire.
        const body = JSON.parse(JSON.stringify(reviewOf({ object: {}, operation })));
        const kind = { ...body.request.kind, kind: object.kind, group: groupOf(object.kind) };
        body.request = { ...body.request, kind, object: JSON.parse(JSON.stringify(object)), oldObject };
        for (const endpoint of ENDPOINTS) {
          const { review, record } = await ask(admission, endpoint, body);
          expect(review).toMatchObject({
            kind: 'AdmissionReview',
            response: { uid: 'u-1', allowed: expect.any(Boolean) },
          });
          expect(JSON.stringify(review).length).toBeLessThan(64_000);
          expect(record.uid).toBe('u-1');
          expect(record.codes).not.toContain('MalformedReview');
        }
      },
    ),
    { numRuns: runs(1000) },
  );
});
