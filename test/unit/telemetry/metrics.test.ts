import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

async function read(metrics: ReturnType<typeof createMetrics>): Promise<string> {
  return metrics.registry.metrics();
}

describe('metrics', () => {
  it('begin at zero for every value of a label, so that the first increase is one', async () => {
    const text = await read(createMetrics({ version: '1.2.3' }));
    expect(text).toContain(`countersign_build_info{version="1.2.3",node="${process.versions.node}"} 1`);
    expect(text).toContain('countersign_config_valid 1');
    expect(text).toContain('countersign_mints_total{outcome="limited"} 0');
    expect(text).toContain('countersign_unauthenticated_calls_total{cause="certificate"} 0');
    expect(text).toContain('countersign_malformed_bodies_total{reason="poison"} 0');
    expect(text).toContain('countersign_shed_calls_total{reason="late"} 0');
    expect(text).toContain('countersign_bugs_total 0');
  });

  it('count decisions by endpoint and verdict, in the buckets of the API server and finer ones', async () => {
    const metrics = createMetrics({ version: '1' });
    const decision = { endpoint: 'change', verdict: 'deny', moment: 'change', codes: ['Missing', 'Excess'] };
    metrics.admission(decision, 0.004);
    metrics.admission({ ...decision, moment: undefined }, 0.004);
    const text = await read(metrics);
    for (const moment of ['change', 'none']) {
      expect(text).toContain(
        `countersign_admission_requests_total{endpoint="change",verdict="deny",moment="${moment}"} 1`,
      );
    }
    expect(text).toContain(
      'countersign_admission_reasons_total{endpoint="change",verdict="deny",code="Excess"} 2',
    );
    expect(text).toContain('countersign_admission_duration_seconds_bucket{le="0.0025",endpoint="change"} 0');
    for (const bucket of ['0.005', '0.025', '0.1', '0.5', '1', '2.5', '10', '25']) {
      expect(text).toContain(
        `countersign_admission_duration_seconds_bucket{le="${bucket}",endpoint="change"} 2`,
      );
    }
  });

  it('read what changes by itself when they are read', async () => {
    const metrics = createMetrics({ version: '1' });
    let age = 1;
    metrics.watch('factsAgeSeconds', () => age);
    expect(await read(metrics)).toContain('countersign_facts_age_seconds 1');
    age = 7;
    expect(await read(metrics)).toContain('countersign_facts_age_seconds 7');
  });

  it('have a value for each of what is known now, and none for what is gone', async () => {
    const metrics = createMetrics({ version: '1' });
    let ages = new Map([['Pod', 1]]);
    metrics.watchEach('factsKindAgeSeconds', () => ages);
    expect(await read(metrics)).toContain('countersign_facts_kind_age_seconds{kind="Pod"} 1');
    ages = new Map([['Role', Number.POSITIVE_INFINITY]]);
    const text = await read(metrics);
    expect(text).toContain('countersign_facts_kind_age_seconds{kind="Role"} +Inf');
    expect(text).not.toContain('kind="Pod"');
  });

  it('say how it stands with the configuration file', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.config({ valid: false, pending: true });
    const text = await read(metrics);
    expect(text).toContain('countersign_config_valid 0');
    expect(text).toContain('countersign_config_restart_needed 1');
  });

  it('of two processes have nothing in common', async () => {
    const [one, other] = [createMetrics({ version: '1' }), createMetrics({ version: '1' })];
    one.bug();
    expect(await read(other)).toContain('countersign_bugs_total 0');
  });

  it('include those of the process when asked for', async () => {
    expect(await read(createMetrics({ version: '1', process: true }))).toContain(
      'process_resident_memory_bytes',
    );
  });
});
