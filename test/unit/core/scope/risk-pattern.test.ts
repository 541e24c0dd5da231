import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { indexed, isNamed, on, patternsOf, touches } from '../../../../src/core/scope/pattern.ts';
import { RISK_TABLE } from '../../../../src/core/scope/risk-table.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

function one(line: string): Scope {
  const { scopes, problems } = parseScopes(line);
  expect(problems).toEqual([]);
  const [first] = scopes;
  if (first === undefined) throw new Error(`no scope in ${line}`);
  return first.scope;
}

describe('a pattern with names', () => {
  it.each([
    ['bind clusterroles named admin', 'bind clusterroles in shop', true],
    ['bind clusterroles named admin', 'bind clusterroles named view,admin in shop', true],
    ['bind clusterroles named admin', 'bind clusterroles named view in shop', false],
    ['bind clusterroles', 'bind clusterroles named view in shop', true],
    ['get pods\nget secrets', 'get secrets named a in shop', true],
    ['get pods\nget secrets', 'get nodes everywhere', false],
    ['get pods', 'get /metrics', false],
  ])('%j ~ %s is %s', (pattern, scope, wanted) => {
    expect(touches(patternsOf(pattern), one(scope))).toBe(wanted);
  });
});

it('takes a rule with the empty name for one that every nameless request passes', () => {
  expect(
    ['get a named b', 'list a named ""', 'list a named "",b', 'list a', 'get /x'].map(one).map(isNamed),
  ).toEqual([true, false, false, false, false]);
});

it('writes one line for each resource', () => {
  expect(on('get', ['a', 'b.c'], 'everywhere')).toBe('get a everywhere\nget b.c everywhere');
  expect(on('get', ['a'])).toBe('get a');
});

describe('the index', () => {
  const rows = Object.values(RISK_TABLE)
    .flat()
    .map((row) => ({ row, patterns: patternsOf(row.pattern) }));
  const resources = [
    ...new Set(
      rows.flatMap(({ patterns }) => patterns.flatMap((p) => (p.kind === 'resource' ? [p.resource] : []))),
    ),
    ...[
      '*',
      '*/exec',
      '*/scale',
      '*/things',
      '*/*',
      'things',
      'things/scale',
      'userextras/team',
      'pods/log',
      '*s',
    ],
  ];
  const find = indexed(rows);

  it.each(resources)('leaves out nothing that is touched: %s', (resource) => {
    for (const group of ['', '*', 'authentication.k8s.io', 'constraints.gatekeeper.sh', 'example.com']) {
      const scope: Scope = {
        kind: 'resource',
        verbs: ['*'],
        group,
        resource,
        names: [],
        place: 'everywhere',
      };
      const touched = (list: typeof rows) => list.filter(({ patterns }) => touches(patterns, scope));
      expect(touched([...find(scope)])).toEqual(touched(rows));
    }
  });

  it('keeps to the few rows of a resource', () => {
    expect(find(one('get widgets.example.com')).length).toBeLessThan(12);
    expect(find(one('get /metrics'))).toHaveLength(1);
  });
});
