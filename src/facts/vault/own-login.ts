import type { Clock } from '../../kube/clock.ts';
import { createVaultClient, type VaultClient, type VaultClientOptions } from '../../vault/client.ts';
import type { VaultEndpoint } from '../../vault/endpoint.ts';
import { createReader, type VaultReader } from './reader.ts';

/** How Countersign itself logs in by a connection. */
export interface OwnLoginSettings {
  readonly connection: VaultEndpoint & { readonly name: string };
  /** Of our own login, without `auth/`. */
  readonly loginMount: string;
  readonly role: string;
  readonly tokenFile: string;
}

/** Hears of every request, by the name of the connection: the status of the answer, or what was met instead of one. */
export type OnExchange = (vault: string, ended: number | Error) => void;

export interface OwnLogin {
  readonly client: VaultClient;
  readonly reader: VaultReader;
  /** Our token is revoked. */
  stop(): Promise<void>;
}

/** @throws CountersignError `ERR_CONFIG` for an endpoint that cannot be used */
export function createOwnLogin(
  { connection, loginMount: mount, role, tokenFile }: OwnLoginSettings,
  clock: Clock,
  {
    onExchange,
    random,
  }: { readonly onExchange?: OnExchange | undefined } & Partial<Pick<VaultClientOptions, 'random'>>,
): OwnLogin {
  const client = createVaultClient(connection, {
    ...(random !== undefined && { random }),
    ...(onExchange !== undefined && { onExchange: (ended) => onExchange(connection.name, ended) }),
  });
  const reader = createReader({ client, mount, role, tokenFile, clock });
  return {
    client,
    reader,
    async stop() {
      await reader.stop();
      client.close();
    },
  };
}
