import type { Clock } from '../../kube/clock.ts';
import type { VaultSecret } from '../../vault/secret.ts';

/** Whether tokens of a token role may be given away. Asked of Vault, and remembered for a minute. */
export interface TokenRoles {
  /** `undefined`: they may. Fails as `read` does. */
  problem(vault: string, role: string, read: () => Promise<VaultSecret>): Promise<string | undefined>;
}

const REMEMBERED_MS = 60_000;
const MAX_ROLES = 1000;

export function createTokenRoles(clock: Clock): TokenRoles {
  const known = new Map<string, { readonly problem: string | undefined; readonly at: number }>();
  return {
    async problem(vault, role, read) {
      const key = JSON.stringify([vault, role]);
      const before = known.get(key);
      if (before !== undefined && clock.now() - before.at < REMEMBERED_MS) return before.problem;
      const problem = problemOf(role, await read());
      known.delete(key);
      known.set(key, { problem, at: clock.now() });
      const [oldest] = known.keys();
      if (known.size > MAX_ROLES && oldest !== undefined) known.delete(oldest);
      return problem;
    },
  };
}

function problemOf(role: string, { data }: VaultSecret): string | undefined {
  if (data === undefined) return `there is no token role ${role}`;
  // Ours is revoked whenever we stop.
  if (data['orphan'] !== true) return `token role ${role} is not orphan: its tokens would end with our own`;
  return undefined;
}
