/** Why a request was refused: a closed list, with what it means, what to collect and whom to ask when it isn't yours. */

export interface CauseText {
  readonly sentence: string;
  /** What the one who is asked will want to see. */
  readonly collect: readonly string[];
  /** Who can change it. */
  readonly ask: string;
}

export type Cause = keyof typeof CAUSES;

const WHOLE = 'the whole message, the time, and the request or command that was refused';
const TOKEN =
  'issuer, subject, audience and expiry of the token (countersign explain shows them), never the token itself';
const OBJECT = 'the object that was to be written (kubectl apply --dry-run=server -o yaml)';

const RBAC_OWNER = 'whoever administers RBAC in that namespace or cluster';
const VAULT_OWNER = 'whoever administers Vault or OpenBao';
const SERVICE_OWNER = 'the owner of the service that answered';
const ISSUER = 'whoever runs the authorization server';

function cause(sentence: string, ask: string, ...collect: readonly string[]): CauseText {
  return { sentence, ask, collect: [WHOLE, ...collect] };
}

export const CAUSES = {
  NoIdentity: cause(
    'no identity: the request came without credentials, or with ones that were not believed',
    'whoever gave out the kubeconfig or token',
    'how the client logs in (kubectl config view --minify; kubectl auth whoami)',
  ),
  TokenNotBelieved: cause(
    'the token is not known or not believed: none was sent, it was cut, forged or revoked, or it has ended',
    'whoever issued the token',
    TOKEN,
  ),
  TokenExpired: cause('the token has expired', 'whoever issued the token', TOKEN),
  TokenNotYetValid: cause(
    'the token is not valid yet',
    'whoever issued the token',
    TOKEN,
    'the clocks of both machines',
  ),
  WrongAudience: cause('the token is for another audience', 'whoever configured the audience', TOKEN),
  WrongIssuer: cause('the token comes from another issuer', 'whoever configured the issuer', TOKEN),
  WrongSignature: cause(
    'no known key verifies the signature of the token',
    'whoever configured the keys or the issuer',
    TOKEN,
    'the key id (kid) of the token and the keys that the server knows',
  ),
  ClaimMismatch: cause(
    'the token lacks what the role is bound to',
    VAULT_OWNER,
    TOKEN,
    'the role (vault read auth/MOUNT/role/ROLE)',
  ),
  AccountGone: cause(
    'the service account was deleted, or made again after the token was issued',
    'whoever runs the workload',
    'kubectl get serviceaccount NAME -n NAMESPACE -o yaml',
  ),
  NoSuchRole: cause('the Vault role does not exist', VAULT_OWNER, 'mount and role as the client names them'),
  RoleNotBound: cause(
    'the Vault role does not let this service account in',
    VAULT_OWNER,
    'namespace and name of the service account, mount and role',
  ),
  LoginRefused: cause(
    'Vault refused the login without saying why: token not accepted by the API server, account gone, or no such mount',
    VAULT_OWNER,
    TOKEN,
    'mount, role and address as the client names them',
  ),
  LoginIncomplete: cause(
    'the login lacks the role or the token',
    'whoever configured the client',
    'mount and role',
  ),
  MissingScope: cause(
    'a permission is missing',
    RBAC_OWNER,
    'who asked (kubectl auth whoami) and the missing scope',
  ),
  MissingInVault: cause(
    'no policy of the token allows it',
    VAULT_OWNER,
    'path and operation, and the policies of the token (vault token lookup)',
  ),
  RoleMissing: cause(
    'a permission is missing, and a binding names a role that does not exist',
    RBAC_OWNER,
    'the binding and the role that it names',
  ),
  NodeBoundary: cause(
    'a kubelet may read only what pods on its node use',
    'whoever runs the nodes',
    'which pod of that node uses the object',
  ),
  EscalationRefused: cause(
    'nobody may give permissions that they do not hold themselves',
    RBAC_OWNER,
    'who asked, and the role or binding that was to be written',
  ),
  DeniedByCountersign: cause(
    'Countersign refused it by policy',
    'an approver of the namespace',
    'the decision id',
  ),
  DeniedByWebhook: cause(
    'an admission webhook refused it',
    'the owner of that webhook',
    OBJECT,
    'the name of the webhook',
  ),
  DeniedByPolicy: cause('a ValidatingAdmissionPolicy refused it', 'the owner of that policy', OBJECT),
  DeniedByPodSecurity: cause(
    'the pod breaks the Pod Security Standard of its namespace',
    'whoever set the pod-security labels of the namespace',
    OBJECT,
  ),
  QuotaExceeded: cause(
    'the ResourceQuota of the namespace is used up',
    'the owner of the namespace',
    'kubectl describe quota -n NAMESPACE',
  ),
  QuotaUnset: cause(
    'the ResourceQuota of the namespace wants the pod to say what it needs',
    'the owner of the namespace',
    'kubectl describe quota -n NAMESPACE',
  ),
  LimitRange: cause(
    'a container is outside of the LimitRange of the namespace',
    'the owner of the namespace',
    'kubectl describe limitrange -n NAMESPACE',
  ),
  NamespaceEnding: cause(
    'the namespace is being deleted',
    'whoever deleted the namespace',
    'kubectl get namespace NAME -o yaml: its conditions say what holds it',
  ),
  ReferenceMissing: cause(
    'the object names another that does not exist',
    'whoever runs the workload',
    OBJECT,
  ),
  WebhookUnreachable: cause(
    'an admission webhook could not be asked, and nothing passes without it',
    'whoever runs that webhook',
    'pods, endpoints and certificate of the webhook',
  ),
  NotFound: cause(
    'it does not exist, or not there',
    'whoever made it',
    'name, namespace and cluster (kubectl config current-context)',
  ),
  NoSuchApi: cause(
    'the server does not serve that API',
    'whoever installs CRDs and versions',
    'kubectl api-resources; the server’s version',
  ),
  NoSuchMount: cause('nothing is mounted at that path in Vault', VAULT_OWNER, 'the path and the namespace'),
  NothingThere: cause(
    'nothing is stored at that path',
    'whoever writes the secret',
    'the path, its KV version and the namespace',
  ),
  Unsupported: cause('the path does not know that operation', 'whoever wrote the client', 'method and path'),
  VaultNamespace: cause(
    'the Vault namespace does not exist or is not the token’s',
    VAULT_OWNER,
    'the namespace that the client sends',
  ),
  WrappingToken: cause(
    'the wrapping token was used, has ended, or never existed',
    'whoever runs the workload; if nobody of yours unwrapped it, your security team at once',
    'who else could read the wrapping token, and when it was made',
  ),
  BatchToken: cause('batch tokens cannot do that', VAULT_OWNER, 'the type of the token (vault token lookup)'),
  VaultSealed: cause('Vault is sealed: it answers nobody', VAULT_OWNER, 'vault status'),
  InvalidRequest: cause('the request itself is malformed', 'whoever wrote the client'),
  InsufficientScope: cause('the access token lacks a scope', ISSUER, TOKEN, 'the scopes that were asked for'),
  StepUp: cause('a stronger or more recent login is wanted', ISSUER, 'acr_values and max_age of the answer'),
  DpopProof: cause(
    'the DPoP proof is missing, stale or wrong',
    'whoever wrote the client',
    'the headers, without their values',
  ),
  ClientRefused: cause(
    'the authorization server refused the client or its grant',
    ISSUER,
    'client id and grant type',
  ),
  ServiceQuota: cause(
    'a quota of the service is used up: the 403 is not about permissions',
    SERVICE_OWNER,
    'which quota, and its usage',
  ),
  RateLimited: cause(
    'too many requests: the refusal is not about permissions',
    SERVICE_OWNER,
    'how often the client asks; the headers of the answer',
  ),
  Billing: cause('billing of the account or project is off', 'whoever pays for the account'),
  ApiDisabled: cause(
    'the API is not enabled for this project',
    'the owner of the project',
    'project and API',
  ),
  Firewall: cause(
    'a firewall in front of the service refused it, not the service',
    'whoever runs the firewall or CDN',
    'the request id in the answer, and the address that you come from',
  ),
  MeshPolicy: cause(
    'a policy of the service mesh or proxy refused it, not the service',
    'whoever runs the mesh',
    'service accounts of both sides; kubectl get authorizationpolicies -A',
  ),
  CloudPermission: cause(
    'the cloud identity lacks a permission',
    'whoever administers the cloud account',
    'the identity and the action',
  ),
  Registry: cause(
    'the registry has no such repository, or not for these credentials',
    'the owner of the repository',
    'the image reference, and the imagePullSecrets of pod and service account',
  ),
  IntegrationPermission: cause(
    'the app or workflow token lacks a permission',
    'the owner of the repository',
    'the job’s permissions',
  ),
  TokenInOrder: cause('nothing is wrong with the token as far as it says', SERVICE_OWNER, TOKEN),
  Unknown: cause(
    'not recognised',
    SERVICE_OWNER,
    'status line and all headers of the answer',
    'who asked, and with which credentials',
  ),
} as const satisfies Record<string, CauseText>;
