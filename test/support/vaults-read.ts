import { vi } from 'vitest';
import type { Registered } from './registered.ts';

/** The webhook is ready before it has read a Vault. These resolve when it says how that went, for each of the connections. */

export function vaultsRead(registered: Registered, ...names: readonly string[]): Promise<void> {
  return said(registered, 'the roles and policies of a Vault are read', names);
}

export function vaultsUnread(registered: Registered, ...names: readonly string[]): Promise<void> {
  return said(registered, 'a Vault cannot be read', names);
}

async function said({ webhook }: Registered, what: string, names: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      const lines = webhook.log.filter(({ msg }) => msg === what);
      const silent = names.filter((name) => !lines.some(({ vault }) => vault === name));
      if (silent.length > 0) throw new Error(`of ${silent.join(', ')} not said yet: ${what}`);
    },
    { timeout: 20_000, interval: 50 },
  );
}
