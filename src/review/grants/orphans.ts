import type { Clock } from '../../kube/clock.ts';
import type { DecisionEntry, GrantEntry } from './entry.ts';

/**
 * Decisions whose grant is gone. None is deleted before its grant has been gone for so long that no replica still sees it:
 * a Revoke that goes first would let the grant hold again.
 */
export interface Orphans {
  /** Decisions whose grant seems to be gone, where that is not certain yet. */
  unproved(): readonly DecisionEntry[];
  /** The API server itself says that the grant is gone. */
  prove(entry: DecisionEntry): void;
  /** Those that may go now. */
  due(): readonly DecisionEntry[];
}

export interface OrphansOptions {
  readonly clock: Clock;
  /** So long after its grant a decision is kept. */
  readonly graceMs: number;
  readonly grants: ReadonlyMap<string, GrantEntry>;
  readonly decisions: ReadonlyMap<string, DecisionEntry>;
}

export function createOrphans({ clock, graceMs, grants, decisions }: OrphansOptions): Orphans {
  const goneSince = new Map<string, number>();

  /** One that is about another grant of the name is kept with that grant, since it says why it does not count. */
  const seemsGone = ({ grantKey }: DecisionEntry) => !grants.has(grantKey);

  function tidy(): void {
    for (const key of goneSince.keys()) {
      const entry = decisions.get(key);
      if (entry === undefined || !seemsGone(entry)) goneSince.delete(key);
    }
  }

  return {
    unproved() {
      tidy();
      return [...decisions.values()].filter((entry) => seemsGone(entry) && !goneSince.has(entry.key));
    },
    prove: ({ key }) => void goneSince.set(key, clock.now()),
    due() {
      tidy();
      return [...goneSince].flatMap(([key, since]) => {
        const entry = decisions.get(key);
        return entry !== undefined && clock.now() - since >= graceMs ? [entry] : [];
      });
    },
  };
}
