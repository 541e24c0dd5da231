import { objectKey, type RbacOverlay, type Via } from '../rbac/held.ts';
import { canonical } from '../scope/canonical.ts';
import { type PlacedRule, ruleOf, uncovered } from '../scope/covers.ts';
import type { KubernetesScope, Scope } from '../scope/scope.ts';
import type { VaultHeld } from '../vault/held.ts';
import type { Decision } from './decision.ts';
import { checksOf, collect, type Finding, viaText } from './findings.ts';
import type { CheckName } from './policy.ts';
import type { Verdict } from './verdict.ts';

/** What a denial would rest on, as questions to the API server. */
export interface LiveQuestions {
  /** One verb and at most one name each. */
  readonly scopes: readonly KubernetesScope[];
  readonly vias: readonly Via[];
  /** Checks that a denial rests on. */
  readonly checks: readonly CheckName[];
  /** Vault itself is to be asked. */
  readonly vault: boolean;
}

/** Of each kind; what is beyond stays open. */
const MAX_QUESTIONS = 20;
/** One would do; more of them in case one has gone meanwhile. */
const UNDECLARED_QUESTIONS = 3;

export function questionsOf({ findings }: Pick<Decision, 'findings'>, verdict: Verdict): LiveQuestions {
  const denials = findings.filter(({ action }) => action === 'Deny');
  const denied = denials.filter(({ undetermined }) => !undetermined);
  const held = denied.some(({ check }) => check === 'undeclared')
    ? verdict.bindings.slice(0, UNDECLARED_QUESTIONS).map((use) => use.via)
    : [];
  const scopes = denied.flatMap(({ check, scope }) => (check === 'missing' && scope ? atomsOf(scope) : []));
  const vias = new Map(
    [...denied.flatMap(({ via }) => via ?? []), ...held].map((via) => [viaText(via), via]),
  );
  return {
    scopes: scopes.slice(0, MAX_QUESTIONS),
    vias: [...vias.values()].slice(0, MAX_QUESTIONS),
    checks: [...new Set(denied.map(({ check }) => check))],
    // What could not be read there may be readable by now; the caches of the API server fill by themselves.
    vault: denials.some(isOfVault),
  };
}

/** Does it rest on what Vault says? */
function isOfVault({ login, reason }: Finding): boolean {
  return login !== undefined || reason === 'NoVaultLogin' || reason === 'VaultNotRead';
}

function atomsOf(scope: Scope): readonly KubernetesScope[] {
  switch (scope.kind) {
    case 'vault':
      return [];
    case 'url':
      return scope.verbs.map((verb) => ({ ...scope, verbs: [verb] }));
    case 'resource': {
      const names = scope.names.length === 0 ? [[]] : scope.names.map((name) => [name]);
      return scope.verbs.flatMap((verb) => names.map((one) => ({ ...scope, verbs: [verb], names: one })));
    }
  }
}

/** What was asked of the API server itself before a denial, and what it said. */
export interface LiveAnswers {
  /** Missing by the rules known here, and allowed all the same: a newer binding, or another authorizer. */
  readonly allowed: readonly KubernetesScope[];
  /** Missing by the rules known here, and refused by the API server. */
  readonly refused: readonly KubernetesScope[];
  /** Roles and bindings as they were read. */
  readonly overlay: RbacOverlay;
  /** What Vault itself said; `undefined`: nothing, or it was not asked. */
  readonly vault: VaultHeld | undefined;
}

/**
 * The verdict with everything open that was not asked: a cache is never the reason of a denial. What the API server
 * confirmed stays proved, whatever else went unanswered.
 */
export function confirmedVerdict(verdict: Verdict, answers: LiveAnswers): Verdict {
  const refused = answers.refused.map(ruleOf);
  const isRead = (via: Via) => wasRead(via, answers.overlay);
  const findings = collect(
    verdict.findings.flatMap((finding): readonly Finding[] => {
      if (finding.undetermined) return [finding];
      if (isOfVault(finding)) return [answers.vault !== undefined ? finding : unconfirmed(finding)];
      switch (finding.check) {
        case 'missing':
          return confirmedMissing(finding, refused);
        case 'undeclared':
          return [verdict.bindings.some(({ via }) => isRead(via)) ? finding : unconfirmed(finding)];
        case 'excess':
        case 'forbidden':
          return [finding.via === undefined || isRead(finding.via) ? finding : unconfirmed(finding)];
        case 'overreach':
          return [finding];
      }
    }),
  );
  return { ...verdict, findings, checks: checksOf(findings) };
}

function confirmedMissing(finding: Finding, refused: readonly PlacedRule[]): readonly Finding[] {
  const { scope } = finding;
  if (scope === undefined || scope.kind === 'vault') return [finding];
  const open = uncovered(refused, scope);
  const proved = uncovered(open.map(ruleOf), scope);
  return [
    ...proved.map((part) => ({ ...finding, scope: canonical(part) })),
    ...open.map((part) => unconfirmed({ ...finding, scope: canonical(part) })),
  ];
}

function unconfirmed(finding: Finding): Finding {
  return { ...finding, undetermined: true, reason: 'NotConfirmed' };
}

function wasRead({ binding, role }: Via, { bindings, roles }: RbacOverlay): boolean {
  return bindings.has(objectKey(binding)) && roles.has(objectKey(role));
}
