import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { installPage } from '../../scripts/generate/chart/install.ts';
import { checkPage } from '../../scripts/generate/page.ts';
import { CONTROLLER_NAMES, CONTROLLERS, REGISTRATIONS } from '../../src/api/registration.ts';
import { listOf, objectOf } from '../../src/core/json.ts';
import { at, CHART, COMBINATIONS, helm, kindOf, readObjects, rendered, titleOf } from '../support/chart.ts';
import { countersign, withFiles } from '../support/cli.ts';
import { sharedCluster } from '../support/cluster.ts';

const cluster = sharedCluster();
const RBAC_KINDS = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

describe('the chart', () => {
  it('has nothing that Helm’s linter minds', async () => {
    expect(await helm(['lint', '--strict', CHART])).toMatchObject({ code: 0 });
  });

  it('gives the rights of manifests/rbac.yaml, and no others', async () => {
    const own = (text: string) =>
      readObjects(text)
        .objects.filter((object) => RBAC_KINDS.includes(kindOf(object)))
        .map((object) => {
          const { labels: _, ...metadata } = objectOf(object['metadata']);
          return { ...object, metadata };
        })
        .toSorted((a, b) => titleOf(a).localeCompare(titleOf(b)));

    const chart = await rendered({}, '--no-hooks');

    expect(own(chart.text)).toEqual(own(readFileSync('manifests/rbac.yaml', 'utf8')));
  });

  it('has every right explained, as manifests/rbac.yaml has', () => {
    const lines = readFileSync(`${CHART}/templates/rbac.yaml`, 'utf8').split('\n');

    expect(lines.filter((line) => line.trim().startsWith('#')).length).toBeGreaterThan(10);
  });

  it('gives the hook that removes the registrations nothing but that', async () => {
    const role = (await rendered()).one('ClusterRole', 'countersign-uninstall');

    expect(role['rules']).toEqual([
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
        resourceNames: ['countersign'],
        verbs: ['delete'],
      },
    ]);
  });

  it.each(REGISTRATIONS)('registers $name as it is written down', async (registration) => {
    const chart = await rendered();
    const webhooks = listOf(chart.one(`${registration.kind}WebhookConfiguration`)['webhooks']);
    const webhook = objectOf(webhooks.find((one) => at(one, 'name') === registration.name));

    expect(webhook).toMatchObject({
      clientConfig: { service: { name: 'countersign', namespace: 'countersign', port: 443 } },
      failurePolicy: registration.failurePolicy,
      timeoutSeconds: registration.timeoutSeconds,
      sideEffects: 'NoneOnDryRun',
      rules: registration.rules,
    });
    expect(at(webhook, 'clientConfig', 'caBundle')).toBeUndefined();
    expect(at(webhook, 'clientConfig', 'service', 'path')).toBeUndefined();
    expect(listOf(webhook['matchConditions'])).toEqual(
      registration.matchConditions.map(({ name, expression }) => ({
        name,
        expression: expression.replace(CONTROLLERS, JSON.stringify(CONTROLLER_NAMES)),
      })),
    );
  });

  it('leaves the namespaces alone that must work when it does not', async () => {
    const chart = await rendered({ vaultNamespaces: ['secrets'], excludedNamespaces: ['calico-system'] });
    const names = (name: string) =>
      listOf(
        at(
          listOf(chart.one('ValidatingWebhookConfiguration')['webhooks']).find(
            (one) => at(one, 'name') === name,
          ),
          'namespaceSelector',
          'matchExpressions',
        ),
      );
    const system = {
      key: 'kubernetes.io/metadata.name',
      operator: 'NotIn',
      values: ['kube-system', 'kube-node-lease', 'kube-public', 'countersign', 'secrets', 'calico-system'],
    };
    const enforce = { key: 'countersign.dev/enforce', values: ['true'] };

    expect(names('injected.countersign.dev')).toEqual([system]);
    expect(names('reschedule.countersign.dev')).toEqual([system]);
    expect(names('change.countersign.dev')).toEqual([system, { ...enforce, operator: 'In' }]);
    expect(names('advise.countersign.dev')).toEqual([system, { ...enforce, operator: 'NotIn' }]);
    expect(names('grant.countersign.dev')).toEqual([]);
  });

  it('keeps CRDs and keys when it is removed, and nothing else', async () => {
    const { objects } = await rendered();
    const kept = objects.filter(
      (object) => at(object, 'metadata', 'annotations', 'helm.sh/resource-policy') === 'keep',
    );

    expect(kept.map(titleOf).toSorted()).toEqual([
      'CustomResourceDefinition/accessdecisions.countersign.dev',
      'CustomResourceDefinition/accessgrants.countersign.dev',
      'CustomResourceDefinition/denials.countersign.dev',
      'CustomResourceDefinition/scopepolicies.countersign.dev',
      'Secret/countersign-keys',
    ]);
    expect(
      at(
        kept.find(({ kind }) => kind === 'Secret'),
        'data',
      ),
    ).toBeUndefined();
  });

  it('passes the policy `enforce`, with every account that it makes', async () => {
    const chart = await rendered();
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'countersign', labels: { 'countersign.dev/policy': 'enforce' } },
    };
    const files = {
      'chart.yaml': chart.text,
      'namespace.json': JSON.stringify(namespace),
      'enforce.yaml': readFileSync('manifests/policies/enforce.yaml', 'utf8'),
      'default.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: 'countersign' },
      }),
    };

    await withFiles(files, async (dir) => {
      const { code, out, err } = await countersign(['check', dir, '--fail-on', 'warn']);

      expect({ code, out, err }).toMatchObject({ code: 0, err: '' });
      expect(out).toMatch(/^pass {4}countersign\/countersign \(Deployment\).*\[policy enforce\]$/mu);
      expect(out).toMatch(/: 3 pass;/u);
    });
  });

  it('is what manifests/install.yaml says, which kustomize takes too', async () => {
    expect(checkPage(installPage, new URL('../../', import.meta.url))).toEqual({
      ok: true,
      message: 'fresh',
    });

    const { stdout } = await cluster.kubectl(['kustomize', 'manifests']);
    const names = (text: string) => readObjects(text).objects.map(titleOf).toSorted();
    const chart = await rendered({}, '--no-hooks');
    expect(names(stdout)).toEqual([...names(chart.text), 'Namespace/countersign'].toSorted());
  });
});

