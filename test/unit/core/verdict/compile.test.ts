import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import { compilePolicy } from '../../../../src/core/verdict/compile.ts';
import { PLAIN_CHECKS } from '../../../../src/core/verdict/compile-actions.ts';
import { DEFAULT_POLICY } from '../../../../src/core/verdict/policy.ts';
import type { ActionsSpec, PolicySpec } from '../../../../src/core/verdict/policy-source.ts';
import { policy } from '../../../support/policy.ts';

function problemsOf(spec: PolicySpec, name = 'p'): readonly string[] {
  const { problems } = compilePolicy({ metadata: { name }, spec });
  return problems.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a compiled policy', () => {
  it('has what is written', () => {
    const compiled = policy('team-a', {
      priority: 7,
      sharedAccounts: 'Exact',
      allow: ['get pods\nlist pods', 'get /x'],
      forbid: ['get secrets'],
      ceiling: ['* *', 'preset:admission'],
      injection: { vaults: ['prod'], issuance: ['Wrapped'], tokenRoles: ['wrapped_{serviceAccount}'] },
      grants: { maxDuration: '2h', mayWaive: ['missing'] },
    });

    expect(compiled).toMatchObject({
      name: 'team-a',
      priority: 7,
      sharedAccounts: 'Exact',
      injection: {
        vaults: ['prod'],
        roles: ['*'],
        issuance: ['Wrapped'],
        tokenRoles: ['wrapped_{serviceAccount}'],
      },
      grants: { maxDurationSeconds: 7200, mayWaive: ['missing'] },
    });
    expect(
      [compiled.allow, compiled.forbid, compiled.ceiling].map((lines) => lines?.map(printScope)),
    ).toEqual([
      ['get pods', 'list pods', 'get /x'],
      ['get secrets'],
      ['* *', 'create,update,patch,delete,deletecollection any.admissionregistration.k8s.io everywhere'],
    ]);
  });

  it('has the defaults where nothing is written', () => {
    expect(policy('p', {})).toEqual({ ...DEFAULT_POLICY, name: 'p', priority: 0 });
  });

  it('has a ceiling, of nothing, where one is written with no line', () => {
    expect(policy('p', { ceiling: [] }).ceiling).toEqual([]);
  });

  it.each<[string, PolicySpec['match'], object]>([
    ['everything where it is empty', {}, { namespaceSelector: undefined, serviceAccounts: undefined }],
    [
      'accounts',
      { serviceAccounts: ['shop/*', '*/api.v2', 'a-1/b'] },
      { namespaceSelector: undefined, serviceAccounts: ['shop/*', '*/api.v2', 'a-1/b'] },
    ],
    [
      'namespaces by labels',
      { namespaceSelector: { matchLabels: { env: 'prod' } } },
      {
        namespaceSelector: { matchLabels: { env: 'prod' }, matchExpressions: [] },
        serviceAccounts: undefined,
      },
    ],
    [
      'namespaces by expressions',
      {
        namespaceSelector: {
          matchExpressions: [
            { key: 'a', operator: 'In', values: ['x'] },
            { key: 'b', operator: 'NotIn', values: ['x', 'y'] },
            { key: 'c', operator: 'Exists' },
            { key: 'd', operator: 'DoesNotExist', values: [] },
          ],
        },
      },
      {
        namespaceSelector: {
          matchLabels: {},
          matchExpressions: [
            { key: 'a', operator: 'In', values: ['x'] },
            { key: 'b', operator: 'NotIn', values: ['x', 'y'] },
            { key: 'c', operator: 'Exists', values: [] },
            { key: 'd', operator: 'DoesNotExist', values: [] },
          ],
        },
        serviceAccounts: undefined,
      },
    ],
  ])('matches %s', (_, match, want) => {
    expect(policy('p', { ...(match && { match }) }).match).toEqual(want);
  });
});

