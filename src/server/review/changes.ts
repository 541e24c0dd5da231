import { createHash } from 'node:crypto';
import type { Desk } from '../../desk/desk.ts';
import { type Failure, failureOf } from './failure.ts';

/** What open pages are told: a list has other contents than before, or could not be read. Never the contents. */
export type Change =
  | { readonly kind: 'lists'; readonly denials: string; readonly grants: string }
  | { readonly kind: 'failure'; readonly failure: Failure };

export interface Changes {
  /** Told at once how it stands, and then of every change, until `stop` is called. */
  follow(tell: (change: Change) => void): () => void;
  readonly followers: number;
}

export interface ChangesOptions {
  readonly desk: Pick<Desk, 'denials' | 'grants'>;
  readonly namespace: string | undefined;
  readonly everyMs: number;
}

/** The lists are read for all pages together, one after the other, and only while a page is open. */
export function createChanges({ desk, namespace, everyMs }: ChangesOptions): Changes {
  const followers = new Set<(change: Change) => void>();
  let last: { readonly change: Change; readonly text: string } | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const change = await changeNow();
    const text = JSON.stringify(change);
    if (text !== last?.text) {
      last = { change, text };
      for (const tell of followers) tell(change);
    }
    if (followers.size === 0) forget();
    else timer = setTimeout(() => void look(), everyMs);
  }

  async function changeNow(): Promise<Change> {
    try {
      const [denials, grants] = await Promise.all([desk.denials(namespace), desk.grants(namespace)]);
      return { kind: 'lists', denials: digest(denials), grants: digest(grants) };
    } catch (error) {
      return { kind: 'failure', failure: failureOf(error) };
    }
  }

  let looking = false;
  function forget(): void {
    looking = false;
    last = undefined;
    clearTimeout(timer);
  }

  return {
    follow(tell) {
      followers.add(tell);
      if (last !== undefined) tell(last.change);
      if (!looking) {
        looking = true;
        void look();
      }
      return () => void followers.delete(tell);
    },
    get followers() {
      return followers.size;
    },
  };
}

function digest(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 22);
}
