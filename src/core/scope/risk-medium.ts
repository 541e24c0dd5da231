import { actionVerbs, IMPERSONATION_MODES } from './impersonation.ts';
import { on } from './pattern.ts';
import {
  CERTIFICATES,
  CHANGE,
  IMPERSONATION,
  PRACTICES,
  READ,
  type RiskRow,
  row,
  WRITE,
} from './risk-row.ts';

/** Traffic, places, availability; one half of something worse; and every other write. */
export const MEDIUM: readonly RiskRow[] = [
  row(on(READ, ['secrets']), 'reads the named credentials', PRACTICES),
  row('create secrets', 'makes Secrets, tokens of other accounts among them', 'kubesplaining 007'),
  row(
    [
      on('get,create', ['pods/portforward']),
      on('get,create,update,patch,delete', ['pods/proxy', 'services/proxy']),
    ].join('\n'),
    'reaches ports past network policies, through the API server',
    'pkg/registry/core/pod/rest/subresources.go, kubesplaining 015',
  ),
  row(
    on(WRITE, ['endpoints', 'endpointslices.discovery.k8s.io']),
    'diverts a Service’s traffic',
    'CVE-2021-25740',
  ),
  row(
    `${on(WRITE, ['services'])}\n${on('update,patch', ['services/status'])}`,
    'diverts traffic to other addresses',
    'CVE-2020-8554, rbac-police modify_service_status_cve_2020_8554',
  ),
  row(
    on('update,patch', ['pods/status']),
    'puts labels on pods, so that Services and policies select them',
    'pkg/registry/core/pod/strategy.go, rbac-police modify_pod_status',
  ),
  row(
    on(WRITE, ['ingresses.networking.k8s.io']),
    'reads what the ingress controller can read, through its configuration',
    'CVE-2021-25742, CVE-2026-24512',
  ),
  row(
    `${on('update,patch,delete,deletecollection', ['nodes'], 'everywhere')}\n${on('update,patch', ['nodes/status'], 'everywhere')}`,
    'moves pods to nodes of its choice',
    'rbac-police steal_pods, modify_node_status',
  ),
  row(
    on('create', ['pods/binding', 'bindings']),
    'places pods on nodes past the scheduler',
    'pkg/registry/core/pod/storage/storage.go',
  ),
  row(
    `${on('create', ['pods/eviction'])}\n${on('delete,deletecollection', ['pods'])}`,
    'removes running pods',
    'rbac-police steal_pods',
  ),
  row(on('update,patch', ['any.any/scale']), 'stops workloads, or starts more of them', PRACTICES),
  row(
    on(WRITE, ['configmaps'], 'in kube-system'),
    'reconfigures the cluster: its DNS, the CA of its front proxy, on EKS who is who',
    'rbac-police eks_modify_aws_auth',
  ),
  row(
    `${on(CHANGE, ['leases.coordination.k8s.io'], 'in kube-system')}\n${on(CHANGE, ['leases.coordination.k8s.io'], 'in kube-node-lease')}`,
    'stops controllers by holding their lease, or makes nodes look dead',
    'client-go/tools/leaderelection, pkg/controller/nodelifecycle',
  ),
  row(
    on(CHANGE, ['priorityclasses.scheduling.k8s.io'], 'everywhere'),
    'has others’ pods preempted',
    'kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption',
  ),
  row(
    on(
      CHANGE,
      [
        'flowschemas.flowcontrol.apiserver.k8s.io',
        'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io',
      ],
      'everywhere',
    ),
    'starves other clients of the API server',
    'KEP-1040',
  ),
  row(
    on(WRITE, ['storageclasses.storage.k8s.io'], 'everywhere'),
    'steers what provisioners create, on the node’s disk with some',
    'CVE-2025-62878',
  ),
  row(
    on(WRITE, ['csidrivers.storage.k8s.io'], 'everywhere'),
    'has pods’ tokens handed to a volume driver',
    'KEP-1855',
  ),
  row(
    on('update,patch', ['persistentvolumes'], 'everywhere'),
    'hands others’ volumes to claims of its choice',
    'kubernetes.io/docs/concepts/storage/persistent-volumes',
  ),
  row(
    on('create', ['serviceaccounts']),
    'takes over the bindings and cloud roles of an account that is gone',
    PRACTICES,
  ),
  row(
    [
      on(CHANGE, [`clustertrustbundles.${CERTIFICATES}`], 'everywhere'),
      on('attest', [`signers.${CERTIFICATES}`], 'everywhere'),
    ].join('\n'),
    'changes whose certificates workloads trust',
    'KEP-3257, plugin/pkg/admission/certificates/ctbattest/admission.go',
  ),
  row('get nodes/log everywhere', 'reads the logs of nodes', 'KEP-2258, CVE-2024-9042'),
  row(
    IMPERSONATION_MODES.map((mode) => on(actionVerbs(mode), ['any.any'])).join('\n'),
    'does it under another identity, where it holds one to act as',
    IMPERSONATION,
  ),
  row(
    [
      on('create', ['subjectaccessreviews.authorization.k8s.io'], 'everywhere'),
      on('create', ['localsubjectaccessreviews.authorization.k8s.io']),
    ].join('\n'),
    'asks what anyone may do',
    'CVE-2026-42541',
  ),
  row(
    [
      on(CHANGE, ['denials.countersign.dev', 'accessgrants.countersign.dev']),
      on('update,patch', ['denials.countersign.dev/status', 'accessgrants.countersign.dev/status']),
    ].join('\n'),
    'asks for waivers, or rewrites the record of denials and waivers',
    'countersign.dev/v1alpha1: Denial, AccessGrant',
  ),
  row(
    'any url "/debug/*"',
    'profiles the API server and sets its log level',
    'apiserver/pkg/server/routes/profiling.go, flags.go',
  ),
  {
    ...row(on(CHANGE, ['any.any']), 'changes or destroys objects', PRACTICES),
    // Status that nothing trusts, and reviews that store nothing.
    except: [
      'update,patch *.*/status everywhere',
      'create tokenreviews.authentication.k8s.io everywhere',
      'create selfsubjectreviews.authentication.k8s.io everywhere',
      'create selfsubjectaccessreviews.authorization.k8s.io everywhere',
      'create selfsubjectrulesreviews.authorization.k8s.io everywhere',
    ].join('\n'),
  },
];
