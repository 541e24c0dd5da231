import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../src/api/parse-policy.ts';

function policy(spec: unknown): object {
  return { apiVersion: 'countersign.dev/v1alpha1', kind: 'ScopePolicy', metadata: { name: 'p' }, spec };
}

function said(object: unknown): readonly string[] {
  return parsePolicy(object).problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a ScopePolicy', () => {
  it.each<[string, object]>([
    ['with one action for every risk', { onChange: { excess: 'Deny' } }],
    ['with one for some', { onChange: { excess: { critical: 'Deny' } } }],
    ['with nothing in it', {}],
  ])('%s is understood', (_, spec) => {
    expect(parsePolicy(policy(spec))).toMatchObject({ policy: { name: 'p' }, problems: [] });
  });

  it.each<[string, unknown, readonly string[]]>([
    [
      'an unknown risk, without a word of the other way to write excess',
      policy({ onChange: { excess: { hihg: 'Deny' } } }),
      ['spec.onChange.excess.hihg: unknown key; did you mean high?'],
    ],
    [
      'an action that is none',
      policy({ onChange: { excess: 'Maybe' } }),
      ['spec.onChange.excess: expected one of Deny, Warn, Ignore'],
    ],
    [
      'neither way to write excess',
      policy({ onChange: { excess: 7 } }),
      [
        'spec.onChange.excess: expected text, found a number (text that looks like one goes in quotes)',
        'spec.onChange.excess: expected one of Deny, Warn, Ignore',
        'spec.onChange.excess: expected a mapping, found a number (text that looks like one goes in quotes)',
      ],
    ],
    [
      'what its lines say beside what its shape is not',
      policy({ priority: 'high', allow: ['get pods in'], forbid: ['preset:none'] }),
      [
        'spec.priority: expected a whole number, found text',
        expect.stringContaining('spec.allow.0: column 12: '),
        expect.stringContaining('spec.forbid.0: no preset none; '),
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
});
