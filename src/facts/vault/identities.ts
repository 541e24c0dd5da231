import type { Clock } from '../../kube/clock.ts';
import { failureOf } from './failure.ts';
import { type LoginIdentity, loginKey } from './login-identity.ts';
import type { Membership } from './memberships.ts';

/** What was read at the identity engine, by the login that it was read for. */
export interface Identities {
  /** From memory; `undefined`: not read yet. */
  known(identity: LoginIdentity): KnownIdentity | undefined;
  /**
   * Reads it unless it is known and not too old; the same question under way is shared. Never throws for want of an answer.
   * @returns whether it was read
   */
  prepare(identity: LoginIdentity): Promise<boolean>;
}

export type KnownIdentity =
  | { readonly kind: 'membership'; readonly membership: Membership }
  | { readonly kind: 'unread'; readonly why: string };

export interface IdentitiesOptions {
  readonly read: (identity: LoginIdentity) => Promise<Membership>;
  readonly maxAgeMs: number;
  readonly clock: Clock;
}

/** An answer takes some 2 kB. */
const MAX_ENTRIES = 10_000;
/** Until it is asked again what could not be read. */
const UNREAD_AGE_MS = 5000;

interface Entry {
  readonly known: KnownIdentity;
  readonly atMs: number;
}

export function createIdentities({ read, maxAgeMs, clock }: IdentitiesOptions): Identities {
  const entries = new Map<string, Entry>();
  const underWay = new Map<string, Promise<boolean>>();

  function isFresh(entry: Entry | undefined): boolean {
    if (entry === undefined) return false;
    return clock.now() - entry.atMs < (entry.known.kind === 'unread' ? UNREAD_AGE_MS : maxAgeMs);
  }

  function keep(key: string, known: KnownIdentity): void {
    entries.delete(key);
    entries.set(key, { known, atMs: clock.now() });
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
  }

  async function ask(key: string, identity: LoginIdentity): Promise<boolean> {
    try {
      keep(key, { kind: 'membership', membership: await read(identity) });
    } catch (error) {
      keep(key, { kind: 'unread', why: `the identity of the login: ${failureOf(error).why}` });
    } finally {
      underWay.delete(key);
    }
    return true;
  }

  return {
    known: (identity) => atOnce(identity) ?? entries.get(loginKey(identity))?.known,
    prepare(identity) {
      const key = loginKey(identity);
      if (atOnce(identity) !== undefined || isFresh(entries.get(key))) return Promise.resolve(false);
      const asked = underWay.get(key) ?? ask(key, identity);
      underWay.set(key, asked);
      return asked;
    },
  };
}

/** There is nothing to ask for: an account that is not there yet has logged in never. */
function atOnce({ alias, groups, unknown }: LoginIdentity): KnownIdentity | undefined {
  if (alias !== undefined || groups.length > 0) return undefined;
  return { kind: 'membership', membership: { entity: undefined, groups: [], unknown } };
}
