/**
 * Random policies from a vocabulary so small that their rules collide in every way: exact, list-only, denied, `+` in
 * front, inside and at the end, globs in the middle of a segment, slashes at the end, literal `+` and `*`.
 */
import fc from 'fast-check';
import type { Dialect } from '../../src/core/vault/acl.ts';
import { parsePattern } from '../../src/core/vault/pattern.ts';
import type { Capability, PathRule, PolicyText } from '../../src/core/vault/policy.ts';
import type { Product } from './vault-server.ts';

export const DIALECTS: Readonly<Record<Product, Dialect>> = { OpenBao: 'openbao', Vault: 'vault' };

const SHARED = ['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo'] as const;

/** Without `deny`; what else the product takes. */
export const CAPABILITIES_OF: Readonly<Record<Dialect, readonly Capability[]>> = {
  openbao: [...SHARED, 'scan'],
  vault: [...SHARED, 'subscribe'],
};

const words = { a: 60, b: 40, ab: 30, abc: 10 };
const weighted = (texts: Readonly<Record<string, number>>) =>
  fc.oneof(...Object.entries(texts).map(([text, weight]) => ({ weight, arbitrary: fc.constant(text) })));
const firstWord = weighted({ ...words, '+': 20, 'a+': 2 });
const laterWord = weighted({ ...words, '+': 60, '': 7, 'a+': 2, '+a': 3, 'a*b': 1, ü: 1 });
const ending = weighted({ '': 6, '*': 4, '/*': 4, '/': 2, '/+': 1 });

/** Two words alone, so that nothing but the order of the wildcards tells them apart. */
const wildWord = fc.constantFrom('a', '+');

/** As Vault takes them: `+*` is refused. */
export const anyPattern: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(firstWord, fc.array(laterWord, { maxLength: 3 }), ending) },
    { weight: 1, arbitrary: fc.tuple(wildWord, fc.array(wildWord, { maxLength: 3 }), ending) },
  )
  .map(([first, rest, end]) => [first, ...rest].join('/') + end)
  .filter((pattern) => !pattern.includes('+*'));

function anyCapabilities(dialect: Dialect): fc.Arbitrary<readonly Capability[]> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.subarray([...CAPABILITIES_OF[dialect]]) },
    { weight: 2, arbitrary: fc.constant<readonly Capability[]>(['list']) },
    { weight: 2, arbitrary: fc.constant<readonly Capability[]>(['deny']) },
  );
}

function anyRule(dialect: Dialect): fc.Arbitrary<PathRule> {
  return fc.record({
    path: fc.oneof({ weight: 5, arbitrary: anyPattern }, { weight: 1, arbitrary: fc.constant('*') }),
    capabilities: anyCapabilities(dialect),
    constraints: fc.constant([]),
  });
}

export function anyPolicies(dialect: Dialect): fc.Arbitrary<readonly PolicyText[]> {
  return fc
    .array(fc.array(anyRule(dialect), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
    .map((policies) => policies.map((rules, i) => ({ name: `p${i}`, rules })));
}

const pathWord = weighted({ ...words, c: 20, '': 10, '+': 2, 'a*b': 1, ü: 1 });

export const anyPath: fc.Arbitrary<string> = fc
  .tuple(weighted({ ...words, c: 10, 'a+': 2 }), fc.array(pathWord, { maxLength: 4 }))
  .map((parts) => parts.flat().join('/'));

/** Paths under a pattern, and now and then beside it. */
export function anyPathUnder(pattern: string): fc.Arbitrary<string> {
  const { segments, rest } = parsePattern(pattern);
  const filled = segments.map(({ text, open }, i) =>
    open ? pathWord.map((word) => (i === 0 && text === '' ? word || 'c' : text + word)) : fc.constant(text),
  );
  return fc
    .tuple(fc.tuple(...filled), fc.array(pathWord, { maxLength: rest ? 2 : 0 }))
    .map((parts) => parts.flat().join('/'));
}

export function hclOf({ rules }: PolicyText): string {
  return rules
    .map(({ path, capabilities }) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }\n`)
    .join('');
}
