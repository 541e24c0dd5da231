import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VALUES } from '../../scripts/generate/chart/values.ts';
import { listOf, objectOf } from '../../src/core/json.ts';
import { CHART, helm } from '../support/chart.ts';
import { chartSuites, pathsSet, unitTest, valuePaths, withoutValues } from '../support/chart-suites.ts';
import { withFiles } from '../support/cli.ts';

/** The tests in charts/countersign/tests, run by Helm's plugin; and that they are about every value. */

const suites = chartSuites();
const values = valuePaths(VALUES);
const tests = suites.flatMap(({ content }) => listOf(content['tests']).map((test) => objectOf(test)));

describe('the chart’s own tests', () => {
  it('pass', async () => {
    const { code, said, passed } = await unitTest(suites);

    expect(code, said).toBe(0);
    expect(passed).toHaveLength(tests.length);
  });

  it('vary every value', () => {
    const varied = new Set(tests.flatMap((test) => pathsSet(test['set'], values)));

    expect(values.length).toBeGreaterThan(40);
    expect(values.filter((path) => !varied.has(path))).toEqual([]);
  });

  it('would each fail without any one of the values that it sets', async () => {
    const { said, passed } = await unitTest(suites.map((suite) => withoutValues(suite, values)));

    expect(passed).toEqual([]);
    expect(said).toMatch(/^Tests: .*\b0 passed/mu);
  });

  it('are not part of what is installed', async () => {
    await withFiles({}, async (dir) => {
      expect(await helm(['package', CHART, `--destination=${dir}`])).toMatchObject({ code: 0 });
      const [archive = ''] = await readdir(dir);
      const { stdout } = await promisify(execFile)('tar', ['-tzf', join(dir, archive)]);

      expect(stdout).toContain('countersign/templates/tests/ready.yaml\n');
      expect(stdout).not.toContain('countersign/tests/');
    });
  });
});
