import { createSecretKey, randomBytes } from 'node:crypto';
import type { InjectionSettings } from '../../src/core/inject/settings.ts';
import type { VaultAddress } from './vault-caller.ts';

/** One connection, to that Vault. */
export function settingsFor({ address, ca }: VaultAddress): InjectionSettings {
  return {
    vaults: {
      default: {
        name: 'default',
        address,
        ca,
        authMount: 'kubernetes',
        authMethod: 'kubernetes',
        audience: 'vault',
        tokenExpirationSeconds: 600,
        kvMounts: ['secret'],
      },
    },
    agentImage: 'registry.example/countersign:1',
    agentRepositories: ['registry.example/countersign'],
    imagePullPolicy: 'IfNotPresent',
    env: { runtimeClasses: [] },
    resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { memory: '128Mi' } },
    runAsUser: 65_532,
    keys: [createSecretKey(randomBytes(32))],
  };
}
