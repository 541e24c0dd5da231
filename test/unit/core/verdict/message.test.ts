import { describe, expect, it } from 'vitest';
import type { ActedFinding, Decision } from '../../../../src/core/verdict/decision.ts';
import { decide } from '../../../../src/core/verdict/decision.ts';
import {
  causesOf,
  denialMessage,
  headline,
  subject,
  warningLines,
} from '../../../../src/core/verdict/message.ts';
import type { WaivableCheck } from '../../../../src/core/verdict/policy.ts';
import { REASONS, reasonOf } from '../../../../src/core/verdict/reasons.ts';
import { type BindingUse, judge } from '../../../../src/core/verdict/verdict.ts';
import { scopeOf, via } from '../../../support/findings.ts';
import { policy } from '../../../support/policy.ts';
import { API, binding, clusterRole, heldBy, rule } from '../../../support/rbac.ts';
import { scopes, verdictInput } from '../../../support/verdict.ts';
import { workload } from '../../../support/workload.ts';

const LOGIN = { login: { connection: 'default', mount: 'kubernetes', role: 'shop_api' }, policies: ['p'] };
const READERS = via('RoleBinding shop/readers', 'ClusterRole view');
const WIDE = via('ClusterRoleBinding wide', 'ClusterRole admin', 'group system:authenticated');
const DENY = policy('p', {
  onChange: {
    missing: 'Deny',
    excess: { critical: 'Deny', high: 'Deny', medium: 'Deny', low: 'Deny' },
    forbidden: 'Deny',
  },
}).onChange;

type Said = Omit<ActedFinding, 'action' | 'scope'> & { readonly line?: string };

function found({ line, ...more }: Said): ActedFinding {
  return { ...more, action: 'Deny', ...(line === undefined ? {} : { scope: scopeOf(line) }) };
}

function decisionOn(...findings: readonly Said[]): Decision {
  return { outcome: 'deny', id: 'd-7f3k2m4q', policy: 'production', findings: findings.map(found) };
}

/** Without the headline and what to do next. */
function linesOf(findings: readonly Said[], bindings: readonly BindingUse[] = []): readonly string[] {
  return denialMessage(workload(), decisionOn(...findings), bindings)
    .split('\n')
    .slice(1)
    .filter((line) => !line.startsWith('next: '));
}

const MISSING: Said = { check: 'missing', reason: 'Missing', line: 'get pods' };
const HIGH: Said = { check: 'excess', reason: 'Excess', risk: 'high', line: 'create pods', via: READERS };

describe('the first line', () => {
  it('says who may not run as whom, why, and by which decision and policy', () => {
    expect(denialMessage(workload(), decisionOn(MISSING)).split('\n')[0]).toBe(
      'shop/api (Deployment) may not run as serviceaccount shop/api: 1 missing [d-7f3k2m4q, policy production]',
    );
  });

  it('says of a warning that it runs', () => {
    expect(warningLines(workload(), decisionOn(MISSING))[0]).toBe(
      'shop/api (Deployment) runs as serviceaccount shop/api: 1 missing [d-7f3k2m4q, policy production]',
    );
  });

  it.each<[string, Said[], string]>([
    ['each check apart', [HIGH, HIGH, MISSING], '1 missing, 2 excess'],
    [
      'all of them, the gravest first',
      [
        HIGH,
        { check: 'overreach', reason: 'Overreach' },
        { check: 'forbidden', reason: 'ForbiddenNeed' },
        MISSING,
        { check: 'undeclared', reason: 'Undeclared' },
      ],
      'needs undeclared, 1 missing, 1 forbidden, 1 overreach, 1 excess',
    ],
    [
      'what is open together, last',
      [{ ...MISSING, undetermined: true }, { ...HIGH, undetermined: true }, HIGH],
      '1 excess, 2 undetermined',
    ],
    ['only what is open', [{ ...MISSING, undetermined: true }], '1 undetermined'],
  ])('counts %s', (_, findings, want) => {
    expect(headline(workload(), decisionOn(...findings), 'runs')).toBe(
      `shop/api (Deployment) runs as serviceaccount shop/api: ${want} [d-7f3k2m4q, policy production]`,
    );
  });

  it('shows names without what a terminal obeys', () => {
    const claim = { namespace: 'a\n', name: 'b\u202e', kind: 'C\u001b' };

    expect(subject({ ...workload(), ...claim })).toBe(String.raw`a\u000a/b\u202e (C\u001b)`);
    expect(
      headline(
        { ...workload(), account: { namespace: 'a\n', name: 'b' } },
        { ...decisionOn(), policy: 'p\n' },
        'runs',
      ),
    ).toBe(String.raw`shop/api (Deployment) runs as serviceaccount a\u000a/b:  [d-7f3k2m4q, policy p\u000a]`);
  });
});

