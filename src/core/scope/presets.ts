/**
 * Named sets of scope lines that policies refer to as `preset:NAME`. In `forbid` they match by overlap (`any` is any
 * value), in `allow` and `ceiling` by coverage.
 */
export const PRESETS: Readonly<Record<string, readonly string[]>> = {
  escalation: [
    'create,update,patch,delete,deletecollection roles.rbac.authorization.k8s.io',
    'create,update,patch,delete,deletecollection clusterroles.rbac.authorization.k8s.io everywhere',
    'create,update,patch,delete,deletecollection rolebindings.rbac.authorization.k8s.io',
    'create,update,patch,delete,deletecollection clusterrolebindings.rbac.authorization.k8s.io everywhere',
    'bind,escalate roles.rbac.authorization.k8s.io',
    'bind clusterroles.rbac.authorization.k8s.io',
    'escalate clusterroles.rbac.authorization.k8s.io everywhere',
    'impersonate users everywhere',
    'impersonate groups everywhere',
    'impersonate serviceaccounts',
    'impersonate,impersonate:user-info,impersonate:arbitrary-node,impersonate:associated-node any.authentication.k8s.io everywhere',
    'impersonate:serviceaccount serviceaccounts.authentication.k8s.io',
    'create serviceaccounts/token',
    'create podcertificaterequests.certificates.k8s.io',
    'update,patch certificatesigningrequests.certificates.k8s.io/approval everywhere',
    'create certificatesigningrequests.certificates.k8s.io/nodeclient everywhere',
    'approve,sign signers.certificates.k8s.io everywhere',
    'any nodes/proxy everywhere',
  ],
  admission: ['create,update,patch,delete,deletecollection any.admissionregistration.k8s.io everywhere'],
  'secrets-everywhere': ['get,list,watch secrets everywhere'],
  'own-namespace': ['* * in {namespace}'],
};
