import type { RunningWorkload } from '../admit/ports.ts';
import type { TokenMounts } from '../core/admission/exposure.ts';
import { parseScopes } from '../core/scope/parse.ts';
import type { Account, Scope } from '../core/scope/scope.ts';
import { lastRefused } from '../core/verdict/last-refusal.ts';
import type { StoredDenial } from '../desk/desk.ts';

/** The refused workload, as far as its Denial tells. */

/** All that it declared, as lines; `undefined`: it declared nothing, or that is not recorded whole. */
export function recordedNeeds(denial: StoredDenial): string | undefined {
  const { needs, moreNeeds = 0 } = lastRefused(denial);
  const text = needs?.join('\n');
  return text !== undefined && moreNeeds === 0 && parseScopes(text).problems.length === 0 ? text : undefined;
}

/** What the denial found it to need of RBAC; `undefined`: it was found to declare nothing. */
export function foundNeeds({ findings }: StoredDenial['spec']): string | undefined {
  if (findings.some(({ check }) => check === 'undeclared')) return undefined;
  const needed = findings.flatMap(({ check, reason, scope }) => {
    const isNeed = check === 'missing' || check === 'overreach' || reason === 'ForbiddenNeed';
    return isNeed && scope !== undefined && isKubernetes(scope) ? [scope] : [];
  });
  return needed.join('\n');
}

function isKubernetes(line: string): boolean {
  const scopes = recordedScopes(line);
  return scopes.length > 0 && scopes.every(({ kind }) => kind !== 'vault');
}

/** Of a line of a Denial. None where it was cut when it was recorded: that can't be read any more. */
export function recordedScopes(line: string): readonly Scope[] {
  const { scopes, problems } = parseScopes(line);
  return problems.length > 0 ? [] : scopes.map(({ scope }) => scope);
}

/** How its pods get a token is not recorded, and decides how risky an excess is. */
export const MOUNTED: TokenMounts = { automount: undefined, mounted: true, secrets: [] };
export const LATENT: TokenMounts = { automount: false, mounted: false, secrets: [] };

export function accountOf({ namespace, spec }: StoredDenial): Account {
  return { namespace, name: spec.serviceAccount.name };
}

export type Annotations = RunningWorkload['annotations'];

/** @param uid of its stored form, whose older pods are no other workload. */
export function claimOf(
  denial: StoredDenial,
  annotations: Annotations,
  tokens: TokenMounts,
  uid: string | undefined,
): RunningWorkload {
  const { namespace, spec } = denial;
  const { kind, name } = spec.workload;
  return {
    kind,
    namespace,
    name,
    account: accountOf(denial),
    annotations,
    tokens,
    controller: undefined,
    uid,
  };
}
