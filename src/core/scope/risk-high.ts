import { IMPERSONATE, IMPERSONATE_CONSTRAINED, identityVerb } from './impersonation.ts';
import { on } from './pattern.ts';
import { DEPUTIES } from './risk-deputies.ts';
import {
  ADMISSION,
  AUTHENTICATION,
  CERTIFICATES,
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

/** Another identity, other people’s credentials, or code in other people’s pods, within some bound. */
export const HIGH: readonly RiskRow[] = [
  row('any *', 'reaches every resource of a namespace', PRACTICES),
  row(on('bind', [`roles.${RBAC}`, `clusterroles.${RBAC}`]), 'binds the named roles to anyone', ESCALATION),
  row(
    `${on('delete,deletecollection', [`roles.${RBAC}`])}\n${on('delete,deletecollection', [`clusterroles.${RBAC}`], 'everywhere')}`,
    'takes away what others rely on',
    'plugin/pkg/auth/authorizer/rbac/rbac.go',
  ),
  row(IMPERSONATE, 'acts as the named identities', PRACTICES),
  row(
    IMPERSONATE_CONSTRAINED,
    'acts as the named identities, as far as it holds impersonate-on verbs',
    IMPERSONATION,
  ),
  row(
    on(identityVerb('associated-node'), [`nodes.${AUTHENTICATION}`], 'everywhere'),
    'acts as the node it runs on, as far as it holds impersonate-on verbs',
    IMPERSONATION,
  ),
  row('create serviceaccounts/token', 'makes tokens of the namespace’s service accounts', PRACTICES),
  row(
    on('create', [`podcertificaterequests.${CERTIFICATES}`]),
    'gets certificates as any pod of the namespace: only nodes are held to their own',
    'KEP-4317, plugin/pkg/admission/noderestriction/admission.go',
  ),
  row(
    on('update,patch', [`certificatesigningrequests.${CERTIFICATES}/approval`], 'everywhere'),
    'approves client certificates, as far as it may approve for their signer',
    'rbac-good-practices, plugin/pkg/admission/certificates/approval/admission.go',
  ),
  row(
    on('approve,sign', [`signers.${CERTIFICATES}`], 'everywhere'),
    'decides which certificates a signer issues',
    'pkg/certauthorization/certauthorization.go',
  ),
  row(
    on('create', [`certificatesigningrequests.${CERTIFICATES}/nodeclient`], 'everywhere'),
    'has its requests for node certificates approved by themselves',
    'pkg/controller/certificates/approver/sarapprove.go',
  ),
  row(
    on('attest', [`admissionReviewAPIGroups.${AUTHENTICATION}`], 'everywhere'),
    'poses as the API server to admission webhooks',
    'KEP-6060, pkg/registry/core/serviceaccount/storage/token.go',
  ),
  row(
    on(CHANGE, ADMISSION, 'everywhere'),
    'rewrites the named admission configuration',
    'rbac-good-practices, KEP-3488, KEP-3962',
  ),
  row(
    on(WRITE, ['apiservices.apiregistration.k8s.io'], 'everywhere'),
    'answers an API in the server’s place, and is sent its callers’ requests',
    'CVE-2022-3172, kube-aggregator/pkg/apiserver/handler_proxy.go',
  ),
  row(
    on(CHANGE, ['customresourcedefinitions.apiextensions.k8s.io'], 'everywhere'),
    'converts every object of a kind on its way, or deletes them all',
    'apiextensions-apiserver/pkg/apiserver/conversion, apiextensions-apiserver/pkg/controller/finalizer',
  ),
  unnamed(on(READ, ['secrets']), 'reads every credential of the namespace', PRACTICES),
  row(
    on('update,patch', ['secrets']),
    'replaces credentials, and reads them in the answer',
    'rbac-police issue_token_secrets',
  ),
  row(on(WRITE, POD_MAKERS), 'runs as any service account of the namespace', PRACTICES),
  row(
    on('get,create', ['pods/exec', 'pods/attach']),
    'runs commands in other pods',
    'pkg/registry/core/pod/rest/subresources.go',
  ),
  row(
    on('update,patch', ['pods/ephemeralcontainers']),
    'adds containers to running pods',
    'KEP-277, rbac-police pods_ephemeral_ctrs',
  ),
  row('create persistentvolumes everywhere', 'mounts the node’s file system through a volume', PRACTICES),
  row(
    on(WRITE, ['namespaces', 'namespaces/status', 'namespaces/finalize']),
    'changes the labels that pod security, admission and network policies select by',
    'rbac-good-practices, pkg/registry/core/namespace/strategy.go',
  ),
  row(
    on('update,patch', ['serviceaccounts']),
    'gives accounts cloud roles and pull secrets',
    'rbac-police providerIAM',
  ),
  row(
    'create nodes/checkpoint everywhere',
    'writes the memory of any container to the node’s disk',
    'KEP-2008, pkg/kubelet/server/auth.go',
  ),
  row(
    on('use', ['securitycontextconstraints.security.openshift.io']),
    'runs pods outside the restricted security context',
    'OpenShift documentation: managing security context constraints',
  ),
  ...DEPUTIES,
];
