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
