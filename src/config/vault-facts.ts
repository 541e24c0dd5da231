import type { Config } from '../api/config.ts';
import type { VaultConnection } from '../core/inject/settings.ts';
import { connectionOf } from './injection.ts';

/** A connection that is read, and how Countersign itself logs in there. */
export interface VaultFactsSettings {
  readonly connection: VaultConnection;
  /** Of our own login, without `auth/`. */
  readonly loginMount: string;
  readonly role: string;
  readonly tokenFile: string;
  readonly refreshSeconds: number;
}

/** @throws CountersignError `ERR_CONFIG` when a file is no longer what it was when the configuration was loaded */
export function vaultFactsSettings({ vaults }: Config): readonly VaultFactsSettings[] {
  return Object.entries(vaults).flatMap(([name, vault]) => {
    const { facts } = vault;
    if (facts === undefined) return [];
    const { role, tokenFile, refreshSeconds, authMount = vault.authMount } = facts;
    return [
      { connection: connectionOf(name, vault), loginMount: authMount, role, tokenFile, refreshSeconds },
    ];
  });
}
