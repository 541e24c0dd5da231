/**
 * The closed list of reasons: every refusal, warning and note names one. The code is API (audit annotations, causes,
 * log lines); the sentence is for people; the step is what to do next, and names only what exists.
 */
export type ReasonCode = keyof typeof REASONS;

export interface Reason {
  readonly sentence: string;
  readonly next?: string;
}

const GRANT =
  'grant what is missing (countersign fix DIR prints the Role and RoleBinding), or take it out of countersign.dev/needs';
const narrow = (how: string) =>
  `narrow or remove the bindings and policies named above${how}, or declare what is really needed in countersign.dev/needs`;
const NARROW = narrow('');
const NARROW_BY_ID = narrow(' (countersign fix DIR prints how)');
const DECLARE =
  'declare what the pods need in the annotation countersign.dev/needs of the pod template ("" for nothing)';

const GRANT_IN_VAULT =
  'let a policy of the Vault role give it (countersign fix DIR prints the policy), or take it out of the annotations';

export const REASONS = {
  Missing: { sentence: 'needed and not held', next: GRANT },
  MissingOrNotYetFilled: { sentence: 'not held, unless a role that has no rules yet gives it', next: GRANT },
  Excess: { sentence: 'held and not needed', next: NARROW },
  SharedWithUndeclared: {
    sentence: 'held and not needed here, but the account is shared with a workload that declares nothing',
    next: 'declare the needs of the other workload, or give each its own service account',
  },
  NotConfirmed: {
    sentence: 'found in the caches, but the API server could not be asked in time',
    next: 'try again in a moment',
  },
  RuleTooLarge: {
    sentence: 'a rule multiplies out to more scopes than are looked at',
    next: 'split the role',
  },
  ForbiddenHeld: {
    sentence: 'held, and forbidden by policy',
    next: 'remove the binding or policy that gives it, or narrow it',
  },
  ForbiddenNeed: {
    sentence: 'needed, and forbidden by policy',
    next: 'take it out of countersign.dev/needs',
  },
  Overreach: {
    sentence: 'needed, and beyond the ceiling of the policy',
    next: 'stay within the ceiling, or ask the owner of the policy',
  },
  MissingInVault: {
    sentence: 'needed in Vault, and not held by this login',
    next: GRANT_IN_VAULT,
  },
  NoVaultLogin: {
    sentence: 'needed in Vault, and no role there lets this service account in',
    next: 'bind a role of the auth method to the service account, or take it out of countersign.dev/needs',
  },
  VaultRoleNotYours: {
    sentence: 'no such Vault role, or it does not let this service account in',
    next: 'bind the role to the service account and its namespace, or name another in countersign.dev/vault-role',
  },
  VaultAudience: {
    sentence: 'the Vault role wants a token for another audience',
    next: 'set the audience of the role to the one that the connection asks for',
  },
  VaultTokenUses: {
    sentence: 'tokens of the Vault role are used up before the work is done',
    next: 'set token_num_uses of the role to 0',
  },
  VaultTtl: {
    sentence: 'tokens of the Vault role live longer than the policy allows',
    next: 'set token_max_ttl of the role, and no token_period',
  },
  VaultRoleOpen: {
    sentence: 'any service account of the cluster may use the Vault role',
    next: 'bind the role to the service accounts and namespaces that use it',
  },
  VaultLeaseOutlivesToken: {
    sentence: 'what the pod is given ends with its Vault token, and nothing renews that',
    next: 'leave countersign.dev/agent to auto, unless the pod ends first',
  },
  VaultPolicyNotRead: {
    sentence: 'a Vault policy could not be read, and may say otherwise',
    next: 'let the webhook read the policy (manifests/vault/countersign.hcl), or look at it yourself',
  },
  VaultConstrained: {
    sentence: 'held in Vault only for requests that meet a constraint of the policy',
    next: 'look whether the requests of the workload meet it',
  },
  VaultNotRead: {
    sentence: 'not judged: no facts about Vault policies at hand',
    next: 'try again when Vault answers, or look at the webhook’s /readyz',
  },
  Undeclared: {
    sentence: 'declares no needs while its account holds more than every account does',
    next: DECLARE,
  },
  DeclarationInvalid: { sentence: 'the declaration cannot be read', next: 'correct the annotation' },
  InjectionInvalid: {
    sentence: 'the injection asked for is not possible',
    next: 'correct the annotation or the pod',
  },
  NotInjected: {
    sentence: 'asked for credentials and carries none: the mutating webhook did not see it',
    next: 'create the pod again once inject.countersign.dev answers; a controller does so by itself',
  },
  NotMinted: {
    sentence: 'asked for a wrapped token and carries none',
    next: 'create the pod again once Vault and inject.countersign.dev answer; a controller does so by itself',
  },
  InjectionAltered: {
    sentence: 'the injected parts are not what Countersign writes',
    next: 'remove them from the manifest and let admission add them',
  },
  PolicyRefusesInjection: {
    sentence: 'the policy does not allow this Vault connection, role or issuance',
    next: 'choose what the policy allows, or ask its owner',
  },
  MirrorPod: { sentence: 'only a kubelet may create mirror pods' },
  FactsNotSynced: { sentence: 'the caches are not filled yet', next: 'try again in a moment' },
  FactsTooOld: {
    sentence: 'the facts are older than the configured limit',
    next: 'look at the webhook’s /readyz',
  },
  NotAllJudged: { sentence: 'touches more accounts than are looked at' },
  MalformedReview: { sentence: 'not an AdmissionReview' },
  NotAWorkload: { sentence: 'the object is no workload that can be judged' },
  DanglingRole: { sentence: 'a binding names a role that does not exist; it grants nothing' },
  UnfilledAggregate: { sentence: 'an aggregated ClusterRole has no rules yet' },
  SharedAccount: { sentence: 'the account is shared; excess is measured against all of its workloads' },
  NoSuchAccount: { sentence: 'the service account does not exist' },
  GrantUsed: { sentence: 'passes under a grant' },
  NodesNotKnown: { sentence: 'not judged: no facts about nodes at hand' },
  ScopeNote: { sentence: 'a scope line that may not mean what it says' },
} as const satisfies Record<string, Reason>;

/** In a step: whoever has a Denial of it fixes that, and needs no manifests. */
const FIX_COMMAND = 'countersign fix DIR';

/** Steps about RBAC that a Denial is enough for; what is to be done in Vault takes the manifests. */
const FIXED_BY_ID: Readonly<Partial<Record<ReasonCode, string>>> = {
  Missing: GRANT,
  MissingOrNotYetFilled: GRANT,
  Excess: NARROW_BY_ID,
};

/** The step where a Denial is recorded, which this command fixes; `undefined`: it is as without one. */
export function stepById(code: ReasonCode, fixCommand: string): string | undefined {
  return FIXED_BY_ID[code]?.replace(FIX_COMMAND, fixCommand);
}

export function reasonOf(code: ReasonCode): Reason {
  return REASONS[code];
}