describe('a problem', () => {
  const ACCOUNT = 'expected NAMESPACE/NAME, as in shop/* or */api';
  const VALUES = 'In and NotIn need values, Exists and DoesNotExist take none';
  const DURATION = 'expected a duration from 1m to 720h, as in 24h or 1h30m';

  it.each<[string, PolicySpec, readonly string[]]>([
    [
      'names the account',
      { match: { serviceAccounts: ['a/b', 'x a/b', 'a/b x', '/b', 'a/'] } },
      [1, 2, 3, 4].map((at) => `spec.match.serviceAccounts.${at}: ${ACCOUNT}`),
    ],
    [
      'names the expression, without the values that it needs or with those that it has not',
      {
        match: {
          namespaceSelector: {
            matchExpressions: [
              { key: 'a', operator: 'In', values: ['x'] },
              { key: 'a', operator: 'NotIn' },
              { key: 'a', operator: 'In', values: [] },
              { key: 'a', operator: 'DoesNotExist', values: ['x'] },
            ],
          },
        },
      },
      [1, 2, 3].map((at) => `spec.match.namespaceSelector.matchExpressions.${at}: ${VALUES}`),
    ],
    [
      'names the line of each field',
      { allow: ['get pods', ''], forbid: ['get pods', '# none'], ceiling: ['get pods', ' '] },
      ['allow', 'forbid', 'ceiling'].map((field) => `spec.${field}.1: expected a scope line`),
    ],
    [
      'is no preset of that name, and not a line that cannot be read',
      { ceiling: ['preset:x'] },
      [expect.stringMatching(/^spec\.ceiling\.0: no such preset; there are preset:/u)],
    ],
    [
      'names the Vault role',
      { injection: { roles: ['a_*', '{namespace}-{serviceAccount}', 'a{b', '{namespace}}'] } },
      [
        expect.stringMatching(/^spec\.injection\.roles\.1: ambiguous/u),
        'spec.injection.roles.2: expected no placeholder but {namespace} and {serviceAccount}',
        'spec.injection.roles.3: expected no placeholder but {namespace} and {serviceAccount}',
      ],
    ],
    [
      'names a duration that is too short',
      { grants: { maxDuration: '59s' } },
      [`spec.grants.maxDuration: ${DURATION}`],
    ],
    [
      'names a duration that is too long',
      { grants: { maxDuration: '720h1s' } },
      [`spec.grants.maxDuration: ${DURATION}`],
    ],
    ['is none of the shortest duration', { grants: { maxDuration: '1m' } }, []],
    ['is none of the longest duration', { grants: { maxDuration: '720h' } }, []],
  ])('%s', (_, spec, want) => {
    expect(problemsOf(spec)).toEqual(want);
  });

  it('says what a name may be', () => {
    expect(problemsOf({}, 'A')).toEqual([
      'metadata.name: expected lower-case letters, digits, - and ., as in team-a',
    ]);
  });
});

describe('the actions of a reschedule', () => {
  const STRICTER =
    'stricter than onChange: what a person may apply, a controller must be able to start again';

  it.each(PLAIN_CHECKS)('are, for %s, no stricter than what a change meets', (check) => {
    const written = problemsOf({ onChange: { [check]: 'Ignore' }, onReschedule: { [check]: 'Warn' } });

    expect(policy('p', { onChange: { [check]: 'Ignore' } }).onReschedule[check]).toBe('Ignore');
    expect(written).toEqual([`spec.onReschedule.${check}: ${STRICTER}`]);
  });

  it('are, for every risk, no stricter than what a change meets', () => {
    const ignored = { critical: 'Ignore', high: 'Ignore', medium: 'Ignore', low: 'Ignore' } as const;
    const warned = { critical: 'Warn', high: 'Warn', medium: 'Warn', low: 'Warn' } as const;

    expect(policy('p', { onChange: { excess: ignored } }).onReschedule.excess).toEqual(ignored);
    expect(problemsOf({ onChange: { excess: ignored }, onReschedule: { excess: warned } })).toEqual(
      ['critical', 'high', 'medium', 'low'].map((risk) => `spec.onReschedule.excess.${risk}: ${STRICTER}`),
    );
  });

  it('may be as strict', () => {
    const strict: ActionsSpec = {
      ...Object.fromEntries(PLAIN_CHECKS.map((check) => [check, 'Deny'])),
      excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
    };

    expect(policy('p', { onChange: strict, onReschedule: strict }).onReschedule).toEqual(strict);
  });

  it('keep their default where only a change is stricter, and what is written beside it', () => {
    const { onReschedule } = policy('p', {
      onChange: { missing: 'Deny', overreach: 'Deny' },
      onReschedule: { overreach: 'Warn' },
    });

    expect(onReschedule).toEqual({ ...DEFAULT_POLICY.onReschedule, overreach: 'Warn' });
  });
});

describe('the actions on what a write of rights brings', () => {
  it('may be stricter than what a change meets', () => {
    expect(policy('p', { onChange: { missing: 'Ignore' }, onGrant: { missing: 'Deny' } }).onGrant).toEqual({
      ...DEFAULT_POLICY.onGrant,
      missing: 'Deny',
    });
  });
});

describe('the order of risks', () => {
  const ORDER = 'which is worse; a risk that is not named keeps its default';

  it.each(['onChange', 'onReschedule', 'onGrant'] as const)(
    'is asked of %s where it names a risk',
    (moment) => {
      expect(problemsOf({ [moment]: { excess: { critical: 'Ignore', medium: 'Ignore' } } })).toEqual([
        `spec.${moment}.excess: high is acted on more strictly than critical, ${ORDER}`,
        `spec.${moment}.excess: low is acted on more strictly than medium, ${ORDER}`,
      ]);
    },
  );

  it('is asked of every two', () => {
    expect(problemsOf({ onGrant: { excess: { critical: 'Ignore', high: 'Ignore' } } })).toEqual([
      `spec.onGrant.excess: medium is acted on more strictly than high, ${ORDER}`,
    ]);
  });

  it('is said once of a change, and not again of a reschedule that follows it', () => {
    expect(
      problemsOf({ onChange: { excess: { critical: 'Ignore' } }, onReschedule: { missing: 'Ignore' } }),
    ).toEqual([`spec.onChange.excess: high is acted on more strictly than critical, ${ORDER}`]);
  });

  it.each([
    [{ critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' }],
    [{ critical: 'Deny', high: 'Warn', medium: 'Warn', low: 'Ignore' }],
    [{ low: 'Ignore' }],
    [{}],
  ] as const)('is kept by %j', (excess) => {
    expect(problemsOf({ onChange: { excess } })).toEqual([]);
  });
});
