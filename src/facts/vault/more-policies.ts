import { inTurns } from './in-turns.ts';
import { type KnownPolicy, readPolicy } from './policies.ts';
import type { VaultQuestions } from './questions.ts';
import { WIDTH } from './table.ts';

/** Policies that no role names, but entities and groups do: read when they are met, and with the table from then on. */
export interface MorePolicies {
  get(name: string): KnownPolicy | undefined;
  names(): Iterable<string>;
  /** Those that are not known. @returns whether there were any */
  read(names: Iterable<string>, signal: AbortSignal): Promise<boolean>;
}

const MAX_ENTRIES = 1000;

/** @param isKnown it is in the table. */
export function createMorePolicies(
  questions: Pick<VaultQuestions, 'policy'>,
  isKnown: (name: string) => boolean,
): MorePolicies {
  const policies = new Map<string, KnownPolicy>();

  return {
    get: (name) => policies.get(name),
    names: () => policies.keys(),
    async read(names, signal) {
      const wanted = [...new Set(names)].filter((name) => {
        const known = policies.get(name);
        return !isKnown(name) && (known === undefined || known.kind === 'unread');
      });
      await inTurns(WIDTH, wanted, async (name) => {
        policies.set(name, await readPolicy(questions, name, signal));
        const [oldest] = policies.keys();
        if (policies.size > MAX_ENTRIES && oldest !== undefined) policies.delete(oldest);
      });
      return wanted.length > 0;
    },
  };
}
