import { describe, expect, it } from 'vitest';
import { COMBINATIONS, combined } from '../../../../src/core/scope/combinations.ts';
import { IMPERSONATION_MODES } from '../../../../src/core/scope/impersonation.ts';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { printScope } from '../../../../src/core/scope/print.ts';
import { RISKS, riskOf } from '../../../../src/core/scope/risk.ts';
import type { KubernetesScope } from '../../../../src/core/scope/scope.ts';

function scopes(lines: readonly string[]): readonly KubernetesScope[] {
  const { scopes: parsed, problems } = parseScopes(lines.join('\n'));
  expect(problems).toEqual([]);
  return parsed.flatMap(({ scope }) => (scope.kind === 'vault' ? [] : [scope]));
}

/** What the first line becomes when the others are held as well. */
function risk(line: string, others: readonly string[]): string | undefined {
  const held = scopes([line, ...others]);
  const [scope] = held;
  return scope && combined(held)(scope)?.risk;
}

const CSR = 'certificatesigningrequests.certificates.k8s.io';
const APPROVE = 'approve signers.certificates.k8s.io named kubernetes.io/kube-apiserver-client everywhere';

describe('the table of combinations', () => {
  it('is worst first', () => {
    const ranks = COMBINATIONS.map(({ risk: level }) => RISKS.indexOf(level));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  });

  it.each(COMBINATIONS.map((combination) => [combination.reason, combination] as const))(
    'is readable, sourced and worse than one of its parts: %s',
    (reason, { all, risk: level, source }) => {
      expect(reason).not.toBe('');
      expect(source).not.toBe('');
      expect(all.length).toBeGreaterThan(1);
      expect(parseScopes(all.join('\n')).problems).toEqual([]);
      const parts = all.map((lines) => scopes(lines.split('\n')));
      const alone = parts.flat().map((scope) => RISKS.indexOf(riskOf(scope).risk));
      expect(Math.max(...alone)).toBeGreaterThan(RISKS.indexOf(level));
    },
  );

  // Every pair of lines of two parts, held everywhere: one of the two must be worse for it, unless it is bad enough.
  it.each(COMBINATIONS.map((combination) => [combination.reason, combination] as const))(
    'is completed by any line of each part: %s',
    (reason, { all, risk: level }) => {
      const everywhere = all.map((lines) =>
        scopes(lines.split('\n')).map((scope) =>
          scope.kind === 'url'
            ? scope
            : {
                ...scope,
                verbs: scope.verbs.slice(-1),
                resource: scope.resource.replaceAll('any', 'things'),
                group: scope.group.replaceAll('any', 'example.com'),
                place: 'everywhere' as const,
              },
        ),
      );
      const least = everywhere.flatMap(([first]) => (first === undefined ? [] : [first]));
      for (const [index, part] of everywhere.entries()) {
        for (const scope of part) {
          const others = least.filter((_, other) => other !== index);
          const bad = RISKS.indexOf(riskOf(scope).risk) <= RISKS.indexOf(level);
          expect(combined([scope, ...others])(scope)).toEqual(bad ? undefined : { risk: level, reason });
          expect(combined([scope])(scope)).toBeUndefined();
        }
      }
    },
  );
});

it('may be held apart for impersonation only, whose halves the API server asks for in different places', () => {
  const apart = COMBINATIONS.filter(({ anywhere }) => anywhere).map(({ reason }) => reason);

  expect(apart).toEqual(
    IMPERSONATION_MODES.map((mode) => expect.stringContaining(`both halves of ${mode} impersonation`)),
  );
});

// With the other parts held everywhere, only the unknown namespace is in the way.
it.each(
  COMBINATIONS.filter(({ anywhere }) => !anywhere).flatMap(({ reason, all }) =>
    all.flatMap((part, index) =>
      scopes(part.split('\n'))
        .filter((scope) => scope.kind === 'resource' && scope.place === 'own')
        .map((scope) => [printScope(scope), reason, scope, all.toSpliced(index, 1)] as const),
    ),
  ),
)('%s, in a namespace that is not known yet, does not complete: %s', (_line, _reason, scope, others) => {
  const held = scopes(others.flatMap((part) => part.split('\n'))).map((other) => ({
    ...other,
    place: 'everywhere' as const,
  }));

  expect(combined([scope, ...held])(scope)).toBeUndefined();
});

