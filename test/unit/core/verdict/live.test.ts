import { describe, expect, it } from 'vitest';
import { objectKey, type RbacOverlay, type Via } from '../../../../src/core/rbac/held.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import type { KubernetesScope } from '../../../../src/core/scope/scope.ts';
import type { ActedFinding } from '../../../../src/core/verdict/decision.ts';
import { checksOf, type Finding, viaText } from '../../../../src/core/verdict/findings.ts';
import { confirmedVerdict, questionsOf } from '../../../../src/core/verdict/live.ts';
import { kubernetesOnly, type Verdict } from '../../../../src/core/verdict/verdict.ts';
import { scopeOf, via } from '../../../support/findings.ts';
import { scopes } from '../../../support/verdict.ts';

const READERS = via('RoleBinding shop/readers', 'Role shop/r');
const OTHERS = via('ClusterRoleBinding others', 'ClusterRole r');
const LOGIN = { login: { connection: 'default', mount: 'kubernetes', role: 'shop_api' }, policies: [] };
const MISSING = { check: 'missing', reason: 'Missing' } as const;
const EXCESS = { check: 'excess', reason: 'Excess', risk: 'high' } as const;
const UNDECLARED = { check: 'undeclared', reason: 'Undeclared' } as const;

function missing(line: string): Finding {
  return { ...MISSING, scope: scopeOf(line) };
}

function verdictOf(findings: readonly Finding[], vias: readonly Via[] = []): Verdict {
  const bindings = vias.map((each) => ({ via: each, held: 1, excess: 1 }));
  return { findings, checks: checksOf(findings), bindings };
}

describe('what is asked before a denial', () => {
  function asked(findings: readonly ActedFinding[], vias: readonly Via[] = []) {
    const questions = questionsOf({ findings }, verdictOf(findings, vias));
    return [...questions.scopes.map(printScope), ...questions.vias.map(viaText)];
  }

  const denied = (finding: Finding): ActedFinding => ({ ...finding, action: 'Deny' });

  it.each<[string, ActedFinding[], string[]]>([
    ['nothing where nothing is found', [], []],
    [
      'each verb of what is missing',
      [denied(missing('get,list pods'))],
      ['get pods in shop', 'list pods in shop'],
    ],
    [
      'each verb and name of what is missing',
      [denied(missing('get,list secrets named a,b'))],
      [
        'get secrets named a in shop',
        'get secrets named b in shop',
        'list secrets named a in shop',
        'list secrets named b in shop',
      ],
    ],
    ['each verb of a missing URL', [denied(missing('get,post /metrics'))], ['get /metrics', 'post /metrics']],
    ['nothing of what Vault alone knows', [denied(missing('vault read secret/data/x'))], []],
    ['nothing of what is missing without a scope', [denied(MISSING)], []],
    [
      'the binding of what is held, and never its scope',
      [denied({ ...EXCESS, scope: scopeOf('get secrets'), via: READERS })],
      ['RoleBinding shop/readers → Role r'],
    ],
    [
      'a binding once, whatever is held by it',
      [
        denied({ ...EXCESS, scope: scopeOf('get secrets'), via: READERS }),
        denied({ ...EXCESS, scope: scopeOf('get pods'), via: READERS }),
        denied({ check: 'forbidden', reason: 'ForbiddenHeld', scope: scopeOf('get nodes'), via: OTHERS }),
      ],
      ['RoleBinding shop/readers → Role r', 'ClusterRoleBinding others → ClusterRole r'],
    ],
    [
      'no binding of what is forbidden and only needed',
      [denied({ check: 'forbidden', reason: 'ForbiddenNeed', scope: scopeOf('get nodes') })],
      [],
    ],
    ['nothing of what only warns', [{ ...missing('get pods'), action: 'Warn' }], []],
    [
      'nothing of what is open, though it denies',
      [denied({ ...missing('get pods'), reason: 'MissingOrNotYetFilled', undetermined: true, via: OTHERS })],
      [],
    ],
  ])('%s', (_, findings, want) => {
    expect(asked(findings)).toEqual(want);
  });

  it.each<[string, boolean, Partial<ActedFinding>]>([
    ['what a login lacks', true, { reason: 'MissingInVault', login: LOGIN }],
    ['a need that no login gives', true, { reason: 'NoVaultLogin' }],
    [
      'a policy that could not be read',
      true,
      { reason: 'VaultPolicyNotRead', login: LOGIN, undetermined: true },
    ],
    ['a Vault that could not be read', true, { reason: 'VaultNotRead', undetermined: true }],
    ['what only warns', false, { reason: 'VaultNotRead', undetermined: true, action: 'Warn' }],
    ['what RBAC lacks', false, { reason: 'Missing' }],
  ])('Vault, for %s: %s', (_, want, finding) => {
    const findings = [{ check: 'missing', reason: 'Missing', action: 'Deny', ...finding } as const];

    expect(questionsOf({ findings }, verdictOf(findings)).vault).toBe(want);
  });

  it('three of the bindings of a workload that declares nothing', () => {
    const held = [1, 2, 3, 4].map((at) => via(`ClusterRoleBinding b${at}`, 'ClusterRole r'));

    expect(asked([denied(UNDECLARED)], held)).toEqual(held.slice(0, 3).map(viaText));
    expect(asked([{ ...UNDECLARED, action: 'Warn' }], held)).toEqual([]);
    expect(asked([denied(missing('get pods'))], held)).toEqual(['get pods in shop']);
  });

  it('twenty questions of each kind', () => {
    const numbers = [...Array(30).keys()];
    const names = numbers.map((at) => `n${at}`).join(',');
    const held = numbers.map((at) =>
      denied({
        ...EXCESS,
        scope: scopeOf('get pods'),
        via: via(`ClusterRoleBinding b${at}`, 'ClusterRole r'),
      }),
    );
    const findings = [denied(missing(`get secrets named ${names}`)), ...held];
    const questions = questionsOf({ findings }, verdictOf(findings));

    expect(questions.scopes).toHaveLength(20);
    expect(questions.vias).toHaveLength(20);
  });
});