describe('a finding', () => {
  it.each<[Said, string]>([
    [MISSING, '  missing  get pods in shop'],
    [
      { ...MISSING, reason: 'MissingOrNotYetFilled', undetermined: true, via: WIDE },
      '  unknown  get pods in shop  not held, unless a role that has no rules yet gives it via ClusterRoleBinding wide → ClusterRole admin (group system:authenticated)',
    ],
    [
      { ...MISSING, reason: 'NotConfirmed', undetermined: true },
      '  unknown  get pods in shop  found in the caches, but the API server could not be asked in time',
    ],
    [HIGH, '  high     create pods in shop  via RoleBinding shop/readers → ClusterRole view'],
    [
      { check: 'excess', reason: 'Excess', line: 'create pods', via: READERS },
      '  excess   create pods in shop  via RoleBinding shop/readers → ClusterRole view',
    ],
    [
      { ...HIGH, reason: 'SharedWithUndeclared', undetermined: true, detail: 'Deployment web' },
      '  unknown  create pods in shop  shared with Deployment web, which declares nothing via RoleBinding shop/readers → ClusterRole view',
    ],
    [
      { check: 'excess', reason: 'RuleTooLarge', undetermined: true, via: WIDE },
      '  unknown  a rule multiplies out to more scopes than are looked at  via ClusterRoleBinding wide → ClusterRole admin (group system:authenticated)',
    ],
    [
      { check: 'forbidden', reason: 'ForbiddenHeld', line: 'get secrets', via: READERS, detail: 'security' },
      '  forbidden get secrets in shop  by policy security via RoleBinding shop/readers → ClusterRole view',
    ],
    [
      { check: 'forbidden', reason: 'ForbiddenNeed', line: 'get secrets', detail: 'security' },
      '  forbidden get secrets in shop  by policy security',
    ],
    [
      { check: 'overreach', reason: 'Overreach', line: 'get nodes', detail: 'security' },
      '  beyond   get nodes everywhere  by policy security',
    ],
    [
      {
        check: 'overreach',
        reason: 'VaultNotRead',
        undetermined: true,
        line: 'vault read secret/data/x',
        detail: 'security',
      },
      '  unknown  vault read secret/data/x  not judged: no facts about Vault policies at hand: security',
    ],
    [
      { check: 'undeclared', reason: 'Undeclared' },
      '  needs    declares no needs while its account holds more than every account does',
    ],
    [
      { ...MISSING, reason: 'Overreach', detail: 'p\u202e' },
      String.raw`  missing  get pods in shop  by policy p\u202e`,
    ],
  ])('%j is a line of its own', (finding, want) => {
    expect(linesOf([finding])).toEqual([want]);
  });

  it('stands in columns with the others', () => {
    const forbidden: Said = { check: 'forbidden', reason: 'ForbiddenNeed', line: 'get nodes', detail: 'p' };

    expect(linesOf([MISSING, forbidden, HIGH])).toEqual([
      '  missing   get pods in shop',
      '  forbidden get nodes everywhere  by policy p',
      '  high      create pods in shop   via RoleBinding shop/readers → ClusterRole view',
    ]);
  });

  it('does not push the others far to the right', () => {
    const name = 'n'.repeat(60);
    const long: Said = { ...HIGH, line: `get secrets named ${name}` };

    expect(linesOf([long, HIGH])).toEqual([
      `  high     get secrets named ${name} in shop  via RoleBinding shop/readers → ClusterRole view`,
      `  high     ${'create pods in shop'.padEnd(48)}  via RoleBinding shop/readers → ClusterRole view`,
    ]);
  });

  it('is cut where it has hundreds of names', () => {
    const names = [...Array(200).keys()].map((at) => `name-${at}`).join(',');
    const [line = ''] = linesOf([{ ...MISSING, line: `get secrets named ${names}` }]);

    expect(line).toHaveLength('  missing  '.length + 400);
    expect(line.endsWith('…')).toBe(true);
  });
});

