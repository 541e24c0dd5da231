import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from '../../scripts/build.ts';
import type { ClusterClient } from '../../scripts/cluster/client.ts';
import { REGISTRATIONS } from '../../src/api/registration.ts';
import { ownKubeconfig } from './serving.ts';

/** Replicas of the bundle that take certificate, segment and keys from the Secret, behind a real Service. */
export interface Replica {
  readonly webhookPort: number;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Text of an endpoint of the operations port. */
  operations(path: string): Promise<string>;
  stop(): Promise<void>;
}

const SETTLE_SECONDS = 3;
const NAMESPACE = 'countersign';
const METADATA = { namespace: NAMESPACE, name: 'countersign' };

const CONFIG = {
  webhook: { address: '0.0.0.0:0', caller: { mode: 'path' } },
  operations: { address: '127.0.0.1:0' },
  shutdown: { graceSeconds: 0 },
  cluster: { kubeconfig: 'kubeconfig.json' },
  vaults: { default: { address: 'https://vault.invalid:8200' } },
  injection: { image: 'registry.example/countersign-agent:1' },
  keys: { settleSeconds: SETTLE_SECONDS },
};

export async function startReplica(cluster: ClusterClient): Promise<Replica> {
  await build({ quiet: true });
  const dir = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  await writeFile(join(dir, 'config.json'), JSON.stringify(CONFIG));
  await writeFile(join(dir, 'kubeconfig.json'), JSON.stringify(await ownKubeconfig(cluster)));
  const args = ['dist/countersign.cjs', 'serve', '--config', join(dir, 'config.json')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log: Record<string, unknown>[] = [];
  const ports = await new Promise<Record<string, unknown>>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry: Record<string, unknown> = JSON.parse(line);
      log.push(entry);
      if (entry['msg'] === 'serving') resolve(entry);
    });
    void exited.then(() => reject(new Error('the webhook ended')));
  });
  return {
    webhookPort: Number(ports['webhookPort']),
    log,
    operations: async (path) =>
      (await fetch(`http://127.0.0.1:${Number(ports['operationsPort'])}${path}`)).text(),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** As the chart ships it: nobody's, and empty. */
export function emptySecret(): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { ...METADATA, name: 'countersign-keys' } };
}

/** The API server of these tests calls a Service by the addresses of its slices; loopback ones are not allowed there. */
export function serviceOf(replicas: readonly Replica[]): readonly object[] {
  const [address] = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  if (address === undefined) throw new Error('expected a network address that is not of loopback');
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 8443 }];
  const slices = replicas.map(({ webhookPort }, index) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: NAMESPACE,
      name: `countersign-${index}`,
      labels: { 'kubernetes.io/service-name': 'countersign' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address.address], conditions: { ready: true } }],
    ports: [{ name: 'https', port: webhookPort, protocol: 'TCP' }],
  }));
  return [{ apiVersion: 'v1', kind: 'Service', metadata: METADATA, spec: { ports } }, ...slices];
}

/** As the chart ships them, without CA and path; for one namespace, and what goes wrong shows. */
export function bareConfigurations(namespace: string): readonly object[] {
  return (['Mutating', 'Validating'] as const).map((kind) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'countersign' },
    webhooks: REGISTRATIONS.filter((one) => one.kind === kind && one.endpoint.startsWith('inject')).map(
      ({ name, rules, timeoutSeconds }) => ({
        name,
        rules,
        timeoutSeconds,
        clientConfig: { service: METADATA },
        failurePolicy: 'Fail',
        sideEffects: 'NoneOnDryRun',
        admissionReviewVersions: ['v1'],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      }),
    ),
  }));
}
