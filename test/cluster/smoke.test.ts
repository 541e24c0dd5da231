import { once } from 'node:events';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { webhookCallerName } from '../../scripts/cluster/layout.ts';
import { createAuthority } from '../../src/server/authority.ts';
import { newNamespace, sharedCluster } from '../support/cluster.ts';

const cluster = sharedCluster();
let namespace = '';

beforeAll(async () => {
  namespace = await newNamespace(cluster, { purpose: 'smoke' });
  await cluster.kubectl(['create', 'serviceaccount', 'api', '-n', namespace]);
});

function deployment(name: string, serviceAccountName: string) {
  const labels = { app: name };
  const containers = [{ name: 'main', image: 'example.test/app:1' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { serviceAccountName, containers } },
    },
  };
}

async function get(kind: string, output: string): Promise<string> {
  return (await cluster.kubectl(['get', kind, '-n', namespace, '-o', output])).stdout;
}

describe('the API server', () => {
  it('is Kubernetes 1.37.2', async () => {
    const { stdout } = await cluster.kubectl(['get', '--raw', '/version']);
    expect(JSON.parse(stdout)).toMatchObject({ major: '1', minor: '37', gitVersion: 'v1.37.2' });
  });

  it('authorizes by RBAC', async () => {
    const user = `system:serviceaccount:${namespace}:api`;
    async function answer(): Promise<string> {
      const question = ['auth', 'can-i', 'get', 'pods', '-n', namespace];
      return (await cluster.kubectl(question, { as: user, allowFailure: true })).stdout.trim();
    }
    expect(await answer()).toBe('no');
    const subject = `--serviceaccount=${namespace}:api`;
    await cluster.kubectl(['create', 'role', 'reader', '--verb=get', '--resource=pods', '-n', namespace]);
    await cluster.kubectl(['create', 'rolebinding', 'reader', '--role=reader', subject, '-n', namespace]);
    await expect.poll(answer).toBe('yes');
  });

  it('makes tokens for the audience asked for', async () => {
    const token = await cluster.serviceAccountToken({ namespace, name: 'api' }, 'vault');
    const subject = `system:serviceaccount:${namespace}:api`;
    expect(decodeJwt(token)).toMatchObject({ aud: ['vault'], sub: subject });
  });

  it('writes who did what into the audit log', async () => {
    const wanted = { user: 'admin', verb: 'create', resource: 'serviceaccounts', name: 'api', code: 201 };
    await expect
      .poll(() => cluster.auditLog((event) => event.namespace === namespace))
      .toContainEqual(expect.objectContaining(wanted));
  });

  it('shows webhooks a client certificate of its own', async () => {
    const authority = await createAuthority('webhook');
    const { certificatePem: cert, keyPem: key } = await authority.issue({
      name: 'webhook',
      hosts: ['127.0.0.1'],
    });
    const callers: string[] = [];
    const server = createServer({ cert, key, ca: cluster.caPem, requestCert: true }, (request, response) => {
      const { socket } = request;
      if (socket instanceof TLSSocket) callers.push(String(socket.getPeerCertificate().subject.CN));
      response.writeHead(503).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const input = JSON.stringify(webhookFor(`https://127.0.0.1:${port}/`, authority.certificatePem));
    try {
      await cluster.kubectl(['create', '-f', '-'], { input });
      await expect
        .poll(async () => {
          await cluster.kubectl(['create', 'configmap', 'asked', '-n', namespace], { allowFailure: true });
          return callers;
        })
        .toContain(webhookCallerName);
    } finally {
      await cluster.kubectl(['delete', 'validatingwebhookconfiguration', namespace]);
      server.closeAllConnections();
      server.close();
    }
  });
});

/** Asked about ConfigMaps of this file's namespace only. */
function webhookFor(url: string, caPem: string) {
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
  const webhook = {
    name: 'smoke.countersign.dev',
    clientConfig: { url, caBundle: Buffer.from(caPem).toString('base64') },
    rules: [rule],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: namespace },
    webhooks: [webhook],
  };
}

describe('the controller manager', () => {
  it('makes the ReplicaSet and the pods of a Deployment, which stay pending without a node', async () => {
    const input = JSON.stringify(deployment('api', 'api'));
    await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], { input });
    const phases = () => get('pods', 'jsonpath={.items[*].status.phase}');
    await expect.poll(phases, { timeout: 20_000 }).toBe('Pending Pending');
    expect((await get('replicasets', 'name')).trim().split('\n')).toHaveLength(1);
  });
});

describe('kubectl', () => {
  const absent = ['get', 'namespace', 'absent'];

  it('throws the reason of a failure', async () => {
    await expect(cluster.kubectl(absent)).rejects.toThrow('namespaces "absent" not found');
  });

  it('returns the reason of a failure that is allowed', async () => {
    const { code, stderr } = await cluster.kubectl(absent, { allowFailure: true });
    expect(code).toBe(1);
    expect(stderr).toContain('namespaces "absent" not found');
  });
});
