import { describe, expect, it } from 'vitest';
import { parseScopes } from '../../../../src/core/scope/parse.ts';
import { lowered, RISKS, riskOf } from '../../../../src/core/scope/risk.ts';

function risk(line: string): string {
  const { scopes, problems } = parseScopes(line);
  expect(problems).toEqual([]);
  const [first] = scopes;
  return first === undefined ? 'unreadable' : riskOf(first.scope).risk;
}

describe('the risk', () => {
  it.each([
    ['* * everywhere', 'critical'],
    ['* * in shop', 'critical'],
    ['get * everywhere', 'critical'],
    ['get * in shop', 'high'],
    ['get * in kube-system', 'critical'],
    ['get *.core in shop', 'high'],
    ['* pods.* in shop', 'high'],
    ['* secrets everywhere', 'critical'],
    ['* *.apps in shop', 'high'],
    ['* *.rbac.authorization.k8s.io in shop', 'critical'],
    ['get,list,watch *.apps everywhere', 'low'],
    ['get,list,watch *.example.com in shop', 'low'],
    ['* *.example.com in shop', 'medium'],
  ])('of wildcards: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['create */exec in shop', 'high'],
    ['get */exec everywhere', 'critical'],
    ['create */token in shop', 'high'],
    ['create */token everywhere', 'critical'],
    ['get */proxy everywhere', 'critical'],
    ['get */proxy in shop', 'medium'],
    ['patch */ephemeralcontainers in shop', 'high'],
    ['update *.certificates.k8s.io/approval everywhere', 'high'],
    ['update */approval everywhere', 'high'],
    ['update *.core/approval everywhere', 'medium'],
    ['create */checkpoint everywhere', 'high'],
    ['patch *.apps/scale in shop', 'medium'],
    ['get */log in shop', 'low'],
    ['patch */status in shop', 'high'],
    ['get pods/"*" in shop', 'low'],
  ])('of wildcards with a subresource: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['list secrets everywhere', 'critical'],
    ['watch secrets in kube-system', 'critical'],
    ['list secrets in shop', 'high'],
    ['get secrets named db in shop', 'medium'],
    ['watch secrets named db in shop', 'medium'],
    ['list secrets named "" in shop', 'high'],
    ['list secrets named "",db everywhere', 'critical'],
    ['create secrets in shop', 'medium'],
    ['create secrets in kube-system', 'critical'],
    ['patch secrets named db in shop', 'high'],
    ['update secrets everywhere', 'critical'],
    ['delete secrets in shop', 'medium'],
    ['get,list,watch configmaps everywhere', 'low'],
    ['update configmaps in kube-system', 'medium'],
  ])('of Secrets: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['escalate clusterroles.rbac.authorization.k8s.io everywhere', 'critical'],
    ['escalate roles.rbac.authorization.k8s.io named a in shop', 'critical'],
    ['escalate rolebindings.rbac.authorization.k8s.io in shop', 'low'],
    ['escalate clusterroles.rbac.authorization.k8s.io in shop', 'low'],
    ['bind clusterroles.rbac.authorization.k8s.io everywhere', 'critical'],
    ['bind clusterroles.rbac.authorization.k8s.io named view in shop', 'high'],
    ['bind clusterroles.rbac.authorization.k8s.io named view,cluster-admin in shop', 'critical'],
    ['bind clusterrolebindings.rbac.authorization.k8s.io everywhere', 'low'],
    ['create rolebindings.rbac.authorization.k8s.io in shop', 'critical'],
    ['deletecollection clusterrolebindings.rbac.authorization.k8s.io everywhere', 'critical'],
    ['patch roles.rbac.authorization.k8s.io named a in shop', 'critical'],
    ['patch clusterroles.rbac.authorization.k8s.io named a everywhere', 'critical'],
    ['delete clusterroles.rbac.authorization.k8s.io everywhere', 'high'],
    ['delete roles.rbac.authorization.k8s.io in shop', 'high'],
    ['get,list,watch clusterroles.rbac.authorization.k8s.io everywhere', 'low'],
  ])('of RBAC: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['impersonate users everywhere', 'critical'],
    ['impersonate users named jane everywhere', 'high'],
    ['impersonate groups named developers everywhere', 'high'],
    ['impersonate groups named developers,system:masters everywhere', 'critical'],
    ['impersonate serviceaccounts in shop', 'critical'],
    ['impersonate serviceaccounts named ci in shop', 'high'],
    ['impersonate users in shop', 'low'],
    ['impersonate userextras.authentication.k8s.io/team everywhere', 'critical'],
    ['impersonate userextras.authentication.k8s.io/team named a everywhere', 'high'],
    ['impersonate:user-info users.authentication.k8s.io everywhere', 'critical'],
    ['impersonate:user-info groups.authentication.k8s.io named developers everywhere', 'high'],
    ['impersonate:user-info users everywhere', 'low'],
    ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io in shop', 'critical'],
    ['impersonate:serviceaccount serviceaccounts.authentication.k8s.io named ci in shop', 'high'],
    ['impersonate:arbitrary-node nodes.authentication.k8s.io everywhere', 'critical'],
    ['impersonate:arbitrary-node nodes.authentication.k8s.io named node-1 everywhere', 'high'],
    ['impersonate:associated-node nodes.authentication.k8s.io named "*" everywhere', 'high'],
    ['impersonate-on:user-info:list pods everywhere', 'medium'],
    ['impersonate-on:associated-node:get secrets in shop', 'medium'],
    ['impersonate-on:other:get pods in shop', 'low'],
    ['create serviceaccounts/token in shop', 'high'],
    ['create serviceaccounts/token named ci in shop', 'high'],
    ['create serviceaccounts/token everywhere', 'critical'],
    ['create serviceaccounts in shop', 'medium'],
    ['update serviceaccounts named api in shop', 'high'],
    ['get,list,watch serviceaccounts everywhere', 'low'],
    ['create selfsubjectaccessreviews.authorization.k8s.io everywhere', 'low'],
    ['create selfsubjectrulesreviews.authorization.k8s.io everywhere', 'low'],
    ['create selfsubjectreviews.authentication.k8s.io everywhere', 'low'],
    ['create,delete selfsubjectreviews.authentication.k8s.io everywhere', 'medium'],
    ['create subjectaccessreviews.authorization.k8s.io everywhere', 'medium'],
    ['create tokenreviews.authentication.k8s.io everywhere', 'low'],
    ['attest admissionReviewAPIGroups.authentication.k8s.io named apps everywhere', 'high'],
  ])('of identities: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['create certificatesigningrequests.certificates.k8s.io everywhere', 'medium'],
    ['get,list,watch certificatesigningrequests.certificates.k8s.io everywhere', 'low'],
    ['create certificatesigningrequests.certificates.k8s.io/nodeclient everywhere', 'high'],
    ['create certificatesigningrequests.certificates.k8s.io/selfnodeclient everywhere', 'medium'],
    ['patch certificatesigningrequests.certificates.k8s.io/approval everywhere', 'high'],
    ['approve signers.certificates.k8s.io named example.com/internal everywhere', 'high'],
    ['sign signers.certificates.k8s.io everywhere', 'high'],
    ['attest signers.certificates.k8s.io everywhere', 'medium'],
    ['create podcertificaterequests.certificates.k8s.io in shop', 'high'],
    ['create clustertrustbundles.certificates.k8s.io everywhere', 'medium'],
    ['create certificaterequests.cert-manager.io in shop', 'high'],
    ['patch certificaterequests.cert-manager.io/status in shop', 'high'],
    ['approve signers.cert-manager.io named issuers.cert-manager.io/shop.ca everywhere', 'high'],
    ['approve signers.cert-manager.io in shop', 'low'],
  ])('of certificates: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['create pods in shop', 'high'],
    ['create pods in kube-system', 'critical'],
    ['create pods everywhere', 'critical'],
    ['update deployments.apps in shop', 'high'],
    ['patch daemonsets.apps in kube-system', 'critical'],
    ['create cronjobs.batch everywhere', 'critical'],
    ['patch deployments.apps/scale in shop', 'medium'],
    ['patch deployments.apps/status in shop', 'low'],
    ['patch pods/status in shop', 'medium'],
    ['create pods/exec in shop', 'high'],
    ['get pods/attach named api in shop', 'high'],
    ['create pods/exec in kube-system', 'critical'],
    ['patch pods/ephemeralcontainers in shop', 'high'],
    ['patch pods/ephemeralcontainers in kube-system', 'critical'],
    ['get pods/portforward in shop', 'medium'],
    ['get services/proxy in shop', 'medium'],
    ['create pods/binding in shop', 'medium'],
    ['create pods/eviction in shop', 'medium'],
    ['delete pods in shop', 'medium'],
    ['get pods in shop', 'low'],
    ['get,list,watch pods everywhere', 'low'],
    ['get pods/log everywhere', 'low'],
    ['list deployments.apps in kube-system', 'low'],
    ['use securitycontextconstraints.security.openshift.io named privileged everywhere', 'high'],
  ])('of pods: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['get nodes/proxy everywhere', 'critical'],
    ['create nodes/proxy named node-1 everywhere', 'critical'],
    ['get nodes/metrics everywhere', 'low'],
    ['get nodes/log everywhere', 'medium'],
    ['create nodes/checkpoint everywhere', 'high'],
    ['get,list,watch nodes everywhere', 'low'],
    ['patch nodes everywhere', 'medium'],
    ['patch nodes/status everywhere', 'medium'],
    ['patch namespaces everywhere', 'high'],
    ['patch namespaces named shop in shop', 'high'],
    ['patch namespaces/status named shop in shop', 'high'],
    ['get namespaces everywhere', 'low'],
    ['create persistentvolumes everywhere', 'high'],
    ['patch persistentvolumes everywhere', 'medium'],
    ['create persistentvolumeclaims in shop', 'medium'],
    ['create priorityclasses.scheduling.k8s.io everywhere', 'medium'],
    ['update flowschemas.flowcontrol.apiserver.k8s.io everywhere', 'medium'],
    ['create storageclasses.storage.k8s.io everywhere', 'medium'],
    ['update leases.coordination.k8s.io in kube-system', 'medium'],
    ['get leases.coordination.k8s.io in kube-system', 'low'],
    ['patch apiservices.apiregistration.k8s.io everywhere', 'high'],
    ['get apiservices.apiregistration.k8s.io everywhere', 'low'],
    ['patch customresourcedefinitions.apiextensions.k8s.io named widgets.example.com everywhere', 'high'],
    ['get,list,watch customresourcedefinitions.apiextensions.k8s.io everywhere', 'low'],
  ])('of nodes and the cluster: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['patch validatingwebhookconfigurations.admissionregistration.k8s.io everywhere', 'critical'],
    [
      'get,patch mutatingwebhookconfigurations.admissionregistration.k8s.io named countersign everywhere',
      'high',
    ],
    ['get,list,watch validatingwebhookconfigurations.admissionregistration.k8s.io everywhere', 'low'],
    ['delete validatingadmissionpolicybindings.admissionregistration.k8s.io everywhere', 'critical'],
    ['create mutatingadmissionpolicies.admissionregistration.k8s.io everywhere', 'critical'],
    ['update validatingadmissionpolicies.admissionregistration.k8s.io/status everywhere', 'low'],
    ['create policyexceptions.kyverno.io in shop', 'high'],
    ['delete k8srequiredlabels.constraints.gatekeeper.sh everywhere', 'high'],
    ['create accessdecisions.countersign.dev in shop', 'critical'],
    ['deletecollection accessdecisions.countersign.dev in shop', 'critical'],
    ['patch scopepolicies.countersign.dev/status everywhere', 'critical'],
    ['breakglass admissions.countersign.dev everywhere', 'critical'],
    ['create accessgrants.countersign.dev in shop', 'medium'],
    ['patch denials.countersign.dev/status in shop', 'medium'],
    ['get,list,watch denials.countersign.dev everywhere', 'low'],
  ])('of admission: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['update services in shop', 'medium'],
    ['patch services/status in shop', 'medium'],
    ['create endpointslices.discovery.k8s.io in shop', 'medium'],
    ['create ingresses.networking.k8s.io in shop', 'medium'],
    ['get,list,watch endpointslices.discovery.k8s.io everywhere', 'low'],
    ['create externalsecrets.external-secrets.io in shop', 'high'],
    ['patch externalsecrets.external-secrets.io/status in shop', 'low'],
    ['patch vaultauths.secrets.hashicorp.com in shop', 'high'],
    ['create clusterspiffeids.spire.spiffe.io everywhere', 'high'],
    ['create clusterspiffeids.spire.spiffe.io in shop', 'medium'],
    ['patch applications.argoproj.io in argocd', 'high'],
    ['create workflows.argoproj.io in shop', 'medium'],
    ['delete widgets.example.com in shop', 'medium'],
    ['patch widgets.example.com/status in shop', 'low'],
    ['create,patch events in shop', 'medium'],
    ['get /metrics', 'low'],
    ['get /debug/pprof/*', 'medium'],
    ['get url "*"', 'medium'],
  ])('of traffic, operators and the rest: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });

  it.each([
    ['vault sudo sys/raw', 'critical'],
    ['vault update auth/kubernetes/role/x', 'critical'],
    ['vault update *', 'critical'],
    ['vault update identity/entity', 'critical'],
    ['vault read "secret/a+b"', 'low'],
    ['vault update +/policies/acl/*', 'critical'],
    ['vault delete s*', 'critical'],
    ['vault create +/shop', 'critical'],
    ['vault update secret/+/shop', 'high'],
    ['vault list sys/*', 'medium'],
    ['vault read sys/health', 'low'],
    ['vault update systems/a', 'low'],
    ['vault update secret/data/shop/*', 'high'],
    ['vault read secret/data/*', 'medium'],
    ['vault read secret/data/shop/db', 'low'],
  ])('of Vault paths: %s is %s', (line, wanted) => {
    expect(risk(line)).toBe(wanted);
  });
});

