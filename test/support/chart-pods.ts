/** The tenant's pods in tests of the chart: such as ask for a credential, and such as do not. */
import { nodeImages } from './node-images.ts';

export const ASKS = {
  'countersign.dev/inject': 'true',
  'countersign.dev/needs': '',
  'countersign.dev/agent': 'init',
  'countersign.dev/credential.db': 'secret/data/shop/db',
  'countersign.dev/file.password': 'db.password',
} as const;

/** To be created on dry-run: as restricted namespaces take it. */
export function triedPod(namespace: string, annotations: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tried', namespace, annotations },
    spec: {
      serviceAccountName: 'api',
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'app',
          image: nodeImages.tools,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
