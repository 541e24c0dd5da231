/**
 * Controllers of Kubernetes itself that write roles, bindings and service accounts to carry out what somebody else asked
 * for: refusing them would only leave it half done, and nobody reads what they are warned of. By their service accounts,
 * by the name that kube-controller-manager uses without `--use-service-account-credentials`, and the API server, which
 * restores the stock roles when it starts.
 */
const CONTROLLERS: readonly string[] = [
  'system:serviceaccount:kube-system:clusterrole-aggregation-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:service-account-controller',
  'system:kube-controller-manager',
  'system:apiserver',
];

export function carriesOut(username: string): boolean {
  return CONTROLLERS.includes(username);
}
