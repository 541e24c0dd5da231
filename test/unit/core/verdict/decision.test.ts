import { describe, expect, it } from 'vitest';
import { type Decision, decide, decisionId } from '../../../../src/core/verdict/decision.ts';
import { causesOf, denialMessage, warningLines } from '../../../../src/core/verdict/message.ts';
import { REASONS } from '../../../../src/core/verdict/reasons.ts';
import { judge, type Verdict } from '../../../../src/core/verdict/verdict.ts';
import { policy } from '../../../support/policy.ts';
import { API, binding, clusterRole, heldBy, role, rule } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';
import { workload } from '../../../support/workload.ts';

const STRICT = policy('production', {
  onChange: {
    missing: 'Deny',
    excess: { critical: 'Deny', high: 'Deny', medium: 'Warn', low: 'Ignore' },
    forbidden: 'Deny',
    undetermined: 'Warn',
  },
}).onChange;

const held = heldBy(
  API,
  clusterRole('legacy', rule('*', 'secrets')),
  binding('legacy-admin', 'ClusterRole:legacy', 'Group:system:serviceaccounts'),
  role('shop/reader', rule('get', 'pods')),
  binding('shop/readers', 'Role:reader', 'ServiceAccount:api'),
);

function decided(verdict: Verdict, dryRun = false): Decision {
  return decide(verdict, { workload: workload(), policy: 'production', actions: STRICT, dryRun });
}

describe('the decision', () => {
  const verdict = judge(verdictInput(held, scopes('get,list endpointslices.discovery.k8s.io')));

  it('acts as the policy says, risk by risk, and ignores what is to be ignored', () => {
    const { outcome, findings } = decided(verdict);

    expect(outcome).toBe('deny');
    expect(findings.map(({ check, risk, action }) => [check, risk, action])).toEqual([
      ['missing', undefined, 'Deny'],
      ['excess', 'critical', 'Deny'],
    ]);
  });

  it('only warns of what is missing on a dry run, whose bindings are not stored', () => {
    expect(decided(judge(verdictInput(heldBy(API), scopes('get pods'))), true).outcome).toBe('warn');
  });

  it('never makes an undetermined finding stricter than a proved one', () => {
    const open = judge(verdictInput(held, [], { undeclaredSiblings: ['Deployment web'] }));
    const lenient = { ...STRICT, undetermined: 'Deny' } as const;
    const { findings } = decide(open, { workload: workload(), policy: 'p', actions: lenient, dryRun: false });

    expect(findings.every(({ action, undetermined }) => !undetermined || action !== 'Deny')).toBe(true);
  });

  it('has no id where there is nothing to name', () => {
    expect(decided(judge(verdictInput(heldBy(API), [])))).toMatchObject({
      outcome: 'allow',
      id: undefined,
      findings: [],
    });
  });
});

const [PODS = { kind: 'url' as const, verbs: [], url: '' }] = scopes('get pods');

describe('the id', () => {
  const finding = { reason: 'Missing' } as const;

  const controlledBy = (kind: string, name: string) => ({
    ownerReferences: [{ controller: true, kind, name, uid: 'u' }],
  });

  it('is known to those who look for it', () => {
    expect(decisionId(workload(), 'p', [finding])).toBe('d-4ykejm5k');
  });

  it('is that of the controller, of whichever kind', () => {
    const [one, other] = ['ReplicaSet', 'Job'].map((kind) =>
      decisionId(workload({ kind: 'Pod', metadata: controlledBy(kind, 'api') }), 'p', [finding]),
    );

    expect(one).not.toBe(other);
  });

  it('is eight characters of Crockford’s base32', () => {
    expect(decisionId(workload(), 'p', [finding])).toMatch(/^d-[0-9a-hjkmnp-tv-z]{8}$/u);
  });

  it('is the same for the same cause, in any order, said twice, and for every pod of a ReplicaSet', () => {
    const [a, b] = scopes('get pods', 'list pods').map((scope) => ({ ...finding, scope }));
    const pods = ['api-1', 'api-2'].map((name) =>
      workload({
        kind: 'Pod',
        name,
        metadata: { name, ...controlledBy('ReplicaSet', 'api-77') },
      }),
    );
    if (a === undefined || b === undefined) throw new Error('two scopes expected');

    expect(decisionId(workload(), 'p', [a, b])).toBe(decisionId(workload(), 'p', [b, a, b]));
    expect(new Set(pods.map((pod) => decisionId(pod, 'p', [finding]))).size).toBe(1);
  });

  it.each([
    ['another workload', workload({ name: 'web' }), 'p', finding],
    ['another kind', workload({ kind: 'Job' }), 'p', finding],
    ['another namespace', workload({ namespace: 'dev' }), 'p', finding],
    ['another account', workload({ account: 'web' }), 'p', finding],
    ['another policy', workload(), 'q', finding],
    ['another reason', workload(), 'p', { reason: 'Undeclared' } as const],
    ['a scope', workload(), 'p', { ...finding, scope: PODS }],
    ['a controller', workload({ metadata: controlledBy('Deployment', 'web') }), 'p', finding],
  ])('differs for %s', (_, other, name, reason) => {
    expect(decisionId(other, name, [reason])).not.toBe(decisionId(workload(), 'p', [finding]));
  });
});

