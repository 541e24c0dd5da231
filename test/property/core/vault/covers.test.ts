import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VaultScope } from '../../../../src/core/scope/scope.ts';
import {
  type AclRule,
  capabilitiesAt,
  createAcl,
  type Dialect,
  type VaultAcl,
} from '../../../../src/core/vault/acl.ts';
import { uncoveredVault } from '../../../../src/core/vault/contains.ts';
import { constrainedUnder, withheld } from '../../../../src/core/vault/covers.ts';
import { matches, type Pattern, parsePattern } from '../../../../src/core/vault/pattern.ts';
import type { Capability, PathRule, PolicyText } from '../../../../src/core/vault/policy.ts';
import { surplus } from '../../../../src/core/vault/surplus.ts';
import { runs } from '../../../support/runs.ts';

/**
 * Patterns of few words, and every path that they could tell apart: words that are longer than those of a pattern, words
 * of no pattern, empty ones, one segment more than the longest pattern has.
 */
const words = ['a', 'ab', 'b'];
const deepest = 3;
const paths = pathsOf(['', 'x', ...words.flatMap((word) => [word, `${word}x`])], deepest + 1);

function pathsOf(segments: readonly string[], depth: number): readonly (readonly string[])[] {
  if (depth === 0) return [];
  const shorter = pathsOf(segments, depth - 1);
  const longest = shorter.filter((path) => path.length === depth - 1);
  const ends = depth === 1 ? [[]] : longest;
  return [...shorter, ...ends.flatMap((path) => segments.map((segment) => [...path, segment]))].filter(
    ([first]) => first !== '',
  );
}

const anySegment = fc.constantFrom(...words, '+');
const anyPattern = fc
  .tuple(
    anySegment,
    fc.array(fc.oneof({ weight: 5, arbitrary: anySegment }, { weight: 1, arbitrary: fc.constant('') }), {
      maxLength: deepest - 1,
    }),
    fc.boolean(),
  )
  .map(([first, rest, glob]) => [first, ...rest].join('/') + (glob ? '*' : ''))
  .filter((pattern) => !pattern.includes('+*'));
