import { describe, expect, it } from 'vitest';
import { metricsPage } from '../../../scripts/generate/metrics-page.ts';
import { ENDPOINTS } from '../../../src/admit/handler.ts';
import { METRICS } from '../../../src/telemetry/metric-table.ts';
import {
  createMetrics,
  type LabelledGauge,
  type Metrics,
  type WatchedGauge,
} from '../../../src/telemetry/metrics.ts';

const WATCHED: Readonly<Record<WatchedGauge, true>> = {
  inFlight: true,
  factsAgeSeconds: true,
  leading: true,
  policiesNotValid: true,
  breakGlass: true,
  wouldDeny: true,
  wouldWarn: true,
  registrationsWrong: true,
  keysUnusable: true,
  grantNextExpirySeconds: true,
};
const LABELLED: Readonly<Record<LabelledGauge, true>> = {
  denials: true,
  grants: true,
  factsKindAgeSeconds: true,
  vaultFactsAgeSeconds: true,
  vaultFactsFailing: true,
};

/** With every gauge read. */
function everything(): Metrics {
  const metrics = createMetrics({ version: '1' });
  for (const gauge of Object.keys(WATCHED) as WatchedGauge[]) metrics.watch(gauge, () => 0);
  for (const gauge of Object.keys(LABELLED) as LabelledGauge[]) metrics.watchEach(gauge, () => [['a', 0]]);
  return metrics;
}

async function exposed(metrics: Metrics) {
  return (await metrics.registry.getMetricsAsJSON()).map(({ name, type, help }) => ({
    name,
    type: String(type),
    help,
  }));
}

const TABLE = Object.values(METRICS).map(({ name, type, help }) => ({ name, type, help }));

describe('the table of metrics', () => {
  it('has every metric that is exposed, and no other', async () => {
    expect(new Set(await exposed(everything()))).toEqual(new Set(TABLE));
  });

  it.each(TABLE)('names $name as Prometheus wants it, and explains it', ({ name, type, help }) => {
    expect(name).toMatch(/^countersign(_[a-z]+)+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^.+[.]$/);
    expect(metricsPage.render()).toMatchObject({ body: expect.stringContaining(`## \`${name}\`\n`) });
  });

  it('has the endpoints that there are', () => {
    expect(METRICS.requests.labels.endpoint).toEqual(ENDPOINTS);
  });

  it('has the buckets of the API server among its own', () => {
    expect(METRICS.durations.buckets).toEqual(
      expect.arrayContaining([0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25]),
    );
  });
});
