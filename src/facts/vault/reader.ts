import { CountersignError } from '../../core/errors.ts';
import type { Clock } from '../../kube/clock.ts';
import type { VaultClient } from '../../vault/client.ts';
import type { VaultLogin } from '../../vault/secret.ts';
import { failureOf, isForbidden, vaultFailure } from './failure.ts';
import { readTokenFile } from './token-file.ts';

/** Our own identity at Vault: one token, got and renewed when it is needed, shared by all who ask. */
export interface VaultReader {
  /** Logs in anew, once, where Vault refuses a token that is not fresh: it may have been revoked. */
  call<T>(ask: (token: string) => Promise<T>): Promise<T>;
  /** Revokes the token; a failure of that is no matter, since it ends by itself. */
  stop(): Promise<void>;
}

export interface ReaderOptions {
  readonly client: Pick<VaultClient, 'login' | 'renewSelf' | 'revokeSelf'>;
  /** Of the login, without `auth/`. */
  readonly mount: string;
  readonly role: string;
  /** Of the projected service account token: read at each login, since the kubelet puts new ones there. */
  readonly tokenFile: string;
  readonly clock: Clock;
}

interface Held {
  readonly token: string;
  readonly renewable: boolean;
  readonly firstTtlMs: number;
  readonly gotMs: number;
  readonly renewAtMs: number;
  readonly endsMs: number;
}

type Term = Pick<VaultLogin, 'token' | 'ttlSeconds' | 'renewable'>;

/** @param first the login, where this is a renewal. */
function heldFrom({ token, ttlSeconds, renewable }: Term, nowMs: number, first?: Held): Held {
  // 0: it does not end by itself.
  const ttlMs = ttlSeconds === 0 ? Number.POSITIVE_INFINITY : ttlSeconds * 1000;
  return {
    token,
    renewable,
    firstTtlMs: first?.firstTtlMs ?? ttlMs,
    gotMs: first?.gotMs ?? nowMs,
    renewAtMs: nowMs + (ttlMs * 2) / 3,
    endsMs: nowMs + ttlMs,
  };
}

/** A refusal of a token as young as this is about its policies. */
const FRESH_MS = 10_000;
/** After a login that failed, for those who ask meanwhile. */
const PAUSE_MS = 1000;
/** Between attempts to get another token while there is still one. */
const AGAIN_MS = 5000;
/** Of a token's life, for requests under way. */
const MARGIN_MS = 2000;

export function createReader({ client, mount, role, tokenFile, clock }: ReaderOptions): VaultReader {
  let held: Held | undefined;
  let underWay: Promise<Held> | undefined;
  let failed: { readonly error: unknown; readonly atMs: number } | undefined;

  async function logIn(): Promise<Held> {
    if (failed !== undefined && clock.now() - failed.atMs < PAUSE_MS) throw failed.error;
    try {
      const jwt = await readTokenFile(tokenFile);
      return heldFrom(await client.login({ mount, role, jwt }), clock.now());
    } catch (error) {
      const refused = error instanceof CountersignError && error.code === 'ERR_VAULT_REFUSED';
      const told = refused ? vaultFailure('LoginRefused', error.message) : error;
      failed = { error: told, atMs: clock.now() };
      throw told;
    }
  }

  async function renewed(old: Held): Promise<Held> {
    const next = old.renewable ? await renew(old) : undefined;
    if (next !== undefined) return next;
    try {
      return await logIn();
    } catch (error) {
      if (old.endsMs - clock.now() < MARGIN_MS) throw error;
      return { ...old, renewAtMs: clock.now() + AGAIN_MS };
    }
  }

  /** `undefined`: it can be no longer, or not for long: near the end of what a token may live, it gets less and less. */
  async function renew(old: Held): Promise<Held | undefined> {
    const state = await client.renewSelf(old.token).catch((error: unknown) => void failureOf(error));
    if (state === undefined) return undefined;
    const next = heldFrom({ ...state, token: old.token }, clock.now(), old);
    return next.endsMs - clock.now() > old.firstTtlMs / 2 ? next : undefined;
  }

  async function current(): Promise<Held> {
    if (held !== undefined && clock.now() < held.renewAtMs) return held;
    underWay ??= (held === undefined || held.endsMs - clock.now() < MARGIN_MS ? logIn() : renewed(held))
      .then((next) => {
        held = next;
        return next;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  }

  return {
    async call(ask) {
      const used = await current();
      try {
        return await ask(used.token);
      } catch (error) {
        if (!isForbidden(error) || clock.now() - used.gotMs < FRESH_MS) throw error;
        if (held === used) held = undefined;
        return ask((await current()).token);
      }
    },
    async stop() {
      const last = held;
      held = undefined;
      if (last !== undefined) await client.revokeSelf(last.token).catch(() => undefined);
    },
  };
}
