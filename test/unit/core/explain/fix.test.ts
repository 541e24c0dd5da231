import { describe, expect, it } from 'vitest';
import { parseVaultPolicy } from '../../../../src/core/vault/policy-parse.ts';
import { explained, messageOf } from '../../../support/explain.ts';

describe('the fix of a missing permission', () => {
  it.each([
    [
      'list-in-namespace',
      [
        'kubectl create role list-pods --verb=list --resource=pods -n shop',
        "kubectl create rolebinding list-pods --role=list-pods --user='jane@example.com' -n shop",
      ],
    ],
    [
      'url',
      [
        "kubectl create clusterrole get-metrics --verb=get --non-resource-url='/metrics'",
        "kubectl create clusterrolebinding get-metrics --clusterrole=get-metrics --user='jane@example.com'",
      ],
    ],
    [
      'scale',
      [
        "kubectl create role patch-deployments-scale --verb=patch --resource='deployments.apps/scale' --resource-name=api -n shop",
        'kubectl create rolebinding patch-deployments-scale --role=patch-deployments-scale --user=viewer -n shop',
      ],
    ],
  ])('of a user is commands: %s', (id, commands) => {
    expect(explained(messageOf(id)).fix).toEqual(commands);
  });

  it('of a service account is the least role and its binding', () => {
    const [least] = explained(messageOf('service-account')).roles;

    expect(least?.role).toEqual({
      kind: 'Role',
      namespace: 'shop',
      name: 'countersign-api',
      rules: [
        {
          apiGroups: ['discovery.k8s.io'],
          resources: ['endpointslices'],
          resourceNames: [],
          nonResourceURLs: [],
          verbs: ['list'],
        },
      ],
    });
    expect(least?.binding.subjects).toEqual([{ kind: 'ServiceAccount', namespace: 'shop', name: 'api' }]);
  });

  it('warns where it is dangerous', () => {
    const text = 'User "jane" cannot list resource "secrets" in API group "" at the cluster scope';

    expect(explained(text).fix[0]).toMatch(/^careful: list secrets everywhere is critical: /);
  });

  it.each(['anonymous', 'node', 'impersonate-user', 'bind-admin'])('of %s gives nothing away', (id) => {
    const { fix, roles } = explained(messageOf(id));

    expect(roles).toEqual([]);
    expect(fix.join('\n')).not.toContain('kubectl create');
  });

  it('keeps a shell from obeying a name', () => {
    const text = 'User "a\'; rm -rf / #" cannot get resource "pods" in API group "" in the namespace "$(id)"';

    expect(explained(text).fix).toEqual([
      "kubectl create role get-pods --verb=get --resource=pods -n '$(id)'",
      "kubectl create rolebinding get-pods --role=get-pods --user='a'\\''; rm -rf / #' -n '$(id)'",
    ]);
  });

  it.each([
    ['openbao-read', 'secret/data/db', ['read']],
    ['openbao-list', 'secret/metadata/', ['list']],
    ['vault-write', 'secret/data/db', ['create', 'update']],
    ['vault-sudo', 'sys/raw/core/x', ['read', 'sudo']],
  ])('in Vault is a policy that its own parser reads: %s', (id, path, capabilities) => {
    const [head, ...policy] = explained(messageOf(id)).fix;

    expect(head).toBe('let a policy of the token hold:');
    expect(parseVaultPolicy(policy.join('\n'))).toMatchObject({ rules: [{ path, capabilities }] });
  });

  it('names the Vault namespace', () => {
    const text = messageOf('vault-read').replace('URL:', 'Namespace: team-a/\nURL:');

    expect(explained(text).fix[0]).toBe('let a policy of the token hold in namespace team-a/:');
  });

  it('lists what the Pod Security Standard wants', () => {
    expect(explained(messageOf('pod-security')).fix).toHaveLength(5);
  });

  it('of a denial of Countersign is its own, then its decision', () => {
    const { decision, fix } = explained(messageOf('webhook-change.countersign.dev'));

    expect(decision).toBe('d-bf3zssgc');
    expect(fix.at(-1)).toBe('countersign explain d-bf3zssgc -n shop says more');
    expect(fix.length).toBeGreaterThan(1);
  });
});

describe('what a challenge asks for', () => {
  it.each([
    ['rfc6750-scope', ['ask for a token with the scope openid profile email']],
    ['rfc9470-acr', ['send the person through a new login', 'with acr_values myACR']],
    ['rfc9470-age', ['send the person through a new login', 'with a login of at most 5 s ago (max_age)']],
    [
      'rfc9728-metadata',
      [
        'send an access token',
        'https://resource.example.com/.well-known/oauth-protected-resource says which authorization server gives such tokens',
      ],
    ],
  ])('is in the fix: %s', (id, fix) => {
    expect(explained(messageOf(id)).fix).toEqual(fix);
  });

  it('is listed as scopes of OAuth, not as ours', () => {
    const { oauthScopes, missing } = explained(messageOf('rfc6750-scope'));

    expect(oauthScopes).toEqual(['openid', 'profile', 'email']);
    expect(missing).toEqual([]);
  });
});
