import { describe, expect, it } from 'vitest';
import { parseVaultPolicy } from '../../../../src/core/vault/policy-parse.ts';
import { POLICY_CASES } from '../../../support/policy-texts.ts';

const one = (keys: string) => parseVaultPolicy(`path "a" { ${keys} }`).rules[0];

describe('a policy text', () => {
  it.each(POLICY_CASES)('is read or refused: $name', ({ text, ours }) => {
    const { rules, problems } = parseVaultPolicy(text);
    expect(problems.length === 0).toBe(ours);
    if (!ours) expect(rules).toEqual([]);
  });

  it.each<[string, string, object]>([
    [
      'a block',
      'path "/secret/*" { capabilities = ["read", "list", "read"] }',
      { path: 'secret/*', capabilities: ['list', 'read'] },
    ],
    [
      'JSON',
      '{"path":{"a/+":{"policy":"write"}}}',
      { path: 'a/+', capabilities: ['create', 'delete', 'list', 'read', 'update'] },
    ],
    [
      'old words and new',
      'path "a" { policy = "read" capabilities = ["patch"] }',
      { path: 'a', capabilities: ['list', 'patch', 'read'] },
    ],
    [
      'a denial',
      'path "a" { capabilities = ["read", "deny", "sudo"] max_wrapping_ttl = 5 }',
      { path: 'a', capabilities: ['deny'] },
    ],
    ['two slashes', 'path "//a" {}', { path: '/a', capabilities: [] }],
    ['a slash before a template', 'path "/{{time.now}}" {}', { path: '/{{time.now}}', capabilities: [] }],
    [
      'no name',
      'path { policy = "sudo" }',
      { path: 'path', capabilities: ['create', 'delete', 'list', 'read', 'sudo', 'update'] },
    ],
    ['an interpolation', 'path "a/${"b\\n"}\\n" {}', { path: 'a/${"b\\n"}\n', capabilities: [] }],
    ['bytes', 'path "\\xc3\\xa9\\ud800" {}', { path: 'é\ufffd', capabilities: [] }],
    ['a lone surrogate', 'path "\ud800" {}', { path: '\ufffd', capabilities: [] }],
  ])('becomes a rule: %s', (_, text, rule) => {
    expect(parseVaultPolicy(text)).toEqual({ rules: [{ constraints: [], ...rule }], problems: [] });
  });

  it('keeps its order and repeated paths', () => {
    const { rules } = parseVaultPolicy(
      'path "b" {}\npath "a" { policy = "deny" }\npath "b" { policy = "read" }',
    );
    expect(rules.map(({ path }) => path)).toEqual(['b', 'a', 'b']);
  });
});

describe('a condition of a rule', () => {
  it.each<[string, string, readonly string[]]>([
    ['values for parameters', 'allowed_parameters = { "*" = [] "a" = ["x"] }', ['allowed_parameters']],
    ['every parameter', 'allowed_parameters = { "*" = ["x"] }', []],
    [
      'no parameters',
      'allowed_parameters {} denied_parameters {} required_parameters = [] mfa_methods = []',
      [],
    ],
    ['parameters that may not be', 'denied_parameters = { "*" = [] }', ['denied_parameters']],
    ['parameters that have to be', 'required_parameters = ["b", "a"]', ['required_parameters']],
    ['wrapping', 'min_wrapping_ttl = 1 max_wrapping_ttl = "1h"', ['max_wrapping_ttl', 'min_wrapping_ttl']],
    ['no wrapping', 'min_wrapping_ttl = 0 max_wrapping_ttl = "-1h"', []],
    ['MFA', 'mfa_methods = ["m"]', ['mfa_methods']],
    [
      'a control group',
      'capabilities = ["read"] control_group { factor "f" { identity { group_names = ["g"] approvals = 1 } } }',
      ['control_group'],
    ],
    ['events', 'subscribe_event_types = ["*"]', ['subscribe_event_types']],
    ['a limit of pages', 'pagination_limit = 1', ['pagination_limit']],
    ['no limit of pages', 'pagination_limit = 0', []],
    [
      'a filter',
      'capabilities = ["list"] list_scan_response_keys_filter_path = "{{ .key }}"',
      ['list_scan_response_keys_filter_path'],
    ],
    ['an end', 'expiration = "2027-01-31T00:00:00Z"', ['expiration']],
    ['the end of a denial', 'policy = "deny" expiration = 5 mfa_methods = ["m"]', ['expiration']],
    ['a comment', 'comment = "x"', []],
  ])('is a word: %s', (_, keys, constraints) => {
    expect(one(keys)).toMatchObject({ constraints });
  });
});

