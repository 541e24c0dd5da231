import { on } from './pattern.ts';
import { AUTHENTICATION, USER_INFO } from './risk-row.ts';
import { REQUEST_VERBS } from './verbs.ts';

/**
 * The verbs of constrained impersonation (KEP-5284, on by default since Kubernetes 1.36): each mode asks for the right
 * to be the identity, and for the right to do the request while being it. Both halves are needed. Source:
 * apiserver/pkg/endpoints/filters/impersonation/mode.go.
 */
export const IMPERSONATION_MODES = [
  'user-info',
  'serviceaccount',
  'arbitrary-node',
  'associated-node',
] as const;

export type ImpersonationMode = (typeof IMPERSONATION_MODES)[number];

/** Asked in `authentication.k8s.io` on `users`, `groups`, `uids`, `userextras/KEY`, `serviceaccounts` or `nodes`. */
export function identityVerb(mode: ImpersonationMode): string {
  return `impersonate:${mode}`;
}

/** Asked on the resource of the request itself. Comma separated, as a scope line takes them. */
export function actionVerbs(mode: ImpersonationMode): string {
  return REQUEST_VERBS.map((verb) => `impersonate-on:${mode}:${verb}`).join(',');
}

/** To be an identity, in the old way; how bad it is depends on whether it is limited to names. */
export const IMPERSONATE = [
  on('impersonate', ['users', 'groups'], 'everywhere'),
  on('impersonate', ['serviceaccounts']),
  on('impersonate', [`uids.${AUTHENTICATION}`, `userextras.${AUTHENTICATION}/any`], 'everywhere'),
].join('\n');

/** The same by the modes that are bound to no node. */
export const IMPERSONATE_CONSTRAINED = [
  on(identityVerb('user-info'), USER_INFO, 'everywhere'),
  on(identityVerb('serviceaccount'), [`serviceaccounts.${AUTHENTICATION}`]),
  on(identityVerb('arbitrary-node'), [`nodes.${AUTHENTICATION}`], 'everywhere'),
].join('\n');
