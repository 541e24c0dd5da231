/** A cluster that is only what docs/vault.md asks of it: an API server that believes every token, and a `kubectl` that has some. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { startFakeReviewer } from './fake-token-review.ts';
import { createCa } from './tls.ts';
import type { PageCluster } from './vault-page-shell.ts';

const UID = '6d1b2f0e-0000-4000-8000-000000000001';
const ACCOUNTS = [
  ['shop', 'api', UID],
  ['countersign', 'countersign', '6d1b2f0e-0000-4000-8000-000000000002'],
] as const;

export async function startFakePageCluster(): Promise<PageCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-vault-page-cluster-'));
  const reviewer = await startFakeReviewer({ team: 'shop' });
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  await writeFile(join(dir, 'ca.crt'), (await createCa()).pem);
  for (const [namespace, name, uid] of ACCOUNTS) {
    const token = new SignJWT({ 'kubernetes.io': { namespace, serviceaccount: { name, uid } } })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('https://kubernetes.default.svc')
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .setAudience(['vault'])
      .setIssuedAt()
      .setExpirationTime('1h');
    await writeFile(join(dir, `${namespace}-${name}`), await token.sign(privateKey));
  }
  return {
    tokenPublicKey: await exportSPKI(publicKey),
    labels: {
      account: { namespace: 'shop', name: 'api' },
      uid: UID,
      namespaceLabels: { team: 'shop' },
    },
    kubectl: `case "$*" in
wait*) ;;
*certificate-authority-data*) base64 < '${dir}/ca.crt' ;;
*cluster.server*) echo '${reviewer.address}' ;;
'get secret vault-reviewer'*) base64 < '${dir}/countersign-countersign' ;;
'create token '*' -n '*' --audience=vault') cat "${dir}/$5-$3" ;;
*) echo "unexpected: kubectl $*" >&2; exit 1 ;;
esac`,
    async stop() {
      await reviewer.stop();
      await rm(dir, { recursive: true });
    },
  };
}
