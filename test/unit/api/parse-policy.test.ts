import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/api/parse-policy.ts';
import { printPath } from '../../../src/core/field-path.ts';
import { BAD_POLICIES } from '../../support/bad-policies.ts';

function policy(spec: unknown): object {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy', metadata: { name: 'p' }, spec };
}

function said(object: unknown): readonly string[] {
  return parsePolicy(object).problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a ScopePolicy', () => {
  it.each<[string, object]>([
    ['with an action for some risks', { onChange: { excess: { critical: 'Deny' } } }],
    ['with nothing in it', {}],
    [
      'that gives wrapped tokens',
      { injection: { issuance: ['Wrapped'], tokenRoles: ['{namespace}_{serviceAccount}', '*'] } },
    ],
    ['with token roles for later', { injection: { tokenRoles: ['x'] } }],
  ])('%s is understood', (_, spec) => {
    expect(parsePolicy(policy(spec))).toMatchObject({ policy: { name: 'p' }, problems: [] });
  });

  it.each<[string, unknown, readonly string[]]>([
    [
      'an unknown risk',
      policy({ onChange: { excess: { hihg: 'Deny' } } }),
      ['spec.onChange.excess.hihg: unknown key; did you mean high?'],
    ],
    [
      'an action that is none',
      policy({ onChange: { missing: 'Maybe' } }),
      ['spec.onChange.missing: expected one of Deny, Warn, Ignore'],
    ],
    [
      'one word for every risk',
      policy({ onChange: { excess: 'Warn' } }),
      ['spec.onChange.excess: expected a mapping, found text'],
    ],
    [
      'a grant that waives what is forbidden, and one thing twice',
      policy({ grants: { mayWaive: ['forbidden', 'excess', 'excess'] } }),
      [
        'spec.grants.mayWaive.0: expected one of missing, excess, overreach, undeclared',
        'spec.grants.mayWaive.2: is the same as entry 1',
      ],
    ],
    [
      'more than fits',
      policy({ injection: { issuance: ['Login', 'Login', 'Login'] }, allow: ['get '.padEnd(1001, 'x')] }),
      [
        'spec.allow.0: expected at most 1000 characters',
        'spec.injection.issuance: expected at most 2 entries',
      ],
    ],
    [
      'an action that is none, without a word of what a reschedule may do',
      policy({ onChange: { missing: 'Denied' }, onReschedule: { missing: 'Deny' } }),
      ['spec.onChange.missing: expected one of Deny, Warn, Ignore'],
    ],
    [
      'what its lines say beside what its shape is not',
      policy({ priority: 'high', allow: ['get pods in'], forbid: ['preset:none'] }),
      [
        'spec.priority: expected a whole number, found text',
        'spec.allow.0: expected a namespace after `in`',
        expect.stringContaining('spec.forbid.0: no such preset; '),
      ],
    ],
    ['another kind', { ...policy({}), kind: 'Policy' }, ['kind: expected ScopePolicy']],
    ['no spec', { ...policy({}), spec: undefined }, ['spec: is missing']],
    ['a list', [], [': expected a mapping, found a list']],
    ['nothing', null, [': expected a mapping, found nothing']],
  ])('is refused for %s', (_, object, wanted) => {
    expect(parsePolicy(object).policy).toBeUndefined();
    expect(said(object)).toEqual(wanted);
  });

  it.each(BAD_POLICIES)('is refused, as by the API server, for %s', (_, spec, field) => {
    const { policy: none, problems } = parsePolicy(policy(spec));

    expect(none).toBeUndefined();
    expect(problems.map(({ path }) => printPath(path))).toContain(field);
  });
});