it('counts one level lower, but never below low', () => {
  expect(RISKS).toEqual(['critical', 'high', 'medium', 'low']);
  expect(RISKS.map(lowered)).toEqual(['high', 'medium', 'low', 'low']);
});

it.each([
  ['patch configmaps in kube-system', /^reconfigures the cluster/u],
  ['patch configmaps in shop', /^changes or destroys objects/u],
  ['delete leases.coordination.k8s.io in kube-system', /^stops controllers/u],
  ['delete leases.coordination.k8s.io in kube-node-lease', /^stops controllers/u],
  ['delete leases.coordination.k8s.io in shop', /^changes or destroys objects/u],
  ['update services in shop', /^diverts traffic/u],
  ['delete nodes everywhere', /^moves pods/u],
  ['create pods/eviction in shop', /^removes running pods/u],
  ['delete pods in shop', /^removes running pods/u],
  ['delete clustertrustbundles.certificates.k8s.io everywhere', /^changes whose certificates/u],
  ['create subjectaccessreviews.authorization.k8s.io everywhere', /^asks what anyone may do/u],
  ['create localsubjectaccessreviews.authorization.k8s.io in shop', /^asks what anyone may do/u],
  ['delete denials.countersign.dev in shop', /^asks for waivers/u],
  ['get pods in shop', undefined],
  ['vault sudo sys/raw', undefined],
])('says why, by the worst of the rows: %s', (line, wanted) => {
  const [parsed] = parseScopes(line).scopes;
  const reason = parsed && riskOf(parsed.scope).reason;

  if (wanted === undefined) expect(reason).toBeUndefined();
  else expect(reason).toMatch(wanted);
});