describe('a binding of which much is not needed', () => {
  const use = (held: number, excess: number): BindingUse => ({ via: READERS, held, excess });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const excesses = names.map((name): Said => ({ ...HIGH, line: `get secrets named ${name}` }));
  const collapsed =
    '  high     ClusterRole view: 143 held, 3 needed  via RoleBinding shop/readers → ClusterRole view';

  it('is one line, with its worst risk', () => {
    expect(linesOf([...excesses, { ...HIGH, risk: 'low' }], [use(143, 140)])).toEqual([collapsed]);
  });

  it('has a line for each of four', () => {
    expect(linesOf(excesses.slice(1), [use(5, 4)])).toHaveLength(4);
    expect(linesOf(excesses, [use(8, 5)])).toHaveLength(1);
  });

  it('leaves those of other bindings apart, and what is open, missing or forbidden', () => {
    const apart: readonly Said[] = [
      { ...HIGH, via: WIDE },
      { ...HIGH, reason: 'SharedWithUndeclared', undetermined: true, detail: 'Job x' },
      { check: 'forbidden', reason: 'ForbiddenHeld', line: 'get nodes', via: READERS, detail: 'p' },
    ];

    expect(linesOf(apart, [use(143, 140)])).toEqual(linesOf(apart));
    expect(linesOf([...excesses, ...apart], [use(143, 140)])).toHaveLength(4);
  });

  it('is shown without what a terminal obeys', () => {
    const odd = via('RoleBinding shop/r\u202e', 'Cluster\u001bRole v\u0007');

    expect(linesOf([{ ...HIGH, via: odd }], [{ via: odd, held: 9, excess: 9 }])).toEqual([
      String.raw`  high     Cluster\u001bRole v\u0007: 9 held, 0 needed  via RoleBinding shop/r\u202e → Cluster\u001bRole v\u0007`,
    ]);
  });
});

