import { IMPERSONATE, IMPERSONATE_CONSTRAINED } from './impersonation.ts';
import { on } from './pattern.ts';
import {
  ADMISSION,
  CHANGE,
  ESCALATION,
  IMPERSONATION,
  POD_MAKERS,
  PRACTICES,
  RBAC,
  READ,
  type RiskRow,
  row,
  unnamed,
  WRITE,
} from './risk-row.ts';

/**
 * One step away from the whole cluster. A row that is confined to kube-system is touched by the same permission
 * everywhere, too.
 */
export const CRITICAL: readonly RiskRow[] = [
  row('* *', 'does everything', PRACTICES),
  row('any * everywhere', 'reaches every resource of the cluster', PRACTICES),
  row(
    `${on('escalate', [`roles.${RBAC}`])}\n${on('escalate', [`clusterroles.${RBAC}`], 'everywhere')}`,
    'gives itself any permission',
    ESCALATION,
  ),
  unnamed(on('bind', [`roles.${RBAC}`, `clusterroles.${RBAC}`]), 'binds any role to itself', ESCALATION),
  row(
    on('bind', [`clusterroles.${RBAC}`], 'named cluster-admin'),
    'makes itself an administrator of all that the binding reaches',
    ESCALATION,
  ),
  row(
    `${on(CHANGE, [`rolebindings.${RBAC}`])}\n${on(CHANGE, [`clusterrolebindings.${RBAC}`], 'everywhere')}`,
    'rewrites who holds what',
    PRACTICES,
  ),
  row(
    `${on(WRITE, [`roles.${RBAC}`])}\n${on(WRITE, [`clusterroles.${RBAC}`], 'everywhere')}`,
    'widens roles that are bound',
    PRACTICES,
  ),
  unnamed(IMPERSONATE, 'acts as anyone', PRACTICES),
  row(
    'impersonate groups named system:masters everywhere',
    'passes every authorization check',
    'apiserver/pkg/authorization/authorizerfactory/builtin.go',
  ),
  unnamed(IMPERSONATE_CONSTRAINED, 'acts as anyone, as far as it holds impersonate-on verbs', IMPERSONATION),
  row(
    'any nodes/proxy everywhere',
    'runs commands in any pod of the node, past audit and admission; get is enough',
    'rbac-good-practices, pkg/kubelet/server/auth.go',
  ),
  row(
    'create serviceaccounts/token in kube-system',
    'makes tokens of the cluster’s own controllers',
    PRACTICES,
  ),
  unnamed(
    on(CHANGE, ADMISSION, 'everywhere'),
    'sees, rewrites or lets through whatever is admitted',
    'rbac-good-practices, KEP-3488, KEP-3962',
  ),
  row(
    [
      on(CHANGE, ['scopepolicies.countersign.dev', 'scopepolicies.countersign.dev/status'], 'everywhere'),
      on(CHANGE, ['accessdecisions.countersign.dev']),
    ].join('\n'),
    'writes the policies and approvals that bind it',
    'countersign.dev/v1alpha1: ScopePolicy, AccessDecision',
  ),
  row(
    'breakglass admissions.countersign.dev',
    'skips the checks with an annotation',
    'countersign.dev/v1alpha1: break-glass',
  ),
  unnamed(
    on(READ, ['secrets'], 'in kube-system'),
    'reads the credentials of the cluster’s own components',
    'rbac-good-practices, rbac-police retrieve_secrets',
  ),
  unnamed(
    on(WRITE, ['secrets'], 'in kube-system'),
    'makes bootstrap tokens and tokens of the cluster’s own controllers',
    'plugin/pkg/auth/authenticator/token/bootstrap, rbac-police issue_token_secrets',
  ),
  row(
    on(WRITE, POD_MAKERS, 'in kube-system'),
    'runs as any service account of kube-system',
    'rbac-good-practices, rbac-police assign_sa',
  ),
  row(
    [
      on('get,create', ['pods/exec', 'pods/attach'], 'in kube-system'),
      on('update,patch', ['pods/ephemeralcontainers'], 'in kube-system'),
    ].join('\n'),
    'takes over pods of the cluster’s own components',
    'rbac-police pods_exec, pods_ephemeral_ctrs',
  ),
];
