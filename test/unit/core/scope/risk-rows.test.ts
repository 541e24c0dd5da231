import { describe, expect, it } from 'vitest';
import { COMBINATIONS } from '../../../../src/core/scope/combinations.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { createResources } from '../../../../src/core/scope/resources.ts';
import { riskOf } from '../../../../src/core/scope/risk.ts';
import type { RiskRow } from '../../../../src/core/scope/risk-row.ts';
import { RISK_TABLE } from '../../../../src/core/scope/risk-table.ts';
import type { Scope } from '../../../../src/core/scope/scope.ts';

const LEVELS = Object.entries(RISK_TABLE);
const ROWS = LEVELS.flatMap(([risk, rows]) => rows.map((row) => ({ risk, row })));

/** The least that touches one verb of a pattern: no wildcard, one name unless the row wants none. */
function witness(pattern: Scope, verb: string, row: RiskRow): Scope {
  const verbs = [verb === 'any' ? 'get' : verb];
  if (pattern.kind === 'vault') throw new Error('no rows for Vault');
  if (pattern.kind === 'url') return { ...pattern, verbs, url: pattern.url.replace(/\*$/u, 'x') };
  const limited = pattern.names.length > 0 ? pattern.names.slice(0, 1) : ['x'];
  return {
    ...pattern,
    verbs,
    group: pattern.group === 'any' ? 'example.com' : pattern.group,
    resource: pattern.resource.replaceAll('any', 'things'),
    names: row.unnamed ? [] : limited,
    place: pattern.place === 'own' ? { namespace: 'shop' } : pattern.place,
  };
}

const CASES = ROWS.flatMap(({ risk, row }) =>
  parseScopes(row.pattern).scopes.flatMap(({ scope }) =>
    ('verbs' in scope ? scope.verbs : []).map((verb) => {
      const held = witness(scope, verb, row);
      return [printScope(held), held, { risk, reason: row.reason }] as const;
    }),
  ),
);

describe('every row of the risk table', () => {
  it.each(ROWS.map(({ row }) => [row.reason, row] as const))('is readable: %s', (_, row) => {
    const { problems, scopes } = parseScopes(row.pattern);
    expect(problems).toEqual([]);
    expect(scopes.length).toBeGreaterThan(0);
    expect(parseScopes(row.except ?? '').problems).toEqual([]);
    expect(row.source).not.toBe('');
  });

  it.each(LEVELS)('has a reason of its own: %s', (_, rows) => {
    const reasons = rows.map(({ reason }) => reason);
    expect(reasons).not.toContain('');
    expect(new Set(reasons).size).toBe(reasons.length);
  });

  it('has a case for each of its verbs and resources', () => {
    expect(CASES.length).toBeGreaterThan(400);
  });

  it.each(CASES)('decides: %s', (_, held, wanted) => {
    expect(riskOf(held)).toEqual(wanted);
  });
});

const resources = createResources();

/** Verbs that are asked with the namespace of the request: those on one Namespace object, and `bind`. */
const ASKED_IN_A_NAMESPACE = /^(?:bind clusterroles\.|[a-z,]+ namespaces(?:\/|$))/u;

const LINES = [
  ...ROWS.map(({ row }) => row.pattern),
  ...COMBINATIONS.filter(({ anywhere }) => !anywhere).flatMap(({ all }) => all),
].flatMap((pattern) => pattern.split('\n'));

describe('a pattern on a known resource', () => {
  const known = LINES.flatMap((line) =>
    parseScopes(line).scopes.flatMap(({ scope }) => {
      if (scope.kind !== 'resource' || ASKED_IN_A_NAMESPACE.test(line)) return [];
      const namespaced = resources.namespaced(scope.group, scope.resource.split('/', 1)[0] ?? '');
      return namespaced === undefined ? [] : [[line, scope.place, namespaced] as const];
    }),
  );

  it.each(known)(
    'is held everywhere if that is cluster-scoped, and anywhere if not: %s',
    (_, place, inAny) => {
      expect(place === 'everywhere').toBe(!inAny);
    },
  );
});
