import { describe, expect, it } from 'vitest';
import type { VaultScope } from '../../../../src/core/scope/scope.ts';
import { createAcl, type Dialect, type VaultAcl } from '../../../../src/core/vault/acl.ts';
import { uncoveredVault } from '../../../../src/core/vault/contains.ts';
import { constrainedUnder, withheld } from '../../../../src/core/vault/covers.ts';
import { surplus } from '../../../../src/core/vault/surplus.ts';
import { policy } from '../../../support/vault-policy.ts';

function scope(line: string): VaultScope {
  const [words = '', path = ''] = line.split(' ');
  return { kind: 'vault', capabilities: words.split(','), path };
}

function aclOf(lines: string, dialect: Dialect = 'vault'): VaultAcl {
  return createAcl([policy('app', lines)], dialect);
}

/** `update kv/x by deny kv/*`, a line each. */
function refusals(acl: VaultAcl, need: string): readonly string[] {
  return withheld(acl, scope(need)).map(
    ({ scope: { capabilities }, example, by }) =>
      `${capabilities.join(',')} ${example} by ${by ? `${by.capabilities.join(',')} ${by.pattern}` : 'no rule'}`,
  );
}

describe('a need is held', () => {
  it.each([
    ['by the very same rule', 'read kv/db', 'read kv/db'],
    ['by a rule that says more', 'read,update kv/*', 'read kv/db'],
    ['as a pattern by the same pattern', 'read kv/+/db', 'read kv/+/db'],
    ['as a pattern by a broader one', 'read kv/*', 'read kv/+/db'],
    ['as a glob by a shorter one', 'read kv/a*', 'read kv/ab*'],
    ['by several rules together', 'read kv/+\nread kv/+/*', 'read kv/*'],
    ['where a narrower rule gives it too', 'read kv/*\nread,list kv/a/*', 'read kv/*'],
    ['where what is denied lies elsewhere', 'read kv/*\ndeny kv/b/*', 'read kv/a/*'],
    ['where what is denied is beaten everywhere', 'deny kv/+/b\nread kv/a/*', 'read kv/a/b'],
    ['where what is denied has more wildcards', 'read kv/*\ndeny kv/+/ab*', 'read kv/a/*'],
    ['with a slash in front', 'read kv/db', 'read /kv/db'],
    [
      'by the policy of everything',
      'create,list,read,sudo,update *',
      'create,list,read,sudo,update sys/+/a*',
    ],
    ['as a list without its slash', 'list kv/a/', 'list kv/a'],
    ['as a list with its slash by a rule without', 'list kv/a', 'list kv/a/'],
    ['as a list of what is right under it', 'list kv/*', 'list kv'],
    ['as `sudo` on a list', 'list,sudo auth/token/accessors/', 'list,sudo auth/token/accessors'],
    ['when it asks for nothing', '', 'deny kv/a'],
  ])('%s', (_, rules, need) => {
    expect(refusals(aclOf(rules), need)).toEqual([]);
  });
});

describe('a need is withheld', () => {
  it.each<[string, string, string, readonly string[]]>([
    ['by no rule at all', '', 'read kv/db', ['read kv/db by no rule']],
    ['by a rule that says less', 'read kv/db', 'read,update kv/db', ['update kv/db by read kv/db']],
    [
      'by an exact rule beside the glob',
      'read,update kv/*\nread kv/db',
      'update kv/db',
      ['update kv/db by read kv/db'],
    ],
    [
      'under a pattern by a narrower rule',
      'read kv/*\nlist kv/a/+',
      'read kv/*',
      ['read kv/a/x by list kv/a/+'],
    ],
    ['under a pattern where the rules end', 'read kv/+', 'read kv/*', ['read kv/x/x by no rule']],
    ['under a pattern that is broader', 'read kv/ab*', 'read kv/a*', ['read kv/ax by no rule']],
    ['under a pattern at a word that no rule has', 'read kv/x', 'read kv/+', ['read kv/y by no rule']],
    ['at a path with a slash at its end', 'read kv/*\nlist kv/', 'read kv/*', ['read kv/ by list kv/']],
    ['in the middle of a segment', 'read kv/*\ndeny kv/ab*', 'read kv/+', ['read kv/abx by deny kv/ab*']],
    [
      'as different rules withhold it',
      'read kv/*\nlist kv/a',
      'delete,read kv/*',
      ['delete kv/x by read kv/*', 'read kv/a by list kv/a'],
    ],
    [
      'by different rules at one path',
      'read kv/*\nsudo kv/a',
      'update,list kv/a/',
      ['update kv/a/ by read kv/*', 'list kv/a/ by sudo kv/a'],
    ],
    ['by what is denied', 'read kv/*\ndeny kv/a/*', 'read kv/*', ['read kv/a/x by deny kv/a/*']],
    ['though a rule behind gives it', 'read *\nlist kv/*', 'read kv/a', ['read kv/a by list kv/*']],
    [
      'as a read with a slash at its end, by a rule without',
      'read kv/a',
      'read kv/a/',
      ['read kv/a/ by no rule'],
    ],
    ['as a list, whose slash is said', 'read kv/a', 'list kv/a', ['list kv/a/ by read kv/a']],
  ])('%s', (_, rules, need, want) => {
    expect(refusals(aclOf(rules), need)).toEqual(want);
  });

  it.each<[Dialect, string, string, readonly string[]]>([
    ['openbao', 'deny kv/*\nlist kv/a/*', 'list kv/a', []],
    ['vault', 'deny kv/*\nlist kv/a/*', 'list kv/a', ['list kv/a/ by deny kv/*']],
    ['openbao', 'list kv/+\nread kv/+/*', 'list kv/a', ['list kv/a/ by read kv/+/*']],
    ['vault', 'list kv/+\nread kv/+/*', 'list kv/a', []],
  ])('as %s lists with the rules %j and the need %s', (dialect, rules, need, want) => {
    expect(refusals(aclOf(rules, dialect), need)).toEqual(want);
  });
});