describe('the API server takes', () => {
  it.each(
    Object.entries(COMBINATIONS).filter(
      ([name]) => !name.startsWith('cert-manager') && name !== 'everything',
    ),
  )('the chart with %s, and nobody violates the restricted standard', async (name, values) => {
    // The CRDs are in this cluster already, by kubectl.
    const { text, objects } = await rendered(values, '--set=crds.enabled=false');
    const level = name === 'EKS' ? 'privileged' : 'restricted';
    const namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'countersign', labels: { 'pod-security.kubernetes.io/enforce': level } },
    };
    await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(namespace) });

    const { stdout, stderr } = await cluster.kubectl(
      ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict', '-f', '-'],
      { input: text },
    );

    // Of objects that other tests have left here, by the other way of applying.
    const said = stderr
      .split('\n')
      .filter((line) => !/^(?:Warning: failed to migrate kubectl.*)?$/u.test(line));
    expect(said).toEqual([]);
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });

  it('the Deployment’s pods in a namespace that is restricted', async () => {
    const deployment = (await rendered()).one('Deployment');
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'like-ours', namespace: 'countersign' },
      spec: { ...objectOf(at(deployment, 'spec', 'template', 'spec')), serviceAccountName: 'default' },
    };

    const { stderr } = await cluster.kubectl(['create', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(pod),
    });

    expect(stderr).toBe('');
  });
});

describe('a second release', () => {
  it('is refused, and told where the first one is', async () => {
    const own = { 'meta.helm.sh/release-name': 'first', 'meta.helm.sh/release-namespace': 'elsewhere' };
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'countersign', annotations: own },
      rules: [],
    };
    await cluster.kubectl(['delete', 'clusterrole', 'countersign', '--ignore-not-found']);
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(role) });
    try {
      const args = [
        'install',
        'countersign',
        CHART,
        '--namespace=countersign',
        '--dry-run=server',
        `--kubeconfig=${cluster.kubeconfig}`,
      ];
      const { code, err } = await helm(args);

      expect(code).toBe(1);
      expect(err).toContain(
        'Countersign is installed in this cluster already, as release elsewhere/first: there can be one',
      );
    } finally {
      await cluster.kubectl(['delete', 'clusterrole', 'countersign']);
    }
  });
});
