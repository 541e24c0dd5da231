/** What stands in a cluster's folder before anything starts: certificates, kubeconfigs and policies. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Authority, createAuthority, type Identity } from '../../src/server/authority.ts';
import { createTokenKeys } from './token-keys.ts';

/** The common name of the certificate that the API server shows to webhooks; the cluster's own authority signed it. */
export const webhookCallerName = 'kube-apiserver-webhook-client';

/** `10.0.0.1`, the first of the service range, is the address that the service `kubernetes` gets. */
const serverHosts = ['localhost', 'kubernetes.default.svc', 'kubernetes.default', '127.0.0.1', '10.0.0.1'];

/** The node authorizer knows a kubelet by this name. */
export const nodeName = 'node-1';

/** Have certificates of their own, so that the audit log names them, and no right that a test does not give them. */
export const people = ['jane', 'omar'] as const;
export type Person = (typeof people)[number];

interface ClusterLocation {
  readonly server: string;
  readonly caPem: string;
}

type Content = readonly [path: string, text: string];

export interface Layout {
  readonly server: string;
  readonly caPem: string;
  readonly admin: Identity;
  readonly files: LayoutFiles;
}

export type LayoutFiles = ReturnType<typeof filesIn>;

export function kubeconfigOf(person: Person, dir: string): string {
  return join(dir, `${person}.kubeconfig`);
}

export function filesIn(dir: string) {
  return {
    dir,
    ca: join(dir, 'ca.pem'),
    serverCertificate: join(dir, 'apiserver.pem'),
    serverKey: join(dir, 'apiserver.key'),
    tokenPublicKey: join(dir, 'service-account.pub'),
    tokenPrivateKey: join(dir, 'service-account.key'),
    adminKubeconfig: join(dir, 'admin.kubeconfig'),
    controllerKubeconfig: join(dir, 'controller-manager.kubeconfig'),
    schedulerKubeconfig: join(dir, 'scheduler.kubeconfig'),
    proxyKubeconfig: join(dir, 'proxy.kubeconfig'),
    kubeletKubeconfig: join(dir, 'kubelet.kubeconfig'),
    kubeletClientCertificate: join(dir, 'kubelet-client.pem'),
    kubeletClientKey: join(dir, 'kubelet-client.key'),
    webhookKubeconfig: join(dir, 'webhook-client.kubeconfig'),
    admission: join(dir, 'admission.json'),
    auditPolicy: join(dir, 'audit-policy.json'),
    auditLog: join(dir, 'audit.log'),
  } as const;
}

/** With the identities of a node's programs when there is an address for a node. */
export async function writeLayout(dir: string, apiPort: number, nodeAddress?: string): Promise<Layout> {
  const files = filesIn(dir);
  const server = `https://127.0.0.1:${apiPort}`;
  const authority = await createAuthority('countersign-test-cluster');
  const caPem = authority.certificatePem;
  const [tokens, apiserver, admin, controller, webhookCaller] = await Promise.all([
    createTokenKeys(),
    authority.issue({
      name: 'kube-apiserver',
      hosts: nodeAddress === undefined ? serverHosts : [...serverHosts, nodeAddress],
    }),
    authority.issue({ name: 'admin', organization: 'system:masters' }),
    authority.issue({ name: 'system:kube-controller-manager' }),
    authority.issue({ name: webhookCallerName }),
  ]);
  const contents: Content[] = [
    [files.ca, caPem],
    [files.serverCertificate, apiserver.certificatePem],
    [files.serverKey, apiserver.keyPem],
    [files.tokenPublicKey, tokens.publicPem],
    [files.tokenPrivateKey, tokens.privatePem],
    [files.adminKubeconfig, json(kubeconfig(admin, { server, caPem }))],
    [files.controllerKubeconfig, json(kubeconfig(controller, { server, caPem }))],
    [files.webhookKubeconfig, json(webhookKubeconfig(webhookCaller))],
    [files.admission, json(admissionConfiguration(files.webhookKubeconfig))],
    [files.auditPolicy, json(auditPolicy)],
  ];
  for (const name of people) {
    contents.push([
      kubeconfigOf(name, dir),
      json(kubeconfig(await authority.issue({ name }), { server, caPem })),
    ]);
  }
  if (nodeAddress !== undefined) contents.push(...(await nodeContents(files, authority, { server, caPem })));
  await Promise.all(contents.map(([path, text]) => writeFile(path, text, { mode: 0o600 })));
  return { server, caPem, admin, files };
}

async function nodeContents(
  files: LayoutFiles,
  authority: Authority,
  cluster: ClusterLocation,
): Promise<readonly Content[]> {
  const [scheduler, proxy, kubelet, kubeletClient] = await Promise.all([
    authority.issue({ name: 'system:kube-scheduler' }),
    authority.issue({ name: 'system:kube-proxy' }),
    authority.issue({ name: `system:node:${nodeName}`, organization: 'system:nodes' }),
    authority.issue({ name: 'kube-apiserver-kubelet-client', organization: 'system:masters' }),
  ]);
  return [
    [files.schedulerKubeconfig, json(kubeconfig(scheduler, cluster))],
    [files.proxyKubeconfig, json(kubeconfig(proxy, cluster))],
    [files.kubeletKubeconfig, json(kubeconfig(kubelet, cluster))],
    [files.kubeletClientCertificate, kubeletClient.certificatePem],
    [files.kubeletClientKey, kubeletClient.keyPem],
  ];
}

const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

function kubeconfig(identity: Identity, cluster: ClusterLocation) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: { server: cluster.server, 'certificate-authority-data': base64(cluster.caPem) },
      },
    ],
    users: [{ name: 'test', user: clientCertificate(identity) }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
}

/** Here the user's name is the webhook's host; `*` is every host that no other entry names. */
function webhookKubeconfig(identity: Identity) {
  return { apiVersion: 'v1', kind: 'Config', users: [{ name: '*', user: clientCertificate(identity) }] };
}

function admissionConfiguration(kubeConfigFile: string) {
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile,
  };
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AdmissionConfiguration',
    plugins: ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'].map((name) => ({
      name,
      configuration,
    })),
  };
}

function clientCertificate(identity: Identity) {
  return {
    'client-certificate-data': base64(identity.certificatePem),
    'client-key-data': base64(identity.keyPem),
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Every reader of YAML reads JSON. */
function json(value: object): string {
  return JSON.stringify(value, undefined, 2);
}
