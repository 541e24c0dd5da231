/** The configuration of a node's programs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayoutFiles, nodeName } from './layout.ts';
import { cniPluginsDir, nodeProgramPath } from './node-components.ts';
import { nodeAddress } from './place.ts';

const podNetwork = '10.244.0.0/24';
/** Nobody answers there; a pod is to have the file that pods have. */
const dnsAddress = '10.0.0.10';

export interface NodeSettings {
  readonly dir: string;
  readonly cluster: LayoutFiles;
  readonly controlGroup: string;
  /** The image whose one process holds a pod's namespaces. */
  readonly pauseImage: string;
}

export function nodeFilesIn(dir: string) {
  return {
    containerd: join(dir, 'containerd.toml'),
    cni: join(dir, 'cni'),
    kubelet: join(dir, 'kubelet.json'),
    proxy: join(dir, 'kube-proxy.json'),
    resolver: join(dir, 'resolv.conf'),
  } as const;
}

export async function writeNodeFiles(settings: NodeSettings): Promise<void> {
  const files = nodeFilesIn(settings.dir);
  await mkdir(files.cni);
  await Promise.all([
    writeFile(files.containerd, containerdConfiguration(settings)),
    writeFile(join(files.cni, '10-bridge.conflist'), JSON.stringify(networkConfiguration)),
    writeFile(files.kubelet, JSON.stringify(kubeletConfiguration(settings))),
    writeFile(files.proxy, JSON.stringify(proxyConfiguration(settings))),
    writeFile(files.resolver, ''),
  ]);
}

/** Socket and state stay where every tool looks for them: a sandbox has a `/run` of its own. */
function containerdConfiguration({ dir, pauseImage }: NodeSettings): string {
  // Basic strings of TOML and strings of JSON are written alike.
  const text = JSON.stringify;
  return `version = 4
root = ${text(join(dir, 'containerd'))}
disabled_plugins = ["io.containerd.nri.v1.nri"]

[plugins."io.containerd.internal.v1.opt"]
path = ${text(join(dir, 'opt'))}

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = ${text(pauseImage)}

[plugins."io.containerd.cri.v1.runtime"]
# Without CAP_SYS_RESOURCE no process may be made less likely to be killed than its parent.
restrict_oom_score_adj = true

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = [${text(cniPluginsDir())}]
conf_dir = ${text(nodeFilesIn(dir).cni)}

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = ${text(nodeProgramPath('runc'))}
SystemdCgroup = false
`;
}

const networkConfiguration = {
  cniVersion: '1.0.0',
  name: 'bridge',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: podNetwork }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

/** Lenient wherever a kubelet asks for a whole machine: swap, control groups of version 1, room on disks. */
function kubeletConfiguration({ dir, cluster, controlGroup }: NodeSettings) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: cluster.ca },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: controlGroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    podLogsDir: join(dir, 'pod-logs'),
    volumePluginDir: join(dir, 'volume-plugins'),
    resolvConf: nodeFilesIn(dir).resolver,
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    // Tests wait for what changes in a mounted ConfigMap, Secret or token; a minute is the default.
    syncFrequency: '10s',
    registerWithTaints: [],
  };
}

/** The limits of connection tracking are the machine's: left alone. */
function proxyConfiguration({ cluster }: NodeSettings) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: cluster.proxyKubeconfig },
    hostnameOverride: nodeName,
    clusterCIDR: podNetwork,
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

export function kubeletFlags({ dir, cluster }: NodeSettings): readonly string[] {
  return [
    `--config=${nodeFilesIn(dir).kubelet}`,
    `--kubeconfig=${cluster.kubeletKubeconfig}`,
    `--root-dir=${join(dir, 'kubelet')}`,
    `--cert-dir=${join(dir, 'kubelet-certificates')}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
  ];
}

export function schedulerFlags({ cluster }: NodeSettings): readonly string[] {
  return [
    `--kubeconfig=${cluster.schedulerKubeconfig}`,
    `--authentication-kubeconfig=${cluster.schedulerKubeconfig}`,
    `--authorization-kubeconfig=${cluster.schedulerKubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
  ];
}
