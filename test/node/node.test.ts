import { describe, expect, it } from 'vitest';
import { sharedNode } from '../support/node.ts';
import { nodeImages } from '../support/node-images.ts';

const node = sharedNode();
const { cluster } = node;

/** Run in a pod, by the Node of our image. */
const ask = `fetch('https://' + process.env.KUBERNETES_SERVICE_HOST + '/version')
  .then((answer) => answer.text())
  .then(console.log)`;

describe('the node', () => {
  it('is ready, with the kubelet and the containerd that were built', async () => {
    const path =
      '{.items[*].status.nodeInfo.kubeletVersion} {.items[*].status.nodeInfo.containerRuntimeVersion}';
    const { stdout } = await cluster.kubectl(['get', 'nodes', '-o', `jsonpath=${path}`]);
    expect(stdout).toBe('v1.37.2 containerd://2.4.2');
  });

  it('enforces Pod Security', async () => {
    const namespace = await node.newRestrictedNamespace();
    const refused = node.runPod({
      namespace,
      name: 'root',
      script: 'id',
      container: { securityContext: {} },
    });
    await expect(refused).rejects.toThrow('violates PodSecurity "restricted');
  });

  it('lets a pod reach the API server by its service', async () => {
    const namespace = await node.newRestrictedNamespace();
    const account = '/var/run/secrets/kubernetes.io/serviceaccount';
    const container = {
      image: nodeImages.agent,
      env: [{ name: 'NODE_EXTRA_CA_CERTS', value: `${account}/ca.crt` }],
      command: ['/nodejs/bin/node', '--eval', ask],
    };
    const pod = await node.runPod({ namespace, name: 'caller', script: '', container });
    await pod.until('Succeeded');
    expect(await pod.logs()).toContain('v1.37.2');
  });

  it('lets a pod reach another by a service', async () => {
    const namespace = await node.newRestrictedNamespace();
    const served = 'while :; do echo served | nc -l -p 8080; done';
    const server = await node.runPod({ namespace, name: 'server', script: served });
    await cluster.kubectl(['label', 'pod', 'server', 'app=server', '-n', namespace]);
    await cluster.kubectl(['create', 'service', 'clusterip', 'server', '--tcp=80:8080', '-n', namespace]);
    await server.until('Running');
    // A try may fail: the service's rule takes a moment, and nc serves one caller at a time.
    const script =
      'until nc -w 1 $SERVER_SERVICE_HOST 80 < /dev/null 2> /dev/null | grep served; do sleep 0.2; done';
    const client = await node.runPod({ namespace, name: 'client', script });
    await client.until('Succeeded');
    expect(await client.logs()).toBe('served\n');
    await server.delete();
  });

  it.each(['containerd', 'kubelet'] as const)('keeps its pods when %s is restarted', async (program) => {
    const namespace = await node.newRestrictedNamespace();
    const pod = await node.runPod({ namespace, name: 'lasting', script: 'echo $$ && sleep 120' });
    await pod.until('Running');
    const before = await pod.exec(['cat', '/proc/1/stat']);
    await node.restart(program);

    await expect
      .poll(async () => (await pod.exec(['cat', '/proc/1/stat'])).code, { timeout: 30_000 })
      .toBe(0);
    const startTime = (stat: string) => stat.split(' ')[21];
    expect(startTime((await pod.exec(['cat', '/proc/1/stat'])).stdout)).toBe(startTime(before.stdout));
    const path = '{.status.containerStatuses[0].restartCount}';
    const { stdout } = await cluster.kubectl([
      'get',
      'pod',
      'lasting',
      '-n',
      namespace,
      '-o',
      `jsonpath=${path}`,
    ]);
    expect(stdout).toBe('0');
    await pod.delete();
  });
});

describe('our image', () => {
  it('runs the server as a user of its own, on a root that can not be written', async () => {
    const namespace = await node.newRestrictedNamespace();
    const container = {
      image: nodeImages.agent,
      // The image's own entrypoint.
      command: [],
      args: ['--help'],
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        runAsNonRoot: true,
        readOnlyRootFilesystem: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    };
    const pod = await node.runPod({ namespace, name: 'server', script: '', container });
    await pod.until('Succeeded');
    expect(await pod.logs()).toContain('Usage: countersign');
  });
});
