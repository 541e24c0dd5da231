import { describe, expect, it } from 'vitest';
import { type AclRule, capabilitiesAt, createAcl, type Dialect } from '../../../../src/core/vault/acl.ts';
import type { Capability } from '../../../../src/core/vault/policy.ts';
import { policy } from '../../../support/vault-policy.ts';
import { contest, winnersOf } from '../../../support/vault-winners.ts';

const dialects: readonly Dialect[] = ['openbao', 'vault'];

describe.each(dialects)('of two rules of %s that match, the one that counts is', (dialect) => {
  it.each(winnersOf(dialect))('%s: %s over %s at %s', (_, winner, loser, path) => {
    const acl = createAcl([contest(winner, loser)], dialect);
    expect(capabilitiesAt(acl, path)).toEqual(['read']);
  });
});

// The policy of vault/acl_test.go, its old words spelled out.
const stage = `
  create,delete,list,read,sudo,update dev/*
  create,delete,list,read,update stage/*
  list,read,sudo,update stage/aws/*
  create,delete,list,read,sudo,update stage/aws/policy/*
  list,read prod/*
  deny prod/aws/*
  deny sys/*
  create,read,sudo foo/bar
  create,patch,read baz/quux
  read test/+/segment
  read +/segment/at/front
  read test/segment/at/end/+
  read test/segment/at/end/v2/+/
  read test/+/wildcard/+/*
  read test/+/wildcardglob/+/end*
  create 1/2/*
  read 1/2/+
  update 1/2/+/+
  scan asdf/fdsa`;
const more = `
  deny dev/hide/*
  deny stage/aws/policy/*
  create,delete,list,read,update prod/*
  create,delete,list,read,sudo,update sys/seal
  deny foo/bar
  deny baz/quux`;

describe('what a token can do at a path', () => {
  const acl = createAcl([policy('DeV', stage)], 'openbao');

  it.each([
    ['root', 'deny'],
    ['dev', 'deny'],
    ['dev/', 'create,delete,list,read,sudo,update'],
    ['dev/foo', 'create,delete,list,read,sudo,update'],
    ['stage/foo', 'create,delete,list,read,update'],
    ['stage/aws/test', 'list,read,sudo,update'],
    ['stage/aws/policy/foo', 'create,delete,list,read,sudo,update'],
    ['prod/foo', 'list,read'],
    ['prod/aws/foo', 'deny'],
    ['sys/mount/foo', 'deny'],
    ['foo/bar', 'create,read,sudo'],
    ['baz/quux', 'create,patch,read'],
    ['asdf/fdsa', 'scan'],
    ['test/foo/bar/segment', 'deny'],
    ['test/foo/segment', 'read'],
    ['test/segment/at/frond', 'deny'],
    ['test/segment/at/front', 'read'],
    ['test/segment/at/end/foo', 'read'],
    ['test/segment/at/end/v2/foo/', 'read'],
    ['test/segment/wildcard/at/foo/', 'read'],
    ['test/segment/wildcard/at/end', 'read'],
    ['test/segment/wildcard/at', 'deny'],
    ['test/segment/wildcardglob/at/ending/and/on', 'read'],
    ['1/2/3', 'read'],
    ['1/2/3/4', 'update'],
    ['1/2/3/4/5', 'create'],
    ['/foo/bar', 'create,read,sudo'],
    ['//foo/bar', 'create,read,sudo'],
    ['', 'deny'],
    ['/', 'deny'],
  ])('%s is %s', (path, want) => {
    expect(capabilitiesAt(acl, path).join(',')).toBe(want);
  });

  it.each([
    ['dev/foo', 'create,delete,list,read,sudo,update'],
    ['dev/hide/foo', 'deny'],
    ['stage/aws/foo', 'list,read,sudo,update'],
    ['stage/aws/policy/foo', 'deny'],
    ['prod/foo', 'create,delete,list,read,update'],
    ['prod/aws/foo', 'deny'],
    ['sys/status', 'deny'],
    ['sys/seal', 'create,delete,list,read,sudo,update'],
    ['foo/bar', 'deny'],
    ['baz/quux', 'deny'],
  ])('%s is %s when another policy is added', (path, want) => {
    const both = createAcl([policy('DeV', stage), policy('OpS', more)], 'openbao');
    expect(capabilitiesAt(both, path).join(',')).toBe(want);
  });
});

describe('the rules of an ACL', () => {
  it.each<[string, readonly [string, string][], readonly Capability[], readonly string[]]>([
    [
      'add up for the very same pattern',
      [
        ['one', 'read a/*'],
        ['two', 'list,read a/*'],
      ],
      ['list', 'read'],
      ['one', 'two'],
    ],
    ['add up within one policy', [['one', 'read a/*\nlist a/*']], ['list', 'read'], ['one']],
    [
      'are denied by one that denies',
      [
        ['one', 'read a/*'],
        ['two', 'deny a/*'],
      ],
      ['deny'],
      ['two'],
    ],
    [
      'are denied whatever comes later',
      [
        ['two', 'deny a/*'],
        ['one', 'read,sudo a/*'],
      ],
      ['deny'],
      ['two'],
    ],
  ])('%s', (_, texts, capabilities, policies) => {
    const { rules } = createAcl(
      texts.map(([name, text]) => policy(name, text)),
      'vault',
    );
    expect(rules).toEqual<AclRule[]>([{ pattern: 'a/*', capabilities, constraints: [], policies }]);
  });

  it('keep constraints, which add up, unless they deny', () => {
    const rule = { path: 'a', capabilities: ['read'] as const };
    const texts = ['required_parameters', 'max_wrapping_ttl'].map((constraint) => ({
      name: constraint,
      rules: [{ ...rule, constraints: [constraint] }],
    }));
    expect(createAcl(texts, 'vault').rules).toMatchObject([
      { constraints: ['max_wrapping_ttl', 'required_parameters'] },
    ]);
    expect(createAcl([...texts, policy('no', 'deny a')], 'vault').rules).toMatchObject([{ constraints: [] }]);
  });

  it('count with no capabilities at all: they take what others give', () => {
    const none = { name: 'none', rules: [{ path: 'a/b', capabilities: [], constraints: [] }] };
    const acl = createAcl([policy('all', 'read a/*'), none], 'vault');
    expect(capabilitiesAt(acl, 'a/b')).toEqual(['deny']);
    expect(capabilitiesAt(acl, 'a/c')).toEqual(['read']);
  });

  it('are everything with the policy root', () => {
    const acl = createAcl([policy('root', ''), policy('no', 'deny a')], 'vault');
    expect(capabilitiesAt(acl, 'a')).toEqual(expect.arrayContaining(['create', 'read', 'sudo']));
    expect(capabilitiesAt(acl, 'a')).not.toContain('deny');
  });

  it('are in the order in which they win', () => {
    const { rules } = createAcl([policy('p', 'read *\nread a/*\nread a/+\nread a/b\nread +/b')], 'vault');
    expect(rules.map(({ pattern }) => pattern)).toEqual(['a/b', 'a/+', 'a/*', '+/b', '*']);
  });
});
