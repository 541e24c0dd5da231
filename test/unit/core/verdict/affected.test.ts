import { describe, expect, it } from 'vitest';
import { printScope } from '../../../../src/core/scope/print.ts';
import { type AffectedWorkload, effectsOf } from '../../../../src/core/verdict/affected.ts';
import { acted, affected, viaBinding } from '../../../support/effects.ts';
import { workload } from '../../../support/workload.ts';

function told(workloads: readonly AffectedWorkload[]): readonly string[] {
  return effectsOf(workloads).map(({ who, check, action, undetermined, scope, more }) =>
    [action, undetermined && 'maybe', check, who, scope && printScope(scope), more > 0 && `+${more}`]
      .filter(Boolean)
      .join(' '),
  );
}

const READERS = viaBinding('readers');
const MISSING = acted('missing', 'get pods');
const EXCESS = acted('excess', 'get pods', { via: READERS });

describe('the effects of a write', () => {
  it.each<[string, readonly AffectedWorkload[], readonly string[]]>([
    ['are none where nobody is touched', [], []],
    ['are none where nothing is acted on', [affected('api')], []],
    [
      'on what is needed are those of each workload',
      [affected('api', MISSING), affected('web', MISSING)],
      [
        'Warn missing shop/api (Deployment) get pods in shop',
        'Warn missing shop/web (Deployment) get pods in shop',
      ],
    ],
    [
      'on what is held are those of the account, once for all its workloads',
      [affected('api', EXCESS), affected('web', EXCESS)],
      ['Warn excess serviceaccount shop/api get pods in shop'],
    ],
    [
      'are those of each account',
      [
        affected('api', EXCESS),
        { ...affected('web', EXCESS), workload: workload({ name: 'web', account: 'web' }) },
      ],
      [
        'Warn excess serviceaccount shop/api get pods in shop',
        'Warn excess serviceaccount shop/web get pods in shop',
      ],
    ],
    [
      'put what one binding gives together, under the first of it',
      [
        affected(
          'api',
          EXCESS,
          acted('excess', 'list pods', { via: READERS }),
          acted('excess', 'get nodes', { via: READERS }),
        ),
      ],
      ['Warn excess serviceaccount shop/api get pods in shop +2'],
    ],
    [
      'know a binding by what it is, and not by where it was read',
      [affected('api', EXCESS, acted('excess', 'list pods', { via: viaBinding('readers') }))],
      ['Warn excess serviceaccount shop/api get pods in shop +1'],
    ],
    [
      'are told of the workload with most of them',
      [
        affected('api', EXCESS),
        affected('web', EXCESS, acted('excess', 'list pods', { via: READERS })),
        affected('job', EXCESS),
      ],
      ['Warn excess serviceaccount shop/api get pods in shop +1'],
    ],
    [
      'are told of the first workload, where others have as many',
      [affected('api', EXCESS), affected('web', acted('excess', 'list pods', { via: READERS }))],
      ['Warn excess serviceaccount shop/api get pods in shop'],
    ],
    [
      'are apart for each binding',
      [affected('api', EXCESS, acted('excess', 'get pods', { via: viaBinding('others') }))],
      [
        'Warn excess serviceaccount shop/api get pods in shop',
        'Warn excess serviceaccount shop/api get pods in shop',
      ],
    ],
    [
      'are apart for each scope that is lost',
      [affected('api', MISSING, acted('missing', 'list pods'))],
      [
        'Warn missing shop/api (Deployment) get pods in shop',
        'Warn missing shop/api (Deployment) list pods in shop',
      ],
    ],
    [
      'are apart for what is proved and what is not',
      [affected('api', EXCESS, { ...EXCESS, undetermined: true })],
      [
        'Warn excess serviceaccount shop/api get pods in shop',
        'Warn maybe excess serviceaccount shop/api get pods in shop',
      ],
    ],
    [
      'are apart for what is forbidden and what is only too much',
      [affected('api', EXCESS, { ...EXCESS, check: 'forbidden' })],
      [
        'Warn excess serviceaccount shop/api get pods in shop',
        'Warn forbidden serviceaccount shop/api get pods in shop',
      ],
    ],
    [
      'are the workload’s where what it needs is forbidden',
      [affected('api', acted('forbidden', 'get pods'))],
      ['Warn forbidden shop/api (Deployment) get pods in shop'],
    ],
    [
      'are the workload’s where a role that is not filled yet may give what is missing',
      [affected('api', { ...MISSING, undetermined: true, via: READERS })],
      ['Warn maybe missing shop/api (Deployment) get pods in shop'],
    ],
    [
      'start with those that are denied',
      [
        affected('api', MISSING),
        affected('web', { ...MISSING, action: 'Deny' }),
        affected('job', MISSING, { ...EXCESS, action: 'Deny' }),
      ],
      [
        'Deny missing shop/web (Deployment) get pods in shop',
        'Deny excess serviceaccount shop/api get pods in shop',
        'Warn missing shop/api (Deployment) get pods in shop',
        'Warn missing shop/job (Deployment) get pods in shop',
      ],
    ],
  ])('%s', (_, workloads, want) => {
    expect(told(workloads)).toEqual(want);
  });

  it('are apart for each reason where there is no scope', () => {
    const reasons = ['Undeclared', 'DeclarationInvalid', 'Undeclared'] as const;
    const findings = reasons.map((reason) => acted('undeclared', '', { reason }));

    expect(effectsOf([affected('api', ...findings)]).map(({ reason, more }) => [reason, more])).toEqual([
      ['Undeclared', 1],
      ['DeclarationInvalid', 0],
    ]);
  });

  it('show hostile names on one line', () => {
    const name = 'a\nnext: all is well';
    const hostile = { ...workload({ name, account: name }), kind: 'K\u202E' };
    const [missing, excess] = effectsOf([{ ...affected('api', MISSING, EXCESS), workload: hostile }]);

    expect(missing?.who).toBe('shop/a\\u000anext: all is well (K\\u202e)');
    expect(excess?.who).toBe('serviceaccount shop/a\\u000anext: all is well');
  });
});