describe('a scope that completes a combination', () => {
  it.each([
    ['create secrets in shop', ['get secrets named db in shop'], 'high'],
    ['get secrets named db in shop', ['create secrets in shop'], 'high'],
    ['create secrets in shop', ['list secrets everywhere'], 'high'],
    ['create secrets in shop', ['patch secrets named db in shop'], 'high'],
    ['create,get secrets named db in shop', [], 'high'],
    ['create secrets in shop', ['* * in shop'], undefined],
    [`create ${CSR} everywhere`, [`update ${CSR}/approval everywhere`, APPROVE], 'critical'],
    [`update ${CSR}/approval everywhere`, [`create ${CSR} everywhere`, APPROVE], 'critical'],
    [APPROVE, [`create ${CSR} everywhere`, 'update *.certificates.k8s.io/approval everywhere'], 'critical'],
    [`create ${CSR} everywhere`, [`create ${CSR}/nodeclient everywhere`], 'critical'],
    ['create pods in shop', ['patch namespaces named shop in shop'], 'critical'],
    ['patch namespaces everywhere', ['patch deployments.apps in shop'], 'critical'],
    [
      'create persistentvolumes everywhere',
      ['create persistentvolumeclaims in shop', 'create jobs.batch in shop'],
      'critical',
    ],
    [
      'create persistentvolumeclaims in shop',
      ['create persistentvolumes everywhere', 'create pods in shop'],
      'critical',
    ],
    ['patch nodes everywhere', ['create pods/eviction everywhere'], 'high'],
    ['delete pods in shop', ['patch nodes/status everywhere'], 'high'],
    ['patch nodes everywhere', ['patch pods/status in shop'], 'high'],
    ['patch *.core in shop', [], 'critical'],
    [
      'patch podcertificaterequests.certificates.k8s.io/status in shop',
      ['sign signers.certificates.k8s.io named example.com/a everywhere'],
      'high',
    ],
    [
      `patch ${CSR}/status everywhere`,
      ['sign signers.certificates.k8s.io named example.com/a everywhere'],
      'high',
    ],
    [
      'impersonate-on:serviceaccount:get pods in dev',
      ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io named ci in shop'],
      'high',
    ],
    [
      'impersonate-on:user-info:list secrets everywhere',
      ['impersonate:user-info users.authentication.k8s.io named jane everywhere'],
      'high',
    ],
  ])('%s with %j', (line, others, wanted) => {
    expect(risk(line, others)).toBe(wanted);
  });
});

describe('a scope that completes nothing', () => {
  it.each([
    ['alone', 'create secrets in shop', []],
    ['with the other half in another namespace', 'create secrets in shop', ['get secrets named db in dev']],
    ['that only repeats one half', 'create secrets in shop', ['create secrets everywhere']],
    ['that is as bad already', 'get secrets in shop', ['create secrets in shop']],
    ['that is worse already', 'create secrets in kube-system', ['get secrets named db in kube-system']],
    ['of no combination', 'get pods in shop', ['get secrets named db in shop', 'create secrets in shop']],
    [
      'with a verb of neither half',
      'delete secrets in shop',
      ['get secrets named db in shop', 'create secrets in shop'],
    ],
    [
      'with halves whose place is not known',
      'create persistentvolumes everywhere',
      ['create persistentvolumeclaims', 'create pods'],
    ],
    [
      'with somebody to act as in a place that is not known',
      'impersonate-on:serviceaccount:get pods in shop',
      ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io named ci'],
    ],
    ['with two of three parts', `create ${CSR} everywhere`, [`update ${CSR}/approval everywhere`]],
    [
      'for a signer that the API server does not trust',
      `create ${CSR} everywhere`,
      [
        `update ${CSR}/approval everywhere`,
        'approve signers.certificates.k8s.io named example.com/a everywhere',
      ],
    ],
    [
      'when the others meet nowhere',
      'create persistentvolumes everywhere',
      ['create persistentvolumeclaims in shop', 'create pods in dev'],
    ],
    ['for the namespace object of another', 'create pods in shop', ['patch namespaces named dev in dev']],
    [
      'in another mode',
      'impersonate-on:user-info:get pods everywhere',
      ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io named ci in shop'],
    ],
    [
      'with a group to act in but nobody to act as',
      'impersonate-on:user-info:get pods everywhere',
      ['impersonate:user-info groups.authentication.k8s.io named developers everywhere'],
    ],
    ['that is a URL', 'get /metrics', ['* /*']],
    ['whose place is not known', 'create secrets', ['get secrets named db in shop']],
  ])('%s', (_, line, others) => {
    expect(risk(line, others)).toBeUndefined();
  });
});
