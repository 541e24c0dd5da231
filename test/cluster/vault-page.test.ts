import { readFile } from 'node:fs/promises';
import { describe } from 'vitest';
import { programPath } from '../../scripts/cluster/components.ts';
import { filesIn } from '../../scripts/cluster/layout.ts';
import { sharedCluster } from '../support/cluster.ts';
import { readVaultPage } from '../support/vault-page.ts';
import type { PageCluster } from '../support/vault-page-shell.ts';
import { vaultPageSuite } from '../support/vault-page-suite.ts';

/** docs/vault.md, followed with both servers and a real API server. */

const cluster = sharedCluster();
const objects = (await readVaultPage()).sections.flatMap((section) => section.cluster);
const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });

async function pageCluster(): Promise<PageCluster> {
  await cluster.kubectl(['apply', '-f', '-'], { input });
  const uid = await cluster.kubectl(['get', 'sa', 'api', '-n', 'shop', '-o', 'jsonpath={.metadata.uid}']);
  return {
    kubectl: `exec '${programPath('kubectl')}' --kubeconfig='${cluster.kubeconfig}' "$@"`,
    tokenPublicKey: await readFile(filesIn(cluster.dir).tokenPublicKey, 'utf8'),
    labels: {
      account: { namespace: 'shop', name: 'api' },
      uid: uid.stdout,
      namespaceLabels: { team: 'shop' },
    },
    async stop() {
      await cluster.kubectl(['delete', '--ignore-not-found', '-f', '-'], { input });
    },
  };
}

describe.each(['OpenBao', 'Vault'] as const)('docs/vault.md at %s:', (product) => {
  vaultPageSuite(product, pageCluster, ['file', 'discovery']);
});