describe('more is held than is owned', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      'by each rule when nobody owns anything',
      'read kv/a\nlist,read kv/*',
      [],
      ['read kv/a', 'list,read kv/*'],
    ],
    ['but not by what somebody owns', 'read kv/a', ['read kv/a'], []],
    ['but not by what somebody owns more broadly', 'read kv/a/+', ['read kv/*'], []],
    ['by the capabilities that nobody owns', 'read,update kv/a', ['read kv/*'], ['update kv/a']],
    ['by a rule broader than the need', 'read kv/*', ['read kv/a'], ['read kv/*']],
    ['but not by what owners cover together', 'read kv/*', ['read kv/+', 'read kv/+/*'], []],
    ['by one level that no owner covers', 'read kv/*', ['read kv/+', 'read kv/+/+/*'], ['read kv/*']],
    ['but not by a rule that never wins', 'deny kv/*\nread kv/+/*', [], []],
    ['but not where a narrower rule takes it', 'read kv/+\nlist kv/a', ['read kv/+'], ['list kv/a']],
    ['by a list as its slash is, or is not', 'list kv/a/\nlist kv/b', ['list kv/a', 'list kv/b/'], []],
    ['but not by what is denied', 'deny kv/*', [], []],
  ])('%s', (_, rules, owners, want) => {
    const more = surplus(aclOf(rules), owners.map(scope));
    expect(more.map(({ scope: { capabilities, path } }) => `${capabilities.join(',')} ${path}`)).toEqual(
      want,
    );
    for (const {
      rule,
      scope: { path },
    } of more)
      expect(rule.pattern).toBe(path);
  });
});

describe('a rule with constraints', () => {
  const bound = (line: string) => {
    const { rules, name } = policy('bound', line);
    return { name, rules: rules.map((rule) => ({ ...rule, constraints: ['required_parameters'] })) };
  };

  it.each([
    ['matters where it wins', 'update kv/a/*', '', 'update kv/*', ['kv/a/*']],
    ['does not matter elsewhere', 'update kv/b/*', '', 'update kv/a/*', []],
    ['does not matter where another wins', 'update kv/+/b', 'update kv/a/*', 'update kv/a/b', []],
    ['does not matter to what it does not give', 'update kv/a', '', 'read kv/a', []],
  ])('%s', (_, constrained, others, need, want) => {
    const acl = createAcl([bound(constrained), policy('others', others)], 'vault');
    expect(constrainedUnder(acl, scope(need)).map(({ pattern }) => pattern)).toEqual(want);
  });
});

describe('an owner', () => {
  it.each<[string, readonly string[], string, string]>([
    ['covers itself', ['read kv/+/a*'], 'read kv/+/a*', ''],
    ['covers what is narrower', ['read,list kv/*'], 'read kv/+/a', ''],
    ['covers a longer glob', ['read kv/a*'], 'read kv/ab*', ''],
    ['covers no shorter one', ['read kv/ab*'], 'read kv/a*', 'read'],
    ['covers a segment by `+`', ['read kv/+'], 'read kv/a', ''],
    ['covers no more than a segment by `+`', ['read kv/+'], 'read kv/*', 'read'],
    ['covers no `+` by a word', ['read kv/x'], 'read kv/+', 'read'],
    ['covers each capability by itself', ['read kv/*', 'list kv/*'], 'list,read kv/a', ''],
    ['leaves what it does not have', ['read kv/*'], 'list,read,update kv/a', 'list,update'],
    ['covers nothing together with others', ['read kv/+', 'read kv/+/*'], 'read kv/*', 'read'],
    ['covers a list with or without its slash', ['list kv/a/'], 'list kv/a', ''],
    ['covers a list of what its glob is under', ['list kv/*'], 'list kv', ''],
    ['covers no read without its slash', ['read kv/a/'], 'read kv/a', 'read'],
    ['covers a list by a glob behind a wildcard', ['list +/*'], 'list kv*', ''],
  ])('%s', (_, owners, wanted, left) => {
    const rest = uncoveredVault(owners.map(scope), scope(wanted));
    expect(rest.map(({ capabilities }) => capabilities.join(',')).join()).toBe(left);
  });
});