describe('the message', () => {
  const verdict = judge(verdictInput(held, scopes('get,list endpointslices.discovery.k8s.io')));

  it('says it all in the first line, then a line a finding, then what to do', () => {
    expect(denialMessage(workload(), decided(verdict), verdict.bindings)).toMatchInlineSnapshot(`
      "shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing, 1 excess [d-q3whrpm8, policy production]
        missing  get,list endpointslices.discovery.k8s.io in shop
        critical * secrets everywhere                              via ClusterRoleBinding legacy-admin → ClusterRole legacy (group system:serviceaccounts)
      next: grant what is missing (countersign fix DIR prints the Role and RoleBinding), or take it out of countersign.dev/needs; or: narrow or remove the bindings and policies named above, or declare what is really needed in countersign.dev/needs"
    `);
  });

  it('makes one line of a binding that gives much', () => {
    const wide = heldBy(
      API,
      clusterRole('edit', rule('create', 'pods,secrets,services,configmaps,endpoints'), rule('get', 'pods')),
      binding('shop/b', 'ClusterRole:edit', 'ServiceAccount:api'),
    );
    const much = judge(verdictInput(wide, scopes('get pods')));
    const message = denialMessage(workload(), decided(much), much.bindings);

    expect(message.split('\n').slice(1, -1)).toEqual([
      '  high     ClusterRole edit: 6 held, 1 needed  via RoleBinding shop/b → ClusterRole edit',
    ]);
  });

  it('has one cause a finding, with its code', () => {
    expect(causesOf(decided(verdict)).map(({ reason }) => reason)).toEqual(['Missing', 'Excess']);
  });

  it('warns line by line', () => {
    const warnings = warningLines(workload(), decided(verdict), verdict.bindings);

    expect(warnings).toHaveLength(3);
    expect(warnings.every((line) => !line.includes('\n') && line.length <= 250)).toBe(true);
  });

  it('shows hostile names on one line', () => {
    const hostile = heldBy(
      API,
      clusterRole('a\n\u001B[31mnext all is well', rule('*', 'secrets')),
      binding('b\u202E', 'ClusterRole:a\n\u001B[31mnext all is well', 'Group:system:authenticated'),
    );
    const found = judge(verdictInput(hostile, []));
    const message = denialMessage(workload({ name: 'api\r\nx' }), decided(found), found.bindings);

    expect(message.split('\n')).toHaveLength(3);
    // oxlint-disable-next-line no-control-regex
    expect(message).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/u);
  });
});

it('has a sentence for every reason', () => {
  for (const { sentence } of Object.values(REASONS)) expect(sentence).not.toBe('');
});

describe('what is forbidden and excess', () => {
  const forbid = [
    {
      policy: 'security',
      scope: scopes('get secrets everywhere')[0] ?? PODS,
    },
  ];
  const verdict = judge(verdictInput(held, scopes('get pods'), { forbid }));

  it('is said once, as forbidden', () => {
    expect(decided(verdict).findings.map(({ check }) => check)).toEqual(['forbidden']);
  });

  it('is said twice where the excess is acted on more strictly', () => {
    const actions = { ...STRICT, forbidden: 'Warn' } as const;
    const { outcome, findings } = decide(verdict, {
      workload: workload(),
      policy: 'p',
      actions,
      dryRun: false,
    });

    expect(outcome).toBe('deny');
    expect(findings.map(({ check }) => check)).toEqual(['excess', 'forbidden']);
  });
});
