import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { helmPath } from '../../cluster/helm.ts';
import type { Page } from '../page.ts';

/** The chart with its defaults, for those who install without Helm. */
export const installPage: Page = {
  name: 'install',
  path: 'manifests/install.yaml',
  source: 'charts/countersign',
  render() {
    const helm = helmPath();
    if (!existsSync(helm))
      return { missing: 'helm is not built: npm run test:cluster -- --build-only builds it' };
    const chart = fileURLToPath(new URL('../../../charts/countersign', import.meta.url));
    const args = ['template', 'countersign', chart, '--namespace=countersign', '--no-hooks'];
    const { status, stdout, stderr, error } = spawnSync(helm, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`helm template failed: ${error?.message ?? stderr}`);
    return { body: `${NAMESPACE}${withoutHelm(stdout)}` };
  },
};

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: countersign
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

/** What only Helm understands. */
function withoutHelm(text: string): string {
  return text
    .replaceAll(/^ *(?:app\.kubernetes\.io\/managed-by|helm\.sh\/resource-policy): .*\n/gmu, '')
    .replaceAll(/^ *annotations:\n(?=\w)/gmu, '')
    .replaceAll(/^ *annotations:\n(?= {2}labels:)/gmu, '')
    .replaceAll(/^# Source: .*\n/gmu, '');
}
