/** Policy texts of many kinds, most of them a little wrong. */
import fc from 'fast-check';
import type { Product } from './vault-server.ts';

const WORDS_OF: Readonly<
  Record<Product, { readonly keys: readonly string[]; readonly capabilities: readonly string[] }>
> = {
  OpenBao: { keys: ['pagination_limit = 3'], capabilities: ['"scan"'] },
  Vault: { keys: ['subscribe_event_types = ["x"]'], capabilities: ['"subscribe"'] },
};

const paths = fc.constantFrom(
  'a',
  'a/b',
  'a/*',
  'a/+/b',
  '+/b',
  '*',
  '/a',
  'a/b/',
  'a*/b',
  'a/{{x}}',
  '',
  'é',
  '${b}',
  '\\x61/\\u0062',
);
const CAPABILITIES = ['create', 'read', 'update', 'patch', 'delete', 'list', 'sudo', 'deny'].map(
  (word) => `"${word}"`,
);
const KEYS = [
  'policy = "read"',
  'policy = "write"',
  'policy = "deny"',
  'required_parameters = ["a"]',
  'allowed_parameters = { a = ["x", 1] "*" = [] }',
  'denied_parameters { b = [] }',
  'min_wrapping_ttl = "1m"',
  'max_wrapping_ttl = 90',
  'mfa_methods = ["m"]',
  'comment = <<EOF\nx\nEOF\n',
  'comment = [1.5e3, true, {}, "\\t${"x"}"]',
  '# why\n',
  '/* why */',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '=',
  ',',
  '\n',
  '\\',
  '${',
  '{{',
  '}}',
  '*',
  '+',
  '#',
  '/*',
  '<<EOF\n',
  '0',
  '-1',
  '.',
  'path',
  'true',
  'null',
  ':',
  ' ',
];

function hcl(product: Product): fc.Arbitrary<string> {
  const { keys, capabilities } = WORDS_OF[product];
  const list = fc
    .array(fc.constantFrom(...CAPABILITIES, ...capabilities), { maxLength: 4 })
    .map((words) => `capabilities = [${words.join(', ')}]`);
  const key = fc.oneof(list, fc.constantFrom(...KEYS, ...keys));
  const block = fc
    .tuple(paths, fc.array(key, { maxLength: 4 }))
    .map(([path, lines]) => `path "${path}" {\n${lines.join('\n')}\n}\n`);
  return fc.array(block, { minLength: 1, maxLength: 4 }).map((blocks) => blocks.join(''));
}

const jsonKeys = fc.record(
  {
    capabilities: fc.oneof(
      fc.subarray(['create', 'read', 'update', 'delete', 'list', 'sudo']),
      fc.constantFrom(null, [true], [['read']], [{}], 'read'),
    ),
    policy: fc.constantFrom('read', 'deny', null, 5),
    allowed_parameters: fc.constantFrom({}, { a: [] }, { a: [1, 'x'], b: [{ c: 1 }] }, [{ a: [] }], {
      a: 'x',
    }),
    required_parameters: fc.constantFrom([], ['a'], [1], [1.5]),
    max_wrapping_ttl: fc.constantFrom(5, '5m', 1.5, null, {}),
    comment: fc.constantFrom('x', {}, [{}]),
  },
  { requiredKeys: [] },
);
const jsonPaths = fc.dictionary(fc.constantFrom('a', 'a/b', 'a/*', '+/b', 'é'), jsonKeys, { maxKeys: 3 });
const json = fc
  .record(
    { name: fc.constantFrom('x', 5, null), path: fc.oneof(jsonPaths, fc.array(jsonPaths, { maxLength: 2 })) },
    { requiredKeys: [] },
  )
  .map((policy) => JSON.stringify(policy));

/** Takes out, puts in, or does twice. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 12 }) },
  ),
  piece: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...PIECES) },
    { weight: 1, arbitrary: fc.constant('') },
  ),
});

export function anyPolicyText(product: Product): fc.Arbitrary<string> {
  const whole = fc.oneof({ weight: 2, arbitrary: hcl(product) }, { weight: 1, arbitrary: json });
  return fc.tuple(whole, fc.array(edit, { maxLength: 2 })).map(([text, edits]) =>
    edits.reduce((before, { at, length, piece }) => {
      const from = Math.floor(at * before.length);
      return before.slice(0, from) + piece + before.slice(from + length);
    }, text),
  );
}