describe('a problem of a policy text', () => {
  it.each<[string, number, number, string]>([
    ['', 1, 1, 'expected a policy: Vault refuses an empty text'],
    [
      'path "a" {\n  capabilities = ["read" "list"]\n}',
      2,
      26,
      'expected `,` or `]` after an element of the list, not `"list"`',
    ],
    ['path "a" {\r\n  policy = read\r\n}', 2, 12, 'expected a value, not `read`'],
    ['path "a" {\n', 2, 1, 'expected a key or `}`, not the end of the text'],
    ['path "a" "b" = 1', 1, 14, 'expected `{` after more than one key, not `=`'],
    ['path "a" ]', 1, 10, 'expected `=` or `{` after the key, not `]`'],
    ['path "a\\/b" {}', 1, 8, 'unexpected: an unknown escape; `\\\\` is a backslash'],
    ['path "a', 1, 6, 'unexpected: a string without its closing quote'],
    ['# x\npath <<E {}', 2, 6, 'unexpected: a heredoc without its anchor, expected a line such as `<<EOF`'],
    ['name = 018', 1, 8, 'unexpected: a number with wrong digits'],
    ['x /* y', 1, 3, 'unexpected: a comment without its `*/`'],
    ['\u202e', 1, 1, 'unexpected: an unexpected character'],
    ['{"path": {"a": {"policy": nil}}}', 1, 27, 'unexpected: an unexpected character'],
    ['{"path" 5}', 1, 9, 'expected `:` after the key, not `5`'],
    ['{"path": {"a": {"policy": :}}}', 1, 27, 'expected a value, not `:`'],
    ['{"name": 01}', 1, 10, 'unexpected: a number that starts with zero'],
    ['paths "a" {}', 1, 1, 'expected `path`, not paths'],
    ['path "a" { foo = 1 }', 1, 12, 'unknown key foo; expected comment, policy,'],
    ['path "a" { capabilities = "read" }', 1, 27, '`capabilities`: expected a list in `[ ]`'],
    ['path "a" { allowed_parameters = { a = 1 } }', 1, 39, '`allowed_parameters`: expected a list in `[ ]`'],
    ['path "a" { capabilities = ["raed"] }', 1, 6, 'unknown capability raed; expected create,'],
    ['path "a" { policy = "x\\u202e" }', 1, 6, '`policy`: expected deny, read, write or sudo, not x\\u202e'],
    ['path "a/+*" {}', 1, 6, '`+*` is no wildcard: write `+` for one segment, `*` at the end for any rest'],
    ['path "a/{{b" {}', 1, 6, 'expected a `}}` for every `{{`'],
    ['path "a" = []', 1, 10, 'expected `{` after more than one key, not `=`'],
    ['path = []', 1, 8, 'expected a block in `{ }`'],
    ['name = []', 1, 8, '`name`: expected a string'],
    [
      'path "a" { min_wrapping_ttl = "soon" }',
      1,
      6,
      '`min_wrapping_ttl`: expected seconds or a duration such as 90s, 1h, 7d',
    ],
    [
      'path "a" { min_wrapping_ttl = 2 max_wrapping_ttl = 1 }',
      1,
      6,
      '`max_wrapping_ttl` is less than `min_wrapping_ttl`',
    ],
    ['path "a" { expiration = "soon" }', 1, 6, '`expiration`: expected a time such as 2027-01-31T00:00:00Z'],
    ['path "\\xff" {}', 1, 6, 'expected a string that is text'],
  ])('says where it is and what was expected: %j', (text, line, column, message) => {
    const [problem] = parseVaultPolicy(text).problems;
    expect(problem).toEqual({ line, column, message: expect.stringContaining(message) });
  });

  it('comes with the others of the text, up to twenty', () => {
    const bad = 'path "a" { foo = 1 }\n';
    expect(parseVaultPolicy(bad.repeat(3)).problems.map(({ line }) => line)).toEqual([1, 2, 3]);
    expect(parseVaultPolicy(bad.repeat(100)).problems).toHaveLength(20);
    expect(parseVaultPolicy(`path "b" {}\n${bad}`).rules).toEqual([]);
  });

  it('is a text of more than a mebibyte, and one that is too deep', () => {
    const comment = '#'.repeat(2 ** 20);
    expect(parseVaultPolicy(comment).problems).toEqual([]);
    expect(parseVaultPolicy(`${comment}#`).problems).toHaveLength(1);
    const deep = [
      'path "a" { comment = '.concat('{ x = '.repeat(60)),
      '{"path": '.concat('{"x": '.repeat(60)),
    ];
    for (const text of deep) expect(parseVaultPolicy(text).problems[0]?.message).toContain('at most 50');
  });
});
