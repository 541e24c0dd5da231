import { actionVerbs, IMPERSONATION_MODES, type ImpersonationMode, identityVerb } from './impersonation.ts';
import { indexed, on, patternsOf, touches } from './pattern.ts';
import { RISKS, riskOf } from './risk.ts';
import { AUTHENTICATION, CERTIFICATES, POD_MAKERS } from './risk-row.ts';
import type { Risk } from './risk-table.ts';
import type { KubernetesScope, Scope } from './scope.ts';

/** Permissions that are worse together than each alone. */
export interface Combination {
  readonly risk: Exclude<Risk, 'low'>;
  /** Patterns, one a line (see `pattern.ts`): a scope of each is held. */
  readonly all: readonly string[];
  /** The parts count wherever they are held; otherwise they meet in one namespace. */
  readonly anywhere: boolean;
  readonly reason: string;
  readonly source: string;
}

/** What one asks for to be somebody in that mode; a user is a name before it is anything else. */
const IDENTITY: Readonly<Record<ImpersonationMode, string>> = {
  'user-info': 'users',
  serviceaccount: 'serviceaccounts',
  'arbitrary-node': 'nodes',
  'associated-node': 'nodes',
};

/** A closed table, worst first. */
export const COMBINATIONS: readonly Combination[] = [
  {
    risk: 'critical',
    all: [
      on('create', [`certificatesigningrequests.${CERTIFICATES}`], 'everywhere'),
      on('update,patch', [`certificatesigningrequests.${CERTIFICATES}/approval`], 'everywhere'),
      on(
        'approve',
        [`signers.${CERTIFICATES}`],
        'named kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,"kubernetes.io/*" everywhere',
      ),
    ],
    anywhere: false,
    reason: 'asks for and approves a client certificate of any user',
    source: 'rbac-police approve_csrs, plugin/pkg/admission/certificates/approval/admission.go',
  },
  {
    risk: 'critical',
    all: [
      on('create', [`certificatesigningrequests.${CERTIFICATES}`], 'everywhere'),
      on('create', [`certificatesigningrequests.${CERTIFICATES}/nodeclient`], 'everywhere'),
    ],
    anywhere: false,
    reason: 'gets a client certificate of any node, which approves itself',
    source: 'pkg/controller/certificates/approver/sarapprove.go',
  },
  {
    risk: 'critical',
    all: [
      on('create', ['persistentvolumes'], 'everywhere'),
      on('create', ['persistentvolumeclaims']),
      on('create,update,patch', POD_MAKERS),
    ],
    anywhere: false,
    reason: 'mounts the node’s file system in its own pod, whatever pod security says',
    source: 'rbac-good-practices, kubesplaining 027',
  },
  {
    risk: 'critical',
    all: [
      on('update,patch', ['namespaces', 'namespaces/status', 'namespaces/finalize']),
      on('create,update,patch', POD_MAKERS),
    ],
    anywhere: false,
    reason: 'labels its namespace privileged and runs a pod that owns the node',
    source: 'rbac-good-practices',
  },
  {
    risk: 'high',
    all: ['create secrets', 'get,list,watch,update,patch secrets'],
    anywhere: false,
    reason: 'makes a token Secret of any account of the namespace, and reads it',
    source: 'kubesplaining 007, pkg/controller/serviceaccount/tokens_controller.go',
  },
  {
    risk: 'high',
    all: [
      on('update,patch', ['nodes', 'nodes/status'], 'everywhere'),
      [
        on('delete,deletecollection', ['pods']),
        on('create', ['pods/eviction']),
        on('update,patch', ['pods/status']),
      ].join('\n'),
    ],
    anywhere: false,
    reason: 'moves pods, and the tokens they carry, to a node of its choice',
    source: 'rbac-police steal_pods',
  },
  {
    risk: 'high',
    all: [
      on('sign', [`signers.${CERTIFICATES}`], 'everywhere'),
      [
        on('update,patch', [`certificatesigningrequests.${CERTIFICATES}/status`], 'everywhere'),
        on('update,patch', [`podcertificaterequests.${CERTIFICATES}/status`]),
      ].join('\n'),
    ],
    anywhere: false,
    reason: 'issues certificates in the signer’s name',
    source: 'kubesplaining 024, plugin/pkg/admission/certificates/signing/admission.go',
  },
  {
    risk: 'high',
    all: [
      on('create,update,patch', [`clustertrustbundles.${CERTIFICATES}`], 'everywhere'),
      on('attest', [`signers.${CERTIFICATES}`], 'everywhere'),
    ],
    anywhere: false,
    reason: 'makes workloads trust its own CA in the signer’s name',
    source: 'KEP-3257, plugin/pkg/admission/certificates/ctbattest/admission.go',
  },
  ...IMPERSONATION_MODES.map(
    (mode): Combination => ({
      risk: 'high',
      all: [
        on(identityVerb(mode), [`${IDENTITY[mode]}.${AUTHENTICATION}`]),
        on(actionVerbs(mode), ['any.any']),
      ],
      anywhere: true,
      reason: `acts under another identity: both halves of ${mode} impersonation`,
      source: 'KEP-5284, apiserver/pkg/endpoints/filters/impersonation/mode.go',
    }),
  ),
];

