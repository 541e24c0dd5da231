import { describe, expect, it } from 'vitest';
import { type DenialsRun, denialsSection } from '../../../scripts/bench/denials-page.ts';
import { withSections } from '../../../scripts/bench/page.ts';

const RUN: DenialsRun = {
  refusals: 100_000,
  workloads: 500,
  requesters: 20,
  without: { p50Ms: 0.2, p99Ms: 1 },
  recorded: { p50Ms: 0.21, p99Ms: 1.5 },
  recording: { p50Ms: 0.004, p99Ms: 0.02 },
  seconds: 90.4,
  calls: { GET: 1001, WATCH: 1, POST: 500, PATCH: 1498 },
  objects: 500,
  objectBytes: 600_000,
  counted: 99_998,
  dropped: 2,
  keptMiB: 1.25,
  cores: 2,
  cpu: 'a CPU',
  load: 0.5,
};

describe('the section about denials', () => {
  const section = denialsSection(RUN);

  it('compares what is recorded with what is not', () => {
    expect(section).toContain('| of it in the recorder | 0.004 | 0.020 |');
    expect(section).toContain('| ratio of the first two | 1.05 | 1.50 |');
  });

  it('says what it costs', () => {
    expect(section).toContain('| Denials on the API server | 500, 1,200 bytes of JSON each |');
    expect(section).toContain(
      '| calls of the API server, in 90 s | 3,000: GET 1,001, WATCH 1, POST 500, PATCH 1,498 |',
    );
    expect(section).toContain('| refusals a call | 33.3 |');
    expect(section).toContain('| refusals that they count, and that were dropped | 99,998, 2 |');
  });

  it('has its place on the page, before the agents', () => {
    const page = withSections(withSections('', { footprint: '## In a pod\n', vault: '## With a Vault\n' }), {
      denials: section,
    });

    expect(page.match(/^## .*$/gmu)).toEqual(['## With a Vault', '## Denials', '## In a pod']);
    expect(withSections(page, {})).toBe(page);
  });
});
