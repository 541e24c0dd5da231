import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../../../src/core/inject/nodes.ts';
import { planInjection } from '../../../../src/core/inject/plan.ts';
import type { JsonObject } from '../../../../src/core/json.ts';
import { inputFor, podWith } from './fixtures.ts';

const P = 'countersign.dev/';
const VARIABLE = {
  [`${P}inject`]: 'true',
  [`${P}credential.db`]: 'secret/data/shop/db',
  [`${P}env.PASSWORD`]: 'db.password',
};
const RESTART = { ...VARIABLE, [`${P}refresh.db`]: '5m', [`${P}rotate`]: 'restart' };
const TOKEN = { [`${P}inject`]: 'true' };
const USE_FILES = 'let the program read a file (countersign.dev/file.<file name>), which works everywhere';

function node(name: string, kubeletVersion: string | undefined, labels = {}): NodeFacts {
  return { name, labels, kubeletVersion };
}

function problemsOf(
  nodes: readonly NodeFacts[],
  {
    annotations = VARIABLE,
    spec = {},
  }: { annotations?: Readonly<Record<string, string>>; spec?: JsonObject } = {},
): readonly (readonly [string, string])[] {
  const input = inputFor(podWith(annotations, spec), annotations);
  const outcome = planInjection({ ...input, nodes: () => nodes });
  return outcome.kind === 'problems'
    ? outcome.problems.map(({ field, message }) => [field.replace(P, ''), message])
    : [];
}

describe('variables', () => {
  it.each(['v1.35.0', 'v1.37.2', 'v1.35.1-gke.100', 'v1.100.0', 'v2.0.0'])(
    'work with kubelet %s',
    (version) => {
      expect(problemsOf([node('a', version)])).toEqual([]);
    },
  );

  it.each(['v1.34.9', 'v1.3.5', 'v1.30.4-eks-16b398d', 'v0.35.0', '1.35.0', 'v1.35', '', undefined])(
    'do not with kubelet %j',
    (version) => {
      expect(problemsOf([node('new', 'v1.37.2'), node('a', version)])).toEqual([
        [
          'env.PASSWORD',
          `needs kubelet 1.35 on every node that the pod may run on; node a has ${version ?? 'none'}; ${USE_FILES}`,
        ],
      ]);
    },
  );

  it('are refused with one node named and the others counted', () => {
    const nodes = ['a', 'b', 'c'].map((name) => node(name, 'v1.33.0'));

    expect(problemsOf(nodes)[0]?.[1]).toContain('node a has v1.33.0 and 2 more;');
  });

  it('are possible where no node is known', () => {
    expect(problemsOf([])).toEqual([]);
  });

  it('are no matter of a pod that asks for files alone', () => {
    const annotations = {
      [`${P}inject`]: 'true',
      [`${P}credential.db`]: 'secret/data/db',
      [`${P}file.x`]: 'db',
    };

    expect(problemsOf([node('a', 'v1.20.0')], { annotations })).toEqual([]);
  });
});

describe('the nodes that count', () => {
  const nodes = [
    node('old', 'v1.30.0', { pool: 'old', zone: 'a' }),
    node('new', 'v1.36.0', { pool: 'new', zone: 'a' }),
  ];

  it.each<[JsonObject, number]>([
    [{ pool: 'new' }, 0],
    [{ pool: 'new', zone: 'a' }, 0],
    [{ zone: 'a' }, 1],
    [{ pool: 'old' }, 1],
    // Whatever will match is yet to come.
    [{ pool: 'next' }, 1],
    [{ constructor: 'x' }, 1],
  ])('are those of the nodeSelector %j', (nodeSelector, count) => {
    expect(problemsOf(nodes, { spec: { nodeSelector } })).toHaveLength(count);
  });

  it('are all where there is no nodeSelector', () => {
    expect(problemsOf(nodes)).toHaveLength(1);
  });
});

it.each<[string, Readonly<Record<string, string>>, string, readonly string[]]>([
  ['a restart', RESTART, 'v1.35.9', ['rotate']],
  ['a restart and its variables', RESTART, 'v1.34.0', ['env.PASSWORD', 'rotate']],
  ['a sidecar', TOKEN, 'v1.28.15', ['agent']],
  ['a sidecar that works', TOKEN, 'v1.29.0', []],
  ['no sidecar', { ...TOKEN, [`${P}agent`]: 'init' }, 'v1.20.0', []],
])('%s needs a kubelet that knows it', (_, annotations, version, fields) => {
  expect(problemsOf([node('a', version)], { annotations }).map(([field]) => field)).toEqual(fields);
});

describe('a runtime class', () => {
  it.each<[JsonObject, number]>([
    [{}, 0],
    [{ runtimeClassName: null }, 0],
    [{ runtimeClassName: 'gvisor' }, 0],
    [{ runtimeClassName: 'kata' }, 1],
  ])('%j', (spec, count) => {
    expect(problemsOf([], { spec })).toHaveLength(count);
  });

  it('says what stands in the way', () => {
    expect(problemsOf([], { spec: { runtimeClassName: 'kata' } })).toEqual([
      [
        'env.PASSWORD',
        `it is not known whether runtime class kata can give variables (injection.env.runtimeClasses in the configuration); ${USE_FILES}`,
      ],
    ]);
  });

  it('is no matter of files', () => {
    expect(problemsOf([], { spec: { runtimeClassName: 'kata' }, annotations: TOKEN })).toEqual([]);
  });
});