describe('a verdict whose denials were asked about', () => {
  const none: RbacOverlay = { roles: new Map(), bindings: new Map() };
  const rolesRead = ({ role }: Via): RbacOverlay => ({
    ...none,
    roles: new Map([[objectKey(role), undefined]]),
  });
  const bindingsRead = ({ binding }: Via): RbacOverlay => ({
    ...none,
    bindings: new Map([[objectKey(binding), undefined]]),
  });
  const read = (one: Via): RbacOverlay => ({ ...rolesRead(one), bindings: bindingsRead(one).bindings });

  function confirmed(verdict: Verdict, refused: readonly KubernetesScope[], overlay: RbacOverlay) {
    return confirmedVerdict(verdict, { allowed: [], refused, overlay, vault: undefined });
  }

  function lines({ findings }: Verdict): readonly string[] {
    return findings.map(({ reason, scope, undetermined }) =>
      [undetermined ? `${reason}?` : reason, scope && printScope(scope)].filter(Boolean).join(' '),
    );
  }

  it.each<[string, string, string[], string[]]>([
    ['all refused', 'get,list pods', ['get pods', 'list pods'], ['Missing get,list pods in shop']],
    ['nothing refused', 'get,list pods', [], ['NotConfirmed? get,list pods in shop']],
    [
      'one verb refused',
      'get,list pods',
      ['list pods'],
      ['Missing list pods in shop', 'NotConfirmed? get pods in shop'],
    ],
    [
      'one name refused',
      'get secrets named a,b,c',
      ['get secrets named b'],
      ['Missing get secrets named b in shop', 'NotConfirmed? get secrets named a,c in shop'],
    ],
    ['a URL refused', 'get /metrics', ['get /metrics'], ['Missing get /metrics']],
    ['another refused', 'get pods', ['get secrets'], ['NotConfirmed? get pods in shop']],
    [
      'what Vault alone knows',
      'vault read secret/data/x',
      ['get pods'],
      ['Missing vault read secret/data/x'],
    ],
  ])('has of what is missing, with %s', (_, need, refused, want) => {
    const result = confirmed(verdictOf([missing(need)]), kubernetesOnly(scopes(...refused)), none);

    expect(lines(result)).toEqual(want);
    expect(result.checks).toEqual(checksOf(result.findings));
  });

  const held: Finding = { ...EXCESS, scope: scopeOf('get secrets'), via: READERS };
  const forbidden: Finding = { check: 'forbidden', reason: 'ForbiddenHeld', scope: scopeOf('get nodes') };

  it.each<[string, Finding, RbacOverlay, string]>([
    ['is confirmed by its role and its binding', held, read(READERS), 'Excess get secrets in shop'],
    ['is not by another role and binding', held, read(OTHERS), 'NotConfirmed? get secrets in shop'],
    ['is not by its role alone', held, rolesRead(READERS), 'NotConfirmed? get secrets in shop'],
    ['is not by its binding alone', held, bindingsRead(READERS), 'NotConfirmed? get secrets in shop'],
    [
      'is confirmed where it is forbidden',
      { ...forbidden, via: OTHERS },
      read(OTHERS),
      'ForbiddenHeld get nodes everywhere',
    ],
    [
      'is not where it is forbidden and was not read',
      { ...forbidden, via: OTHERS },
      none,
      'NotConfirmed? get nodes everywhere',
    ],
  ])('what is held %s', (_, finding, overlay, want) => {
    expect(lines(confirmed(verdictOf([finding]), [], overlay))).toEqual([want]);
  });

  it.each<[string, Finding]>([
    [
      'what is forbidden and only needed',
      { check: 'forbidden', reason: 'ForbiddenNeed', scope: scopeOf('get nodes') },
    ],
    ['what is beyond a ceiling', { check: 'overreach', reason: 'Overreach', scope: scopeOf('get nodes') }],
    ['what is missing without a scope', MISSING],
    [
      'what was open',
      { ...missing('get pods'), reason: 'MissingOrNotYetFilled', undetermined: true, via: OTHERS },
    ],
    ['what was open of what is held', { ...EXCESS, reason: 'RuleTooLarge', undetermined: true, via: OTHERS }],
  ])('keeps %s, which no answer could change', (_, finding) => {
    expect(confirmed(verdictOf([finding]), [], none).findings).toEqual([finding]);
  });

  it('is undeclared as soon as one binding of the account was read', () => {
    const verdict = verdictOf([UNDECLARED], [READERS, OTHERS]);

    expect(confirmed(verdict, [], read(OTHERS)).checks.undeclared).toBe('fail');
    expect(confirmed(verdict, [], none).checks.undeclared).toBe('undetermined');
    expect(lines(confirmed(verdict, [], none))).toEqual(['NotConfirmed?']);
  });

  it('keeps what each binding gives', () => {
    const verdict = verdictOf([held], [READERS]);

    expect(confirmed(verdict, [], none).bindings).toBe(verdict.bindings);
  });
});
