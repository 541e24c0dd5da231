import { on } from './pattern.ts';
import { CHANGE, type RiskRow, row, WRITE } from './risk-row.ts';

/**
 * Objects that an operator obeys with its own power: whoever writes them borrows it. Only kinds whose field chooses
 * the credential, the identity or the manifests; their status is no such field.
 */
export const DEPUTIES: readonly RiskRow[] = [
  row(
    on(WRITE, [
      'secretstores.external-secrets.io',
      'clustersecretstores.external-secrets.io',
      'externalsecrets.external-secrets.io',
      'clusterexternalsecrets.external-secrets.io',
      'pushsecrets.external-secrets.io',
      'clusterpushsecrets.external-secrets.io',
    ]),
    'has external-secrets fetch or push credentials with its own access',
    'external-secrets.io/latest/guides/threat-model',
  ),
  row(
    on(WRITE, [
      'vaultauths.secrets.hashicorp.com',
      'vaultauthglobals.secrets.hashicorp.com',
      'vaultconnections.secrets.hashicorp.com',
      'vaultstaticsecrets.secrets.hashicorp.com',
      'vaultdynamicsecrets.secrets.hashicorp.com',
      'vaultpkisecrets.secrets.hashicorp.com',
    ]),
    'has the Vault operator log in and write credentials for it',
    'hashicorp/vault-secrets-operator/docs/api/api-reference.md',
  ),
  row(
    on(WRITE, [
      'issuers.cert-manager.io',
      'clusterissuers.cert-manager.io',
      'certificates.cert-manager.io',
      'certificaterequests.cert-manager.io',
    ]),
    'has cert-manager sign certificates with the names it writes',
    'cert-manager.io/docs/concepts/certificaterequest',
  ),
  row(
    [
      on('update,patch', ['certificaterequests.cert-manager.io/status']),
      on('approve', ['signers.cert-manager.io'], 'everywhere'),
    ].join('\n'),
    'approves certificates of cert-manager',
    'cert-manager.io/docs/usage/approver-policy',
  ),
  row(
    on(WRITE, ['clusterspiffeids.spire.spiffe.io', 'clusterstaticentries.spire.spiffe.io'], 'everywhere'),
    'has SPIRE give pods the identities it writes',
    'spiffe/spire-controller-manager/docs/clusterspiffeid-crd.md',
  ),
  row(
    on(WRITE, [
      'applications.argoproj.io',
      'applicationsets.argoproj.io',
      'appprojects.argoproj.io',
      'kustomizations.kustomize.toolkit.fluxcd.io',
      'helmreleases.helm.toolkit.fluxcd.io',
    ]),
    'has Argo CD or Flux apply manifests with its own access',
    'argo-cd app-any-namespace, GHSA-35rf-v2jv-gfg7',
  ),
  row(
    on(CHANGE, [
      'policies.kyverno.io',
      'clusterpolicies.kyverno.io',
      'policyexceptions.kyverno.io',
      'constrainttemplates.templates.gatekeeper.sh',
      'configs.config.gatekeeper.sh',
      'any.constraints.gatekeeper.sh',
    ]),
    'rewrites or waives the policies of Kyverno or Gatekeeper',
    'rbac-tool analysis, CVE-2024-48921',
  ),
];