describe('a long list of findings', () => {
  const needs = scopes(...[...Array(40).keys()].map((at) => `get r${at}.example.com`));
  const held = heldBy(
    API,
    clusterRole('wide', rule('get', 'pods'), rule('delete', 'nodes')),
    binding('wide', 'ClusterRole:wide', 'ServiceAccount:shop/api'),
  );
  const forbid = scopes('delete nodes everywhere').map((scope) => ({ policy: 'p', scope }));
  const verdict = judge(verdictInput(held, needs, { forbid }));
  const decision = decide(verdict, { workload: workload(), policy: 'p', actions: DENY, dryRun: false });
  const lines = denialMessage(workload(), decision, verdict.bindings).split('\n');

  it('is cut, and says how much is left out', () => {
    expect(lines).toHaveLength(1 + 16 + 1 + 1);
    expect(lines[0]).toContain('40 missing, 1 forbidden, 1 excess');
    expect(lines[17]).toBe('  … and 26 more');
  });

  it('shows some of every kind', () => {
    expect(lines.filter((line) => line.startsWith('  missing'))).toHaveLength(14);
    expect(lines.filter((line) => line.includes('delete nodes everywhere'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('get pods everywhere'))).toHaveLength(1);
  });

  const numbered = (length: number): readonly Said[] =>
    [...Array(length).keys()].map((at) => ({ ...MISSING, line: `get secrets named n${at + 10}` }));

  it('keeps the order, and the first of each kind', () => {
    const shownLines = linesOf([...numbered(18), HIGH]);

    expect(shownLines.slice(0, 15)).toEqual(linesOf(numbered(15)));
    expect(shownLines[15]).toMatch(/^ {2}high {5}create pods in shop +via /u);
    expect(shownLines[16]).toBe('  … and 3 more');
  });

  it('is whole at sixteen lines, or eleven warnings', () => {
    expect(linesOf(numbered(16))).toHaveLength(16);
    expect(linesOf(numbered(16)).join('')).not.toContain('more');
    expect(warningLines(workload(), decisionOn(...numbered(11)))).toHaveLength(12);
    expect(warningLines(workload(), decisionOn(...numbered(12))).slice(11)).toEqual([
      'missing get secrets named n20 in shop',
      '… and 1 more',
    ]);
  });
});

describe('warnings', () => {
  it('are lines without columns', () => {
    const bindings = [{ via: WIDE, held: 9, excess: 8 }];

    expect(
      warningLines(workload(), decisionOn(MISSING, HIGH, { ...HIGH, via: WIDE }), bindings).slice(1),
    ).toEqual([
      'missing get pods in shop',
      'high create pods in shop via RoleBinding shop/readers → ClusterRole view',
      'high ClusterRole admin: 9 held, 1 needed via ClusterRoleBinding wide → ClusterRole admin (group system:authenticated)',
    ]);
  });

  it('are cut at 250 characters', () => {
    const names = [...Array(100).keys()].map((at) => `name-${at}`).join(',');
    const [, line = ''] = warningLines(
      workload(),
      decisionOn({ ...MISSING, line: `get secrets named ${names}` }),
    );

    expect(line).toHaveLength(250);
  });
});

describe('what to do next', () => {
  const last = (...findings: readonly Said[]) =>
    denialMessage(workload(), decisionOn(...findings))
      .split('\n')
      .at(-1);

  it('is the last line, each step once', () => {
    const { next: grant } = REASONS.Missing;
    const { next: narrow } = REASONS.Excess;

    expect(last(MISSING, { ...MISSING, line: 'get secrets' }, HIGH)).toBe(`next: ${grant}; or: ${narrow}`);
  });

  it('names the Denial that is recorded, and a waiver where there is something to waive', () => {
    const decision = decisionOn(MISSING, HIGH);
    const next = (...mayWaive: readonly WaivableCheck[]) =>
      denialMessage(workload(), decision, [], { mayWaive }).split('\n').at(-1);
    const waiver = `; or ask for a waiver: kubectl countersign grant ${decision.id} -n shop --reason …`;

    expect(next('excess')).toContain(
      `(kubectl countersign fix ${decision.id} -n shop prints the Role and RoleBinding)`,
    );
    expect(next('excess')).toContain(
      `named above (kubectl countersign fix ${decision.id} -n shop prints how), or declare`,
    );
    expect(next('excess')?.endsWith(waiver)).toBe(true);
    expect(next()).not.toContain('waiver');
  });

  it('says of what is too much in Vault alone what it says without a Denial', () => {
    const inVault: Said = { check: 'excess', reason: 'Excess', line: 'vault read kv/a', login: LOGIN };
    const next = (...findings: readonly Said[]) =>
      denialMessage(workload(), decisionOn(...findings), [], { mayWaive: [] })
        .split('\n')
        .at(-1);

    expect(next(inVault)).toBe(`next: ${REASONS.Excess.next}`);
    expect(next(inVault, HIGH)).toContain('prints how');
    expect(next(inVault, HIGH)).not.toContain('; or: ');
  });
});

describe('causes', () => {
  it('have a reason code each, and say what and by which way', () => {
    expect(causesOf(decisionOn(MISSING, HIGH, { check: 'undeclared', reason: 'Undeclared' }))).toEqual([
      { reason: 'Missing', message: 'get pods in shop' },
      { reason: 'Excess', message: 'create pods in shop via RoleBinding shop/readers → ClusterRole view' },
      { reason: 'Undeclared', message: reasonOf('Undeclared').sentence },
    ]);
  });

  it('are fifty at most, with parts of 400 characters', () => {
    const names = [...Array(200).keys()].map((at) => `name-${at}`).join(',');
    const causes = causesOf(
      decisionOn(
        ...[...Array(60).keys()].map((): Said => ({ ...MISSING, line: `get secrets named ${names}` })),
      ),
    );

    expect(causes).toHaveLength(50);
    expect(causes[0]?.message).toHaveLength(400);
  });

  it('show names without what a terminal obeys', () => {
    const odd = via('RoleBinding shop/r\u202e', 'ClusterRole v\u0007');

    expect(causesOf(decisionOn({ ...HIGH, via: odd }))[0]?.message).toBe(
      String.raw`create pods in shop via RoleBinding shop/r\u202e → ClusterRole v\u0007`,
    );
  });
});

it('a finding that nobody can mend by a step of their own ends without one', () => {
  const finding = { check: 'overreach', reason: 'NotAllJudged', action: 'Deny', undetermined: true } as const;
  const decision = { outcome: 'deny', id: 'd-1', policy: 'p', findings: [finding] } as const;

  expect(denialMessage(workload(), decision)).not.toContain('next:');
});
