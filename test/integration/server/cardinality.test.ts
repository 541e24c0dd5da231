import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createHandler, ENDPOINTS } from '../../../src/admit/handler.ts';
import { METRICS, type MetricEntry } from '../../../src/telemetry/metric-table.ts';
import { admissionOn, reviewOf, worldOf } from '../../support/admission.ts';
import { setUpWebhook } from '../../support/webhook.ts';
import { workloadObject } from '../../support/workload.ts';

const ADMISSIONS = 10_000;

/** Every name that a caller chooses, chosen badly. */
const hostile = fc.record({
  endpoint: fc.constantFrom(...ENDPOINTS),
  kind: fc.constantFrom('Pod', 'Deployment', 'Job', 'ServiceAccount', 'constructor', 'x"} 1\n'),
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('__proto__', '{endpoint="x"}', 'a\nb{c="d"} 1', 'é\u202e', ' '.repeat(300)),
  ),
  annotation: fc.constantFrom('needs', 'inject', 'break-glass', 'nonsense', 'credential.db'),
  operation: fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT', 'NONSENSE'),
});

const allowed = new Map(
  Object.values(METRICS).map((entry: MetricEntry) => [entry.name, entry.labels ?? {}] as const),
);

it('10,000 admissions of hostile names make no series that the table does not name', async () => {
  const { app, metrics } = setUpWebhook({ handle: createHandler(admissionOn(worldOf())) });
  await app.ready();
  const codes = new Set<number>();
  for (const { endpoint, kind, text, annotation, operation } of fc.sample(hostile, ADMISSIONS)) {
    const object = workloadObject({
      kind: kind === 'Pod' ? 'Pod' : 'Deployment',
      name: text,
      namespace: text,
      account: text,
      annotations: { [`countersign.dev/${annotation}`]: text, [text]: text },
    });
    const review = reviewOf({ uid: text, object: { ...object, kind }, username: text });
    const { request, ...rest } = review as { readonly request: object };
    const { statusCode } = await app.inject({
      method: 'POST',
      url: `/${endpoint}/${text.length % 50 === 0 ? encodeURIComponent(text) : 'door'}`,
      headers: { 'content-type': 'application/json', 'user-agent': encodeURIComponent(text) },
      payload: JSON.stringify({ ...rest, request: { ...request, operation } }),
    });
    codes.add(statusCode);
  }
  const samples = await metrics.registry.getMetricsAsJSON();
  const strange = samples.flatMap(({ name, values }) =>
    values.flatMap(({ labels }) =>
      Object.entries(labels).filter(([label, value]) => {
        if (label === 'le') return false;
        const known = allowed.get(name)?.[label];
        return known === undefined || ('includes' in known && !known.includes(String(value)));
      }),
    ),
  );

  expect(strange).toEqual([]);
  expect([...codes]).toContain(200);
  const decided = samples.find(({ name }) => name === METRICS.requests.name)?.values ?? [];
  expect(decided.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(ADMISSIONS / 2);
});
