import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { GrantVerdict, Rights, StoredDenial, StoredGrant } from '../desk/desk.ts';
import { type Me, readRights } from './api.ts';
import type { Live } from './live.ts';
import type { Route } from './route.ts';

/** What every part of the page may reach. */
export interface Page {
  readonly me: Me;
  readonly live: Live;
  readonly refresh: () => void;
  readonly route: Route;
  /** Of the address: `?state=Open`. */
  readonly search: string;
  readonly go: (path: string) => void;
  /** Other filters, in the same place of the history. */
  readonly filter: (query: string) => void;
  readonly open: (dialog: Dialog) => void;
  /** Said aloud, and shown for a while. */
  readonly say: (text: string) => void;
}

export type Dialog =
  | { readonly kind: 'decide'; readonly grant: StoredGrant; readonly decision: GrantVerdict['decision'] }
  | { readonly kind: 'ask'; readonly denial: StoredDenial }
  | { readonly kind: 'help' };

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('outside of the page');
  return page;
}

const known = new Map<string, Promise<Rights>>();

/** `undefined`: not known yet, and then nothing is offered. */
export function useRights(namespace: string): Rights | undefined {
  const [rights, setRights] = useState<Rights>();
  useEffect(() => {
    let gone = false;
    const asked = known.get(namespace) ?? readRights(namespace);
    known.set(namespace, asked);
    asked.then(
      (answer) => !gone && setRights(answer),
      () => known.delete(namespace),
    );
    return () => {
      gone = true;
    };
  }, [namespace]);
  return rights;
}
