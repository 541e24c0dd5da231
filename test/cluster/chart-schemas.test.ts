import { beforeAll, describe, expect, it } from 'vitest';
import { KUBERNETES_RELEASES, validateManifests } from '../../scripts/fetch-kubernetes-validate.ts';
import { VALUES } from '../../scripts/generate/chart/values.ts';
import { COMBINATIONS, rendered } from '../support/chart.ts';
import { pathsSet, valuePaths } from '../support/chart-suites.ts';
import { withFiles } from '../support/cli.ts';

/** Every combination against the schemas of each release, where a field that it does not know is a failure. */

/** Of other projects, whose schemas are theirs. */
const FOREIGN = /Couldn't find schema for kind (?:Issuer|Certificate|ServiceMonitor|PrometheusRule) with/u;

/** Each object once, though most are in every combination. */
let manifests = '';
beforeAll(async () => {
  const charts = await Promise.all(Object.values(COMBINATIONS).map((values) => rendered(values)));
  const objects = charts.flatMap((chart) => chart.objects.map((object) => JSON.stringify(object)));
  manifests = [...new Set(objects)].join('\n---\n');
});

describe('the schemas of Kubernetes', () => {
  it('are asked about charts in which every value is varied', () => {
    const values = valuePaths(VALUES);
    const varied = new Set(Object.values(COMBINATIONS).flatMap((some) => pathsSet(some, values)));

    expect(values.filter((path) => !varied.has(path))).toEqual([]);
  });

  it.each(KUBERNETES_RELEASES)('%s take the chart, whatever its values are', async (release) => {
    await withFiles({ 'charts.yaml': manifests }, async (dir) => {
      const { code, lines } = await validateManifests([`${dir}/charts.yaml`], release);

      expect(lines.filter((line) => !FOREIGN.test(line))).toEqual([]);
      expect(code).toBe(0);
    });
  });

  it('would not take a field of no release', async () => {
    const text = (await rendered()).text.replace(
      'terminationGracePeriodSeconds:',
      'terminationGraceSeconds:',
    );

    await withFiles({ 'chart.yaml': text }, async (dir) => {
      expect(await validateManifests([`${dir}/chart.yaml`], '1.37')).toMatchObject({
        code: expect.any(Number),
        lines: [expect.stringContaining('terminationGraceSeconds')],
      });
    });
  });
});