const few: readonly Capability[] = ['read', 'list', 'sudo'];
const anyRule: fc.Arbitrary<PathRule> = fc.record({
  path: anyPattern,
  capabilities: fc.oneof(
    { weight: 5, arbitrary: fc.subarray([...few]) },
    { weight: 1, arbitrary: fc.constant<readonly Capability[]>(['deny']) },
  ),
  constraints: fc.subarray(['max_wrapping_ttl']),
});
const anyPolicies: fc.Arbitrary<readonly PolicyText[]> = fc
  .array(fc.array(anyRule, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
  .map((policies) => policies.map((rules, i) => ({ name: `p${i}`, rules })));
const anyAcl = fc
  .tuple(anyPolicies, fc.constantFrom<Dialect>('openbao', 'vault'))
  .map(([policies, dialect]) => createAcl(policies, dialect));
const anyScope: fc.Arbitrary<VaultScope> = fc.record({
  kind: fc.constant('vault'),
  capabilities: fc.constantFrom(['read'], ['list']),
  path: anyPattern,
});

const patterns = new Map<string, Pattern>();

/** Once for each text, since every path is held against it. */
function parsed(text: string): Pattern {
  const pattern = patterns.get(text) ?? parsePattern(text);
  patterns.set(text, pattern);
  return pattern;
}

interface Path {
  readonly text: string;
  readonly winner: AclRule | undefined;
  readonly isUnder: (pattern: string) => boolean;
}

/** What a request meets, by the definition: all paths, and the first of the rules that matches. */
function requestsOf(acl: VaultAcl, capability: string): readonly Path[] {
  const { rules } = acl;
  if (capability !== 'list') {
    return paths.map((path) => ({
      text: path.join('/'),
      winner: rules.find(({ pattern }) => matches(parsed(pattern), path)),
      isUnder: (pattern) => matches(parsed(pattern), path),
    }));
  }
  return paths
    .filter((path) => path.at(-1) !== '')
    .map((path) => {
      const slashed = [...path, ''];
      return {
        text: slashed.join('/'),
        winner: listed(acl, path),
        isUnder: (pattern) => matches(parsed(pattern), path) || matches(parsed(pattern), slashed),
      };
    });
}

function listed({ rules, dialect }: VaultAcl, path: readonly string[]): AclRule | undefined {
  const first = (asked: readonly string[]) => rules.find(({ pattern }) => matches(parsed(pattern), asked));
  const exact = (text: string) => rules.find(({ pattern }) => pattern === text);
  const slashed = first([...path, '']);
  const bare = first(path);
  return (
    exact(`${path.join('/')}/`) ??
    exact(path.join('/')) ??
    (dialect === 'vault' ? (bare ?? slashed) : (slashed ?? bare))
  );
}

describe('whatever the policies are', () => {
  it('their order and repetition do not matter', () => {
    const shuffled = anyPolicies.chain((policies) =>
      fc.record({
        policies: fc.constant(policies),
        others: fc.shuffledSubarray([...policies, ...policies], { minLength: policies.length * 2 }),
        dialect: fc.constantFrom<Dialect>('openbao', 'vault'),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ policies, others, dialect }) => {
        expect(createAcl(others, dialect)).toEqual(createAcl(policies, dialect));
      }),
      { numRuns: runs(300) },
    );
  });

  it('a need is held if and only if no path under it is refused, and the example is one that is', () => {
    fc.assert(
      fc.property(anyAcl, anyScope, (acl, need) => {
        const [capability = ''] = need.capabilities;
        const under = requestsOf(acl, capability).filter(({ isUnder }) => isUnder(need.path));
        const refused = under.filter(
          ({ winner }) => winner?.capabilities.some((one) => one === capability) !== true,
        );

        const missing = withheld(acl, need);

        expect(missing).toHaveLength(refused.length > 0 ? 1 : 0);
        for (const { example, by, scope } of missing) {
          expect(refused.find(({ text }) => text === example)?.winner).toBe(by);
          expect(refused.map(({ text }) => text)).toContain(example);
          expect(scope).toEqual(need);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('more is held if and only if some path is open by a rule and no owner has it', () => {
    fc.assert(
      fc.property(anyAcl, fc.array(anyScope, { maxLength: 4 }), (acl, owners) => {
        const want = (['read', 'list'] as const).flatMap((capability) =>
          requestsOf(acl, capability)
            .filter(({ winner }) => winner?.capabilities.includes(capability))
            .filter(({ isUnder }) =>
              owners.every(({ capabilities, path }) => !capabilities.includes(capability) || !isUnder(path)),
            )
            .map(({ winner }) => `${capability} ${winner?.pattern}`),
        );
        const more = surplus(acl, owners).flatMap(({ scope, rule }) => {
          expect(scope.path).toBe(rule.pattern);
          return scope.capabilities.filter((word) => word !== 'sudo').map((word) => `${word} ${scope.path}`);
        });
        expect(more.toSorted()).toEqual([...new Set(want)].toSorted());
      }),
      { numRuns: runs(200) },
    );
  });

  it('a rule with constraints matters to a need if and only if it wins on a path under it', () => {
    fc.assert(
      fc.property(anyAcl, anyScope, (acl, need) => {
        const [capability = ''] = need.capabilities;
        const winners = requestsOf(acl, capability)
          .filter(({ isUnder }) => isUnder(need.path))
          .map(({ winner }) => winner);
        const want = acl.rules.filter(
          (rule) =>
            rule.constraints.length > 0 &&
            rule.capabilities.some((one) => one === capability) &&
            winners.includes(rule),
        );
        expect(constrainedUnder(acl, need)).toEqual(want);
      }),
      { numRuns: runs(200) },
    );
  });

  it('an owner covers a scope if and only if it covers every path of it', () => {
    const none = createAcl([], 'vault');
    fc.assert(
      fc.property(anyScope, anyScope, (owner, scope) => {
        const [capability = ''] = scope.capabilities;
        const outside = requestsOf(none, capability).filter(
          ({ isUnder }) => isUnder(scope.path) && !isUnder(owner.path),
        );
        const isCovered = owner.capabilities.includes(capability) && outside.length === 0;
        expect(uncoveredVault([owner], scope)).toEqual(isCovered ? [] : [scope]);
      }),
      { numRuns: runs(500) },
    );
  });

  it('a list is judged by `sys/capabilities` as it is by us', () => {
    fc.assert(
      fc.property(anyAcl, fc.constantFrom(...paths), (acl, path) => {
        if (path.at(-1) === '') return;
        const want = listed(acl, path)?.capabilities ?? [];
        expect(capabilitiesAt(acl, `${path.join('/')}/`)).toEqual(want.length === 0 ? ['deny'] : want);
      }),
      { numRuns: runs(1000) },
    );
  });
});
