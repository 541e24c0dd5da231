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
const NARROW =
  'narrow or remove the bindings named above, or declare what is really needed in countersign.dev/needs';
const DECLARE =
  'declare what the pods need in the annotation countersign.dev/needs of the pod template ("" for nothing)';

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
    next: 'remove the binding, or narrow its role',
  },
  ForbiddenNeed: {
    sentence: 'needed, and forbidden by policy',
    next: 'take it out of countersign.dev/needs',
  },
  Overreach: {
    sentence: 'needed, and beyond the ceiling of the policy',
    next: 'stay within the ceiling, or ask the owner of the policy',
  },
  VaultNotRead: { sentence: 'not judged: no facts about Vault policies at hand' },
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

export function reasonOf(code: ReasonCode): Reason {
  return REASONS[code];
}
