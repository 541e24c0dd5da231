import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { helmUnittestPath } from '../../scripts/cluster/helm.ts';
import type { ValueNode } from '../../scripts/generate/chart/values.ts';
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../../src/core/json.ts';
import { CHART } from './chart.ts';
import { withFiles } from './cli.ts';

/** The chart's own tests, as Helm's plugin runs them, and which values they set. */

export interface Suite {
  readonly file: string;
  readonly content: JsonObject;
}

export interface UnitTested {
  readonly code: number;
  readonly said: string;
  /** Names of the tests that passed. */
  readonly passed: readonly string[];
}

/** In a copy of the chart, since the plugin leaves folders behind. */
export function unitTest(suites: readonly Suite[]): Promise<UnitTested> {
  const files = suites.map(({ file, content }) => [`chart/tests/${file}`, suiteText(content)] as const);
  return withFiles(Object.fromEntries(files), async (dir) => {
    const chart = join(dir, 'chart');
    await cp(CHART, chart, { recursive: true, filter: (path) => path !== `${CHART}/tests` });
    const report = join(dir, 'report.xml');
    const args = ['--strict', '--output-type=JUnit', `--output-file=${report}`, chart];
    const [code, said] = await new Promise<[number, string]>((resolve) => {
      const options = { maxBuffer: 64 << 20 };
      execFile(helmUnittestPath(), args, options, (error, out, err) =>
        resolve([error === null ? 0 : 1, `${out}${err}`]),
      );
    });
    const xml = await readFile(report, 'utf8').catch(() => '');
    // Of a test that failed the failure stands inside.
    const passed = xml.matchAll(/<testcase classname="[^"]*" name="([^"]*)" time="[^"]*"><\/testcase>/gu);
    return { code, said, passed: [...passed].map(([, name = '']) => name) };
  });
}

export function chartSuites(): readonly Suite[] {
  return readdirSync(`${CHART}/tests`).map((file) => ({
    file,
    content: objectOf(parse(readFileSync(`${CHART}/tests/${file}`, 'utf8'))),
  }));
}

/** Every value of the chart, as a path; `config` is one, whose keys are the server's. */
export function valuePaths(node: ValueNode, path = ''): readonly string[] {
  if (node.properties === undefined || path === 'config') return [path];
  return Object.entries(node.properties).flatMap(([name, inner]) =>
    valuePaths(inner, path === '' ? name : `${path}.${name}`),
  );
}

/** Which of these paths lead somewhere in values. */
export function pathsSet(values: unknown, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => valueAt(values, path.split('.')) !== undefined);
}

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => objectOf(inner)[name], values);
}

/** Every test of a suite once for each value that it sets, without that value, and under a name that says so. */
export function withoutValues({ file, content }: Suite, paths: readonly string[]): Suite {
  const tests = listOf(content['tests']).flatMap((test) => {
    const { it, set } = objectOf(test);
    return pathsSet(set, paths).map((path) => ({
      ...objectOf(test),
      it: `${textOf(it)}: without ${path}`,
      set: without(objectOf(set), path.split('.')),
    }));
  });
  return { file, content: { ...content, tests } };
}

function without(values: JsonObject, [name = '', ...rest]: readonly string[]): JsonObject {
  const { [name]: inner, ...others } = values;
  return rest.length > 0 && isObject(inner) ? { ...others, [name]: without(inner, rest) } : others;
}

function suiteText(content: JsonObject): string {
  return stringify(content, { aliasDuplicateObjects: false });
}