interface Compiled extends Combination {
  readonly parts: readonly (readonly Scope[])[];
  readonly patterns: readonly Scope[];
}

const combinationsFor = indexed(
  COMBINATIONS.map((combination): Compiled => {
    const parts = combination.all.map(patternsOf);
    return { ...combination, parts, patterns: parts.flat() };
  }),
);

/** Where a part is held. */
interface Reach {
  everywhere: boolean;
  readonly namespaces: Set<string>;
}

/**
 * Given everything that an account holds beyond the baseline: does a scope complete a combination that is worse than
 * the scope alone? Costs what is held times the table, once, and only when a scope belongs to a combination.
 */
export function combined(
  held: readonly KubernetesScope[],
): (scope: KubernetesScope) => { readonly risk: Risk; readonly reason: string } | undefined {
  const reaches = new Map<Compiled, readonly Reach[]>();
  return (scope) => {
    const alone = RISKS.indexOf(riskOf(scope).risk);
    const hit = combinationsFor(scope).find((combination) => {
      if (RISKS.indexOf(combination.risk) >= alone) return false;
      const touched = combination.parts.map((part) => touches(part, scope));
      if (!touched.includes(true)) return false;
      const reach = reaches.get(combination) ?? combination.parts.map((part) => reachOf(part, held));
      reaches.set(combination, reach);
      const others = reach.filter((_, index) => touched[index] === false);
      return combination.anywhere ? others.every(isHeld) : meet(others, scope);
    });
    return hit && { risk: hit.risk, reason: hit.reason };
  };
}

function reachOf(part: readonly Scope[], held: readonly KubernetesScope[]): Reach {
  const reach: Reach = { everywhere: false, namespaces: new Set() };
  for (const scope of held) {
    // Beside every resource one permission more makes nothing worse: the wildcard says it all.
    if (scope.kind !== 'resource' || scope.resource === '*' || !touches(part, scope)) continue;
    if (scope.place === 'everywhere') reach.everywhere = true;
    else if (scope.place !== 'own') reach.namespaces.add(scope.place.namespace);
  }
  return reach;
}

function isHeld({ everywhere, namespaces }: Reach): boolean {
  return everywhere || namespaces.size > 0;
}

/** Is there a namespace where the scope counts and all of the others are held? */
function meet(others: readonly Reach[], scope: KubernetesScope): boolean {
  if (scope.kind !== 'resource' || scope.place === 'own') return false;
  const confined = others.filter(({ everywhere }) => !everywhere);
  const common = (namespace: string) => confined.every(({ namespaces }) => namespaces.has(namespace));
  if (scope.place !== 'everywhere') return common(scope.place.namespace);
  const [first] = confined;
  return first === undefined || [...first.namespaces].some(common);
}
