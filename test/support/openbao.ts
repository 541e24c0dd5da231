/** The server of every test that is not about the difference between the two products. */
import type { ListenerOptions } from './vault-listener.ts';
import { startVaultServer, type VaultServer } from './vault-server.ts';

export type OpenBao = VaultServer;

export function startOpenBao(options: ListenerOptions): Promise<OpenBao> {
  return startVaultServer('OpenBao', options);
}
