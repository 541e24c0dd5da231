/** With which flags the three servers of a control plane run. */
import { join } from 'node:path';
import type { LayoutFiles } from './layout.ts';

export interface ControlPlane {
  readonly files: LayoutFiles;
  readonly etcdPort: number;
  readonly apiPort: number;
  /** Where pods and the node reach the API server; `undefined` without a node. */
  readonly nodeAddress: string | undefined;
  /** Further flags of the API server; a later flag wins over an earlier one of the same name. */
  readonly extraApiServerFlags: readonly string[];
}

const issuer = 'https://kubernetes.default.svc';

export function etcdFlags({ files, etcdPort }: ControlPlane): readonly string[] {
  const client = `http://127.0.0.1:${etcdPort}`;
  return [
    `--data-dir=${join(files.dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
  ];
}

export function apiServerFlags({
  files,
  etcdPort,
  apiPort,
  nodeAddress,
  extraApiServerFlags,
}: ControlPlane): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${nodeAddress === undefined ? '127.0.0.1' : '0.0.0.0'}`,
    `--advertise-address=${nodeAddress ?? '127.0.0.1'}`,
    `--secure-port=${apiPort}`,
    '--endpoint-reconciler-type=none',
    '--enable-aggregator-routing=true',
    '--service-cluster-ip-range=10.0.0.0/24',
    `--tls-cert-file=${files.serverCertificate}`,
    `--tls-private-key-file=${files.serverKey}`,
    `--client-ca-file=${files.ca}`,
    `--service-account-issuer=${issuer}`,
    `--service-account-key-file=${files.tokenPublicKey}`,
    `--service-account-signing-key-file=${files.tokenPrivateKey}`,
    `--api-audiences=${issuer}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged',
    `--admission-control-config-file=${files.admission}`,
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.auditLog}`,
    // Megabytes; far away, so that no test loses the events it looks for to a rotation.
    '--audit-log-maxsize=10000',
    ...(nodeAddress === undefined ? [] : kubeletClientFlags(files)),
    ...extraApiServerFlags,
  ];
}

/** For `kubectl logs` and `exec`, which the API server asks of the kubelet. */
function kubeletClientFlags(files: LayoutFiles): readonly string[] {
  return [
    `--kubelet-client-certificate=${files.kubeletClientCertificate}`,
    `--kubelet-client-key=${files.kubeletClientKey}`,
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

export function controllerManagerFlags({ files }: ControlPlane): readonly string[] {
  return [
    `--kubeconfig=${files.controllerKubeconfig}`,
    '--use-service-account-credentials',
    `--service-account-private-key-file=${files.tokenPrivateKey}`,
    `--root-ca-file=${files.ca}`,
    '--leader-elect=false',
    '--secure-port=0',
    // The default of 20 requests a second makes tests that create many namespaces wait for their service accounts.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}
