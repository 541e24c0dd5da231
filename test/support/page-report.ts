import type { AccessReport } from '../../src/core/report/access-report.ts';

/** Three accounts: one has too much and too little, one is shared, and as one nothing runs. */
export const REPORT: AccessReport = {
  madeAt: '2026-01-31T12:00:00Z',
  factsAgeSeconds: 0,
  incomplete: [
    'you may not list all clusterrolebindings: it takes list clusterrolebindings.rbac.authorization.k8s.io everywhere',
  ],
  accounts: [
    {
      namespace: 'shop',
      serviceAccount: 'api',
      shared: false,
      workloads: [{ kind: 'Deployment', name: 'api', policy: 'production', declared: true, result: 'deny' }],
      vaultRoles: [],
      scopes: [
        {
          state: 'missing',
          undetermined: false,
          scope: 'get,list endpointslices.discovery.k8s.io in shop',
          risk: 'low',
          via: '',
        },
        {
          state: 'excess',
          undetermined: false,
          scope: '* secrets everywhere',
          risk: 'critical',
          why: 'reads every secret of the cluster',
          via: 'ClusterRoleBinding legacy-admin → ClusterRole legacy (group system:serviceaccounts)',
        },
        {
          state: 'needed',
          undetermined: false,
          scope: 'get configmaps in shop',
          risk: 'low',
          via: 'RoleBinding api → Role api',
        },
      ],
      moreScopes: 0,
      notes: [],
      held: 2,
      needed: 1,
      missing: 1,
      unknown: 0,
      excess: { critical: 1, high: 0, medium: 0, low: 0 },
    },
    {
      namespace: 'pay',
      serviceAccount: 'ledger',
      shared: true,
      workloads: [
        { kind: 'Deployment', name: 'ledger', policy: 'production', declared: true, result: 'pass' },
        { kind: 'CronJob', name: 'close-books', policy: 'production', declared: true, result: 'pass' },
      ],
      vaultRoles: [],
      scopes: [
        {
          state: 'excess',
          undetermined: false,
          scope: 'vault update secret/data/shared/*',
          risk: 'high',
          via: 'Vault role ledger → policy shared-rw',
        },
      ],
      moreScopes: 0,
      notes: [],
      held: 1,
      needed: 0,
      missing: 0,
      unknown: 0,
      excess: { critical: 0, high: 1, medium: 0, low: 0 },
    },
    {
      namespace: 'build',
      serviceAccount: 'ci',
      shared: false,
      workloads: [],
      vaultRoles: [],
      scopes: [
        {
          state: 'unknown',
          undetermined: true,
          scope: 'patch deployments.apps in build',
          risk: 'high',
          via: 'RoleBinding build/ci → Role deployer',
        },
      ],
      moreScopes: 0,
      notes: ['no workload that is listed here runs as it now'],
      held: 1,
      needed: 0,
      missing: 0,
      unknown: 1,
      excess: { critical: 0, high: 0, medium: 0, low: 0 },
    },
  ],
};
